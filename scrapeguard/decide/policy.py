"""A site's policy, read once, asked a million times: pick the statements for a URL, combine them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from types import MappingProxyType
from typing import Any

from scrapeguard._url import parse_url
from scrapeguard.decide.agreement import Agreement
from scrapeguard.decide.combine import combine
from scrapeguard.decide.context import context_for
from scrapeguard.decide.profile import Profile, load_profile
from scrapeguard.model.decision import Decision, Outcome
from scrapeguard.model.evidence import Source
from scrapeguard.model.policy import PagePolicy
from scrapeguard.model.ports import Voice
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Statement

PAGE_CHANNELS = ("response status", "header fields", "meta elements")
"""What is only known once the page itself has been fetched."""

_REMEMBERED = 4096


@dataclass(slots=True)
class SitePolicy:
    """All that was read about one authority for one crawler.

    ``sources`` lists every document that was read or should have been; ``documents`` the parsed ones by their URL
    (`RobotsTxt`, `TermsDocument`, …), for people who explore. ``expires_at`` is when it must be read again.
    ``readings`` is what reading a page of the site builds on.
    """

    authority: str
    product_token: str
    voices: tuple[Voice, ...]
    sources: tuple[Source, ...]
    documents: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    expires_at: datetime | None = None
    readings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False, compare=False)
    _fixed: tuple[Statement, ...] = field(init=False, repr=False, compare=False)
    _scoped: tuple[Voice, ...] = field(init=False, repr=False, compare=False)
    _gaps: tuple[Source, ...] = field(init=False, repr=False, compare=False)
    _outcomes: dict[tuple[object, ...], tuple[Outcome, object]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        self._scoped = tuple([v for v in self.voices if v.scoped])
        self._fixed = ()
        if len(self._scoped) < len(self.voices):
            anywhere = Query("", "/", Purpose.ACCESS, self.product_token)
            self._fixed = tuple(s for v in self.voices if not v.scoped for s in v.says(anywhere))
        self._gaps = tuple([s for s in self.sources if s.state.is_gap])

    @property
    def gaps(self) -> tuple[Source, ...]:
        """The sources that should have been read and could not be."""
        return self._gaps

    def statements(self, query: Query, page: PagePolicy | None = None) -> tuple[Statement, ...]:
        """Everything that speaks to the query, whatever it means for its purpose."""
        if page is None:
            return self._fixed + tuple(s for v in self._scoped for s in v.says(query))
        kept = [v for v in self.voices if not any(v is r for r in page.replaces)]
        return tuple(s for v in (*kept, *page.voices) for s in v.says(query))

    def decide(
        self,
        query: Query,
        page: PagePolicy | None = None,
        *,
        profile: Profile | str = "standard",
        agreements: Sequence[Agreement] = (),
        context: bool = True,
    ) -> Decision:
        """The Decision for one URL and purpose. Pure: the same input gives the same answer.

        Before the page is fetched, ``decision.missing`` says which channels are not known yet. ``agreements`` that cover the
        question lift terms and signals; ``context`` False leaves enforcement actions and legal floors out.
        """
        chosen = profile if isinstance(profile, Profile) else load_profile(profile)
        covering = [a for a in agreements if a.covers(self._host, query.target, query.purpose)] if agreements else []
        if page is not None and not page.is_silent:
            said = self.statements(query, page)
            outcome = self._combine(said, query, chosen, covering, context, gaps=self._gaps + page.gaps)
            return Decision(query.url, outcome, query.now, self.expires_at)
        scoped: list[Statement] = []
        for voice in self._scoped:
            scoped += voice.says(query)
        missing = PAGE_CHANNELS if page is None else ()
        # Readers keep one Statement a rule, so URLs under the same rules share the outcome; the entry holds statements, profile
        # and agreements, which keeps their ids from being used again.
        key: tuple[object, ...] = (query.purpose, query.commercial, context, missing, id(chosen), *map(id, scoped))
        if covering:
            key += tuple((id(a), a.ended(query.now)) for a in covering)
        known = self._outcomes.get(key)
        if known is None:
            said = (*self._fixed, *scoped)
            outcome = self._combine(said, query, chosen, covering, context, gaps=self._gaps, missing=missing)
            if len(self._outcomes) >= _REMEMBERED:
                self._outcomes.clear()
            known = self._outcomes[key] = (outcome, (chosen, *scoped, *covering))
        return Decision(query.url, known[0], query.now, self.expires_at)

    def to_pandas(self, *, path: str = "/") -> Any:
        """A table of everything the site says of a path: one row a statement and evidence (needs ``scrapeguard[pandas]``)."""
        return import_module("scrapeguard.integrations.tables").policy_frame(self, path=path)

    def _repr_html_(self) -> str:
        """How notebooks show it; the view stands above this layer, so it is named here and not imported."""
        return str(import_module("scrapeguard.integrations.notebook").policy_html(self))

    @property
    def _host(self) -> str:
        return parse_url(self.authority).host

    def _combine(
        self,
        said: Sequence[Statement],
        query: Query,
        profile: Profile,
        agreements: Sequence[Agreement],
        context: bool,
        *,
        gaps: Sequence[Source],
        missing: Sequence[str] = (),
    ) -> Outcome:
        return combine(
            said,
            query.purpose,
            profile=profile,
            product_token=self.product_token,
            commercial=query.commercial,
            gaps=gaps,
            missing=missing,
            agreements=agreements,
            now=query.now,
            context=context_for(self._host, query.purpose) if context else (),
        )
