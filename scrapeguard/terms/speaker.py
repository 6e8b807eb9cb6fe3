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
_FORM = 16
_BRACKETS = re.compile(r"\(([^()\n]{3,160})\)")
_QUOTED = re.compile(r"[\"“‘][\s*_]{0,4}([A-Z][^\"“”’\n]{1,40}?)[\s,.*_]{0,5}[\"”’]")
_NAME = re.compile(r"[A-Z][\w&'’-]*(?:[ .][A-Z][\w&'’-]*){0,3}[,.*_]{0,3} ?$")


class Speaker:
    """The company that speaks in a text.

    >>> speaker = Speaker("Tarn Ltd (“Tarn”, “we” or “us”) runs this site.")
    >>> speaker.said("You agree that Tarn will not copy your data, and that you will not copy data of Tarn.")
    'You agree that we will not copy your data, and that you will not copy data of Tarn.'
    """

    def __init__(self, text: str) -> None:
        count: Counter[str] = Counter()
        for act in _data()["acts"]:
            at = text.find(act)
            while at >= 0:
                if found := _NAME.search(text, max(0, at - _BEFORE), at):
                    count[_bare(found[0])] += 1
                at = text.find(act, at + len(act))
        for m in _BRACKETS.finditer(text):
            if _selves().search(m[1]) or _form().search(text, max(0, m.start() - _FORM), m.start()):
                count.update(_bare(q) for q in _QUOTED.findall(m[1]))
        names = [n for n, _ in count.most_common(_MOST) if len(n) > 1]
        self.names = tuple(sorted(names, key=len, reverse=True))

    def said(self, text: str) -> str:
        """The text, with «we» for each of the names where that is a subject."""
        for name in self.names:
            kept: list[str] = []
            done, at = 0, text.find(name)
            while at >= 0:
                subject = _subject().match(text, at + len(name))
                if subject and not text[at - 1 : at].isalnum():
                    kept += text[done:at], "we"
                    done = subject.end()
                at = text.find(name, max(at + 1, done))
            if kept:
                text = "".join([*kept, text[done:]])
        return text


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
def _subject() -> re.Pattern[str]:
    """What may follow a name up to the verb of which it is the subject."""
    after = "|".join(_data()["after"])
    return re.compile(rf"(?:,? Inc\.?| LLC| Ltd\.?)?(?: (?:and|or) its affiliates)?(?= (?:{after})\b)")


@cache
def _form() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, _data()['forms']))})[.,*_]{{0,3}} ?$")


@cache
def _selves() -> re.Pattern[str]:
    return re.compile(rf"[\"“‘]\W{{0,4}}(?:{'|'.join(_data()['selves'])})\b", re.IGNORECASE)
