"""ai.txt (Spawning, 2023-05-30): may media of this host enter data sets for model training?

Groups of User-agent, Disallow and Allow as in robots.txt, with patterns that are mostly file extensions (``*.jpg``); matched
as there: own group before ``*``, longest pattern, Allow on ties. Many servers answer any path with an HTML page: without a
single User-agent line the file counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from scrapeguard._pattern import Pattern, compile_pattern, normalise
from scrapeguard.model.evidence import LineRef, SourceState
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Statement
from scrapeguard.signals.documents import Document, quoted
from scrapeguard.signals.vocabulary import vocabulary
from scrapeguard.signals.voices import said

MAX_RULES = 5_000
_TOKEN_END = re.compile(r"[/\s*;(,]")


class _Rule(NamedTuple):
    pattern: Pattern
    allow: bool
    statement: Statement


class AiTxtVoice:
    """The groups of one ai.txt."""

    __slots__ = ("_groups", "scoped")

    def __init__(self, groups: dict[str, list[_Rule]]) -> None:
        # Most octets first, Allow before Disallow: the first that matches decides (RFC 9309 §2.2.2).
        self._groups = {token: tuple(sorted(rules, key=lambda r: (-r.pattern.octets, not r.allow)))
                        for token, rules in groups.items()}
        self.scoped = True

    def says(self, query: Query) -> Sequence[Statement]:
        """The rule that decides for the query's target, if any."""
        rules = self._groups.get(query.product_token.lower())
        if rules is None:
            rules = self._groups.get("*", ())
        target = normalise(query.target)
        return next(((rule.statement,) for rule in rules if rule.pattern.matches(target)), ())


def read_ai_txt(document: Document) -> tuple[AiTxtVoice | None, Document]:
    """The voice of an ai.txt, None where it is no such file; what in it could not be read becomes a note of its source.

    A file that goes on beyond what is read is a gap: a longer pattern may stand in the rest.
    """
    words = vocabulary()
    groups: dict[str, list[_Rule]] = {}
    run: list[str] = []
    closed = False
    notes: list[str] = []
    count = 0
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", document.text), 1):
        line = raw.partition("#")[0].strip(" \t")
        name, colon, value = (part.strip(" \t") for part in line.partition(":"))
        field = name.lower()
        if not colon:
            continue
        if field == "user-agent":
            if closed:
                run, closed = [], False
            token = "*" if value[:1] == "*" else _TOKEN_END.split(value, maxsplit=1)[0].lower()
            run.append(token)
            groups.setdefault(token, [])
        elif field in {"allow", "disallow"} and run:
            closed = True
            pattern = compile_pattern(value) if value else None
            if pattern is None:
                if value:
                    notes.append(f"line {number}: {value[:60]!r} is no path pattern and matches nothing")
                continue
            count += 1
            if count > MAX_RULES:
                return None, document.noted(f"more than {MAX_RULES} rules", state=SourceState.UNREADABLE)
            entry = words[f"ai-txt/{field}"]
            evidence = quoted(document.source, line, LineRef(number))
            rule = _Rule(pattern, field == "allow", said(entry, evidence, text=f"{line[:80]}: {entry.text}").statement)
            for token in dict.fromkeys(run):
                groups[token].append(rule)
    if document.cut:
        return None, document.noted("too long to be read as ai.txt", state=SourceState.UNREADABLE)
    if not groups:
        return None, document.noted("holds no User-agent line, so it is no ai.txt", state=SourceState.ABSENT)
    return AiTxtVoice(groups), document.noted(*notes)
