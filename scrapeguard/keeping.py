"""What a Guard keeps of its work: readings and Decisions in a store, questions and drawn texts in an archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scrapeguard.decide.policy import SitePolicy
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Response
from scrapeguard.model.kept import Override
from scrapeguard.model.ports import Clock, Store, Transport
from scrapeguard.provisions import reading_of
from scrapeguard.terms import TermsDocument
from scrapeguard.transport.recording import RecordingTransport, WarcRecorder


@dataclass(frozen=True)
class Keeper:
    """Hands on what is to be kept: to ``store`` and to ``recorder``, where there are such."""

    store: Store | None = None
    recorder: WarcRecorder | None = None
    decisions: bool = True

    def around(self, transport: Transport, *, agent: str, clock: Clock) -> Transport:
        """The transport with the store's answers before it and the archive after it."""
        if self.store is not None and transport.live:
            from scrapeguard.transport.caching import CachingTransport  # noqa: PLC0415 - only with a store

            transport = CachingTransport(transport, self.store, agent=agent, clock=clock)
        return RecordingTransport(transport, self.recorder, clock=clock) if self.recorder is not None else transport

    def site_read(self, policy: SitePolicy, documents: Sequence[Response], now: datetime | None) -> None:
        """A site was read: what it says, and the texts drawn from its terms."""
        if self.recorder is not None:
            for source in policy.sources:
                document = policy.documents.get(source.url)
                if isinstance(document, TermsDocument):
                    self.recorder.add_text(source, document.text, reader=document.reader)
        if self.store is not None:
            for held in documents:
                self.store.add_snapshot(held.body)
            self.store.add_reading(*reading_of(policy, read_at=now or datetime.now(UTC)))

    def decided(self, decision: Decision, question: Mapping[str, Any]) -> Decision:
        """A Decision was made; ``question`` is what a replay must ask."""
        if self.store is not None and self.decisions:
            self.store.add_decision(decision)
        if self.recorder is not None:
            self.recorder.add_question(decision, question)
        return decision

    def overridden(self, decision: Decision, *, reason: str, by: str, at: datetime) -> Override:
        """Somebody goes ahead against a Decision."""
        if self.store is None:
            raise ValueError("an override is kept beside its Decision: give the Guard a store, store='policies.db'")
        if not reason.strip() or not by.strip():
            raise ValueError("an override says why and who: reason='permission by letter of …', by='name or role'")
        return self.store.add_override(decision, reason=reason.strip(), by=by.strip(), at=at)
