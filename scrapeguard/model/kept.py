"""What is kept beside documents: what a site said at a time, and who went ahead against a Decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scrapeguard.model.evidence import SourceState
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.statement import Effect, Family


class Version(NamedTuple):
    """The text drawn from a body (Open Terms Archive's word), by digests: the same body and reader give the same text."""

    url: str
    body_sha256: str
    reader: str
    text_sha256: str


class ReadSource(NamedTuple):
    """A document at the time of a reading: what became of it, and the digest of its body."""

    url: str
    kind: RequestKind
    state: SourceState
    sha256: str = ""
    note: str = ""


class Provision(NamedTuple):
    """One thing that a site provides, in a form that can be compared over time.

    ``about`` is what it speaks of: an activity of a contract (``ai-training``), a path of robots.txt, a purpose with its verdict.
    ``subject`` is whom or where it binds: a product token, a path, an edition. ``section`` and ``quote`` tell where it stands
    and how it is worded; they may change without a change of meaning (`meaning`).
    """

    signal: str
    family: Family
    effect: Effect
    about: str
    subject: str = ""
    exceptions: tuple[str, ...] = ()
    uncertain: bool = False
    url: str = ""
    section: str = ""
    quote: str = ""

    @property
    def topic(self) -> tuple[str, ...]:
        """What stays when only exceptions or certainty change."""
        return (self.signal, self.effect, self.about, self.subject)

    @property
    def meaning(self) -> tuple[object, ...]:
        """What must be equal for two provisions to say the same."""
        return (*self.topic, self.exceptions, self.uncertain)


@dataclass(frozen=True, slots=True)
class SiteReading:
    """A site as one crawler read it: documents, versions of its terms, and every provision found.

    ``software`` names the code and rules that read it, so that a difference of theirs is not taken for one of the site.
    """

    authority: str
    product_token: str
    software: str
    read_at: datetime
    expires_at: datetime | None
    sources: tuple[ReadSource, ...]
    versions: tuple[Version, ...]
    provisions: tuple[Provision, ...]


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody went ahead against a Decision: who, when, why. It changes no answer; it stands on record beside the Decision.

    ``number`` and ``decision`` are the record's and the Decision's numbers in the store.
    """

    number: int
    decision: int
    reason: str
    by: str
    at: datetime
