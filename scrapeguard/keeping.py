"""What a Guard keeps of its work: readings and Decisions in a store, questions and drawn texts in an archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapeguard.decide.policy import SitePolicy
from scrapeguard.errors import StoreError
from scrapeguard.history import Change, changes_in
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Response
from scrapeguard.model.kept import Override
from scrapeguard.model.ports import Clock, Store, Transport
from scrapeguard.provisions import reading_of
from scrapeguard.store import open_store
from scrapeguard.terms import TermsDocument
from scrapeguard.transport.recording import RecordingTransport, WarcRecorder, recordable


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
        if self.recorder is not None:
            transport = RecordingTransport(transport, self.recorder, agent=agent, clock=clock)
        return transport

    def given(self, documents: Iterable[Response]) -> tuple[Response, ...]:
        """Documents in the caller's hands, in the form in which the archive gives them back."""
        return tuple(map(recordable, documents)) if self.recorder is not None else tuple(documents)

    def site_read(self, policy: SitePolicy, documents: Sequence[Response], now: datetime | None) -> None:
        """A site was read: what it says, and the texts drawn from its terms."""
        if self.recorder is not None:
            for held in documents:
                self.recorder.add_held(held)
            for source in policy.sources:
                document = policy.documents.get(source.url)
                if isinstance(document, TermsDocument):
                    self.recorder.add_text(source, document.text, reader=document.reader)
        if self.store is not None:
            for held in documents:
                self.store.add_snapshot(held.body)
            self.store.add_reading(*reading_of(policy, read_at=now or datetime.now(UTC)))

    def decided(
        self,
        decision: Decision,
        asked: Mapping[str, Any],
        *,
        documents: Sequence[Response] = (),
        page: Response | None = None,
    ) -> None:
        """A Decision was made; ``asked``, the documents given and the page are what a replay must ask with."""
        if self.store is not None and self.decisions:
            self.store.add_decision(decision)
        if self.recorder is not None:
            given = [self.recorder.add_held(d) for d in documents]
            read = self.recorder.add_held(page) if page is not None else None
            profile = self.recorder.add_profile(decision.profile, asked["profile"])
            self.recorder.add_question(decision, {**asked, "profile": profile, "documents": given, "page": read})

    def close(self) -> None:
        """Close the store and the archive."""
        if self.store is not None:
            self.store.close()
        if self.recorder is not None:
            self.recorder.close()

    def overridden(self, decision: Decision, *, reason: str, by: str, at: datetime) -> Override:
        """Somebody goes ahead against a Decision."""
        if self.store is None:
            raise ValueError("an override is kept beside its Decision: give the Guard a store, store='policies.db'")
        if not reason.strip() or not by.strip():
            raise ValueError("an override says why and who: reason='permission by letter of …', by='name or role'")
        return self.store.add_override(decision, reason=reason.strip(), by=by.strip(), at=at)

    def changes(self, policy: SitePolicy) -> tuple[Change, ...]:
        """What changed at a site since it was first read."""
        if self.store is None:
            raise ValueError("changes are found in a store: give the Guard one, store='policies.db'")
        return changes_in(self.store.readings(policy.authority, policy.product_token))


def keeper(
    store: str | Path | Store | None, record: str | Path | None, *, optional: bool = False, decisions: bool = True
) -> Keeper:
    """A Keeper for a store's path, URL or itself, and the path of an archive; either may be None.

    Raises `StoreError`, `ScrapeguardError` where one cannot be opened.
    """
    recorder = WarcRecorder(record) if record is not None else None
    try:
        opened = open_store(store, optional=optional) if store is not None else None
    except StoreError:
        if recorder is not None:
            recorder.close()
        raise
    return Keeper(opened, recorder, decisions)
