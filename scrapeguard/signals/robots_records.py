"""Records of robots.txt beside the rules that have, or had, a meaning for the use of content.

``Noindex: path`` is read as Google once did, ``DisallowAITraining: path`` as draft-canel-robots-ai-control-00 had it; both only
in their restrictive half. ``AllowAITraining`` grants nothing: the draft expired and its next version dropped the name. Host,
Clean-param, Sitemap and the like speak of addresses, never of permission.
"""

from __future__ import annotations

from collections.abc import Sequence

from scrapeguard._pattern import compile_pattern
from scrapeguard.model.evidence import Source
from scrapeguard.model.extension import Extension
from scrapeguard.model.ports import Voice
from scrapeguard.signals.documents import line_evidence
from scrapeguard.signals.vocabulary import vocabulary
from scrapeguard.signals.voices import PathVoice, path_rule, said

NAME = "robots-records"
_SIGNALS = {"noindex": "robots-noindex/path", "disallowaitraining": "robots-disallowaitraining/path"}
_DROPPED = "allowaitraining"
NAMES = (*_SIGNALS, _DROPPED)
"""The names of the records that are read."""


def from_robots(records: Sequence[Extension], source: Source) -> tuple[list[Voice], list[str]]:
    """The voice of the Noindex and DisallowAITraining records of the caller's group."""
    rules = []
    notes = []
    words = vocabulary()
    for record in records:
        if record.name == _DROPPED:
            notes.append(f"line {record.line}: AllowAITraining is a name of an expired draft and grants nothing")
        signal = _SIGNALS.get(record.name)
        if signal is None or not record.value:
            continue
        if compile_pattern(record.value) is None:
            notes.append(f"line {record.line}: {record.value[:60]!r} is no path pattern and matches nothing")
            continue
        entry = words[signal]
        rules.append(path_rule(record.value, [
            said(entry, line_evidence(source, record), text=f"{record.name} {record.value[:80]}: {entry.text}")]))
    return ([PathVoice(rules)] if rules else []), notes
