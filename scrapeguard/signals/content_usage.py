"""AIPREF Content-Usage: draft-ietf-aipref-vocab-07 and draft-ietf-aipref-attach-05, both of 2026-08-19.

A header field or a rule of a robots.txt group holds an RFC 9651 Dictionary of categories, each ``y`` or ``n``. Header and
robots.txt are two statements and neither is the more specific one: any ``n`` wins (vocab §5.1), which the combination of
statements does. Which labels exist is data (`vocabulary.toml`); labels of earlier drafts are unknown ones (§2.2).
"""

from __future__ import annotations

from collections.abc import Sequence

from scrapeguard.model.evidence import Evidence, HeaderRef, Source
from scrapeguard.model.exchange import Response
from scrapeguard.model.extension import Extension
from scrapeguard.model.ports import Voice
from scrapeguard.signals.documents import line_evidence, quoted
from scrapeguard.signals.structured_fields import Malformed, Token, parse_dictionary
from scrapeguard.signals.vocabulary import vocabulary
from scrapeguard.signals.voices import FixedVoice, LongestPathVoice, PathRule, Said, path_rule, said, split_path

NAME = "content-usage"


def read_preference(text: str, evidence: Sequence[Evidence]) -> tuple[list[Said], list[str]]:
    """What one usage preference says, and what in it could not be read (vocab §6).

    A preference that does not parse says nothing at all (§6.5.1), an unknown label or value nothing for itself.
    """
    try:
        members = parse_dictionary(text)
    except Malformed as fault:
        return [], [f"Content-Usage {text[:80]!r} says nothing: {fault}"]
    things: list[Said] = []
    notes: list[str] = []
    words = vocabulary()
    for label, member in members.items():
        value = member.value
        entry = words.get(f"content-usage/{label}={value}") if isinstance(value, Token) else None
        if entry is None:
            notes.append(f"Content-Usage: {label[:40]}={str(value)[:40]} is no known preference and says nothing")
            continue
        note = f" (its parameters {member.parameters[:80]} are not part of the vocabulary)" if member.parameters else ""
        things.append(said(entry, *evidence, text=f"Content-Usage {label}={value}: {entry.text}{note}"))
    return things, notes


def from_robots(records: Sequence[Extension], source: Source) -> tuple[list[Voice], list[str]]:
    """The voice of the Content-Usage rules in the group that governs the caller (attach §3)."""
    rules: list[PathRule] = []
    notes: list[str] = []
    for record in records:
        if record.name != NAME:
            continue
        path, preference = split_path(record.value)
        things, odd = read_preference(preference, (line_evidence(source, record),))
        notes += [f"line {record.line}: {note}" for note in odd]
        # Also a rule that says nothing replaces the shorter ones (attach §3.1: the winner replaces them completely).
        rules.append(path_rule(path, things))
    if not rules:
        return [], notes
    if all(rule.pattern is None for rule in rules):
        return [FixedVoice(thing for rule in rules for thing in rule.says)], notes
    return [LongestPathVoice(rules)], notes


def from_header(response: Response, source: Source) -> tuple[list[Voice], list[str]]:
    """The voice of the response field; its lines make one value, joined with a comma (RFC 9651 §4.2, attach §2)."""
    values = response.header_values(NAME)
    if not values:
        return [], []
    evidence = [quoted(source, value, HeaderRef(NAME, index)) for index, value in enumerate(values[:8])]
    things, notes = read_preference(", ".join(values), evidence)
    return ([FixedVoice(things)] if things else []), notes
