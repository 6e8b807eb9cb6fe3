"""Deciding again from an archive that a Guard recorded: the same questions, the same documents, the same Decisions."""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapeguard.decide.agreement import Agreement
from scrapeguard.decide.profile import Profile, parse_profile
from scrapeguard.errors import ScrapeguardError
from scrapeguard.guard import Guard
from scrapeguard.inquiry import PolicyFetch
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import FetchFailure, RequestKind, Response
from scrapeguard.model.purpose import Purpose, parse_purpose
from scrapeguard.testing import FrozenClock
from scrapeguard.transport.archive import DamagedArchive, PlayedTransport, Record, canonical_json, read_records

_OF_THE_GUARD = ("agent", "product_token", "profile", "policy_fetch", "probes", "context", "agreements")
_GUARDS_KEPT = 16


@dataclass(frozen=True)
class Replay:
    """A question asked again. ``same`` tells whether the Decision is the recorded one, bit for bit in its JSON."""

    decision: Decision
    same: bool


class Recording:
    """What a Guard with ``record=`` wrote. Raises `ScrapeguardError` where the file is damaged.

    >>> import scrapeguard, tempfile
    >>> site = scrapeguard.MemoryTransport({"https://example.com/robots.txt": "User-agent: *\\nDisallow: /private"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Guard("examplebot/1.0", transport=site, record=f"{folder}/a.warc.gz") as guard:
    ...         live = guard.allowed("https://example.com/private", "search")
    ...     again, = Recording(f"{folder}/a.warc.gz").replay()
    >>> again.same, again.decision == live
    (True, True)
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._records = list(read_records(self.path))
        self._by_id = {r.id: r for r in self._records}
        self._exchanges = [r.number for r in self._records if r.is_exchange and not r.is_given]
        self._guards: dict[bytes, tuple[Guard, FrozenClock]] = {}

    @property
    def questions(self) -> tuple[Record, ...]:
        """The records of what was asked, in order."""
        return tuple(r for r in self._records if r.holds == "question")

    def asked(self, url: str | None = None, purpose: Purpose | None = None) -> tuple[Record, ...]:
        """The questions about a URL, for a purpose; all of them where neither is given."""
        return tuple(
            r
            for r in self.questions
            if (url is None or r.content.get("url") == url) and (purpose is None or r.content.get("purpose") == purpose)
        )

    def replay(
        self, questions: Iterable[Record] | None = None, *, profile: str | Profile | None = None
    ) -> Iterable[Replay]:
        """Ask again, in order; ``profile`` takes the place of the recorded one.

        Raises `ScrapeguardError` for a question that cannot be asked again.
        """
        for record in self.questions if questions is None else questions:
            yield self._again(record, profile)

    def _again(self, record: Record, profile: str | Profile | None) -> Replay:
        asked = record.content
        try:
            now = datetime.fromisoformat(asked["decided_at"]).astimezone(UTC) if asked["decided_at"] else None
            documents = [self._response(number) for number in asked["documents"]]
            guard = self._guard_at(record, now, profile)
            how: dict[str, Any] = {"commercial": asked["commercial"], "documents": documents}
            if asked["page"] is None:
                decision = guard.allowed(asked["url"], asked["purpose"], **how)
            else:
                further = {k: asked[k] for k in ("retain", "user", "country", "assets")}
                decision = guard.decide(self._response(asked["page"]), asked["purpose"], **how, **further)
        except (KeyError, TypeError, AttributeError) as error:
            what = f"record {record.number} is no question that can be asked again"
            raise DamagedArchive(f"{self.path}: {what}: {error!r}") from error
        digest = hashlib.sha256(canonical_json(decision.to_dict())).hexdigest()
        return Replay(decision, digest == asked.get("decision_sha256"))

    def _guard_at(self, record: Record, now: datetime | None, profile: str | Profile | None) -> Guard:
        """A Guard as it was then; the last few are kept, for questions between which nothing was fetched."""
        asked = record.content
        known = bisect(self._exchanges, record.number)
        key = canonical_json([known, str(profile), *(asked[name] for name in _OF_THE_GUARD)])
        if key not in self._guards:
            while len(self._guards) >= _GUARDS_KEPT:
                del self._guards[next(iter(self._guards))]
            clock = FrozenClock() if now is None else FrozenClock(now)
            self._guards[key] = self._guard(asked, record.number, clock, profile), clock
        guard, clock = self._guards[key]
        if now is not None:
            clock.now = now
        return guard

    def _guard(self, asked: Mapping[str, Any], number: int, clock: FrozenClock, profile: str | Profile | None) -> Guard:
        fetch = PolicyFetch(asked["policy_fetch"])
        live = fetch is not PolicyFetch.HELD
        return Guard(
            asked["agent"],
            self._profile(asked["profile"]) if profile is None else profile,
            product_token=asked["product_token"],
            transport=PlayedTransport(self._records, until=number, live=live),
            agreements=[Agreement.from_dict(a) for a in asked["agreements"]],
            policy_fetch=fetch if live else PolicyFetch.OBEY,
            probes=[RequestKind(p) for p in asked["probes"]],
            context=asked["context"],
            clock=clock,
        )

    def _profile(self, number: str) -> Profile:
        """The profile as it was then, whatever the built-in ones say today."""
        content = self._by_id[number].content
        if content["text"] == content["name"]:
            raise ScrapeguardError(f"{self.path}: decided under a profile made in code, {content['name']!r}; give it as profile=")
        return parse_profile(content["text"], content["name"])

    def _response(self, number: str) -> Response:
        record = self._by_id.get(number)
        exchange = record.exchange() if record is not None else None
        if exchange is None or isinstance(exchange, FetchFailure):
            raise DamagedArchive(f"{self.path}: the record {number}, a document that was given, is missing")
        return replace(exchange, held=False)

    def decide(self, url: str, purpose: Purpose | str, **options: Any) -> Decision:
        """A question that was not asked at the recording, from all that was recorded. ``options`` are `Guard`'s."""
        latest = max((r.at for r in self._records if r.is_exchange and r.at), default=None)
        transport = PlayedTransport(self._records, until=len(self._records), live=True)
        guard = Guard(transport=transport, clock=(lambda: latest) if latest is not None else None, **options)
        return guard.allowed(url, parse_purpose(purpose))
