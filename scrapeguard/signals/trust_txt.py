"""trust.txt: the JournalList reference document, with the field ``datatrainingallowed`` of 2024-04-04.

Lines ``name=value`` and ``#`` comments, at ``/trust.txt`` or else ``/.well-known/trust.txt``. At most one record of the field;
two, or another value than yes and no, say nothing. No paths, no agents. Other fields speak of ownership and membership.
"""

from __future__ import annotations

from scrapeguard.model.evidence import LineRef, SourceState
from scrapeguard.signals.documents import Document, quoted
from scrapeguard.signals.vocabulary import vocabulary
from scrapeguard.signals.voices import FixedVoice, said

FIELD = "datatrainingallowed"


def read_trust_txt(document: Document) -> tuple[FixedVoice | None, Document]:
    """The voice of a trust.txt; what in it could not be read becomes a note of its source."""
    if document.cut:  # a second record may stand in the rest
        return None, document.noted("too long to be read as trust.txt", state=SourceState.UNREADABLE)
    records = [
        (number, line.strip(), value.strip().lower())
        for number, line in enumerate(document.text.splitlines(), 1)
        for name, equals, value in (line.partition("#")[0].partition("="),)
        if equals and name.strip().lower() == FIELD
    ]
    if not records:
        return None, document
    if len(records) > 1:
        return None, document.noted(f"{FIELD} stands {len(records)} times and so says nothing")
    number, line, value = records[0]
    entry = vocabulary().get(f"trust-txt/{value}")
    if entry is None:
        return None, document.noted(f"line {number}: {FIELD}={value[:40]} is neither yes nor no and says nothing")
    evidence = quoted(document.source, line, LineRef(number))
    return FixedVoice([said(entry, evidence, text=f"{FIELD}={value}: {entry.text}")]), document
