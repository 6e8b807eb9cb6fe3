"""What a Guard keeps of its work: readings and Decisions in a store, questions and drawn texts in an archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapeguard.decide.policy import SitePolicy
from scrapeguard.errors import StoreError
from scrapeguard.history import Change, changes_in
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import Exchange, Request, Response
from scrapeguard.model.kept import Override
from scrapeguard.model.ports import Clock, Store, Transport
from scrapeguard.model.query import Query
from scrapeguard.provisions import reading_of
from scrapeguard.store import open_store
from scrapeguard.terms import TermsDocument
from scrapeguard.transport.recording import RecordingTransport, WarcRecorder, recordable, recorded

if TYPE_CHECKING:
    from scrapeguard.transport.caching import Cache

_OF_THE_QUERY = ("purpose", "commercial", "retain", "user", "country")


class Decided(NamedTuple):
    """A Decision that was made. ``question``, the documents given and the page are what a replay must ask with; without a
    question (see `question_of`) it is not to be asked again."""

    decision: Decision
    question: Mapping[str, Any] | None
    documents: Sequence[Response] = ()
    page: Response | None = None


def question_of(query: Query, asking: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """What was asked, and how: ``asking`` are the options of a Guard."""
    return {name: getattr(query, name) for name in _OF_THE_QUERY} | dict(asking) | more


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

    def cache(self, *, agent: str, clock: Clock) -> Cache | None:
        """The store's answers, for a caller who does the sending."""
        if self.store is None:
            return None
        from scrapeguard.transport.caching import Cache  # noqa: PLC0415 - only with a store

        return Cache(self.store, agent=agent, clock=clock)

    def received(self, request: Request, exchange: Exchange, *, agent: str, clock: Clock) -> Exchange:
        """An answer as the archive gives it back, now that it is recorded there."""
        if self.recorder is None:
            return exchange
        return recorded(self.recorder, request, exchange, agent=agent, clock=clock)

    def given(self, documents: Iterable[Response]) -> tuple[Response, ...]:
        """Documents in the caller's hands, in the form in which the archive gives them back."""
        return tuple(map(recordable, documents)) if self.recorder is not None else tuple(documents)

    def site_read(self, policy: SitePolicy, documents: Sequence[Response], now: datetime | None) -> None:
        """A site was read: what it says, and the texts drawn from its terms."""
        if self.store is not None:
            for held in documents:
                self.store.add_snapshot(held.body)
            self.store.add_reading(*reading_of(policy, read_at=now or datetime.now(UTC)))
        if self.recorder is not None:
            for held in documents:
                self.recorder.add_held(held)
            for source in policy.sources:
                document = policy.documents.get(source.url)
                if isinstance(document, TermsDocument):
                    self.recorder.add_text(source, document.text, reader=document.reader)

    def decided(self, *made: Decided) -> None:
        """Decisions were made, in this order."""
        if self.store is not None and self.decisions:
            self.store.add_decisions([each.decision for each in made])
        if self.recorder is not None:
            for each in made:
                self._record(self.recorder, each)

    @staticmethod
    def _record(recorder: WarcRecorder, made: Decided) -> None:
        given = [recorder.add_held(d) for d in made.documents]
        read = recorder.add_held(made.page) if made.page is not None else None
        if made.question is not None:
            profile = recorder.add_profile(made.decision.profile, made.question["profile"])
            question = {**made.question, "profile": profile, "documents": given, "page": read}
            recorder.add_question(made.decision, question)

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
