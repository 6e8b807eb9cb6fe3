"""Which names a company gives itself in its terms: where one is the subject of a sentence, it says what «we» would say."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files

_MOST = 6
"""Names of one document, the most frequent."""
_BEFORE = 70
_BRACKETS = re.compile(r"\(([^()\n]{3,160})\)")
_QUOTED = re.compile(r"[\"“‘][\s*_]{0,4}([A-Z][^\"“”’\n]{1,40}?)[\s,.*_]{0,5}[\"”’]")
_NAME = re.compile(r"[A-Z][\w&'’-]*(?:[ .][A-Z][\w&'’-]*){0,3}[,.*_]{0,3} ?$")


def speaks_as_we(text: str) -> re.Pattern[str] | None:
    """A pattern of the company's names where they are subjects, to be replaced by «we»; None when the text names nobody.

    >>> pattern = speaks_as_we("Tarn Ltd (“Tarn”, “we” or “us”) runs this site.")
    >>> pattern.sub("we", "You agree that Tarn will not copy your data, and that you will not copy data of Tarn.")
    'You agree that we will not copy your data, and that you will not copy data of Tarn.'
    """
    count: Counter[str] = Counter()
    for m in _acts().finditer(text):
        if found := _NAME.search(text, max(0, m.start() - _BEFORE), m.start()):
            count[_bare(found[0])] += 1
    for m in _BRACKETS.finditer(text):
        if _selves().search(m[1]):
            count.update(_bare(q) for q in _QUOTED.findall(m[1]))
    names = [n for n, _ in count.most_common(_MOST) if len(n) > 1]
    if not names:
        return None
    listed = "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))
    after = "|".join(_data()["after"])
    return re.compile(rf"\b(?:{listed})(?:,? Inc\.?| LLC| Ltd\.?)?(?: (?:and|or) its affiliates)?(?= (?:{after})\b)")


def _bare(name: str) -> str:
    """The name without what stands before it in the sentence; empty when it names the other side."""
    words = name.strip(" ,.*_").split()
    while words and words[0].lower() in _data()["never"]:
        del words[0]
    return "" if any(w.lower() in _data()["never"] for w in words) else " ".join(words)


@cache
def _data() -> dict[str, list[str]]:
    return tomllib.loads(files(__package__).joinpath("data/speaker.toml").read_text(encoding="utf-8"))


@cache
def _acts() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_data()['acts'])})\b")


@cache
def _selves() -> re.Pattern[str]:
    return re.compile(rf"[\"“‘]\W{{0,4}}(?:{'|'.join(_data()['selves'])})\b", re.IGNORECASE)
