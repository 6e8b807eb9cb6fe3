"""The answer: a verdict, the reasons in order of weight, and for each the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from scrapeguard.model.evidence import Source
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Condition, Statement, Verdict


@dataclass(frozen=True, slots=True)
class Reason:
    """One statement, and what it meant for the question.

    ``verdict`` is what the statement alone says for the purpose, ``direct`` False where that was extended from a neighbouring
    use. ``decisive`` is True when the Decision's verdict rests on it; ``text`` is the sentence for people.
    """

    statement: Statement
    verdict: Verdict
    direct: bool
    decisive: bool
    text: str


@dataclass(frozen=True, slots=True)
class ContextNote:
    """A fact around the question that decides nothing: ``kind`` is ``enforcement`` or ``law``; not legal advice."""

    kind: str
    text: str
    date: str
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the statements came to for one purpose: shared by the Decisions of all URLs to which the same statements apply."""

    purpose: Purpose
    verdict: Verdict
    allowed: bool
    profile: str
    product_token: str
    commercial: bool | None
    reasons: tuple[Reason, ...]
    conditions: tuple[Condition, ...]
    advisory: tuple[Reason, ...]
    unspoken: tuple[Statement, ...]
    missing: tuple[str, ...]
    gaps: tuple[Source, ...]
    incomplete: bool
    why: str
    remedies: tuple[str, ...]
    signal: str
    context: tuple[ContextNote, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """May this URL be fetched and used for this purpose, and why. True as a bool only when allowed.

    ``decided_at`` is the time of the question, ``expires_at`` the time after which the sources must be read again.

    >>> import scrapeguard
    >>> site = scrapeguard.MemoryTransport({"https://example.com/robots.txt": b"User-agent: *\\nDisallow: /private"})
    >>> guard = scrapeguard.Guard(agent="examplebot/1.0", transport=site)
    >>> decision = guard.allowed("https://example.com/private/x", "search")
    >>> bool(decision), decision.verdict.value, decision.reasons[0].statement.evidence[0].place.line
    (False, 'deny', 2)
    """

    url: str
    outcome: Outcome
    decided_at: datetime | None = None
    expires_at: datetime | None = None

    def __bool__(self) -> bool:
        return self.outcome.allowed

    @property
    def allowed(self) -> bool:
        """True when the verdict is allow, or silent where the profile lets silence pass; never with an open condition."""
        return self.outcome.allowed

    @property
    def verdict(self) -> Verdict:
        """What the binding sources say."""
        return self.outcome.verdict

    @property
    def purpose(self) -> Purpose:
        """The purpose asked about."""
        return self.outcome.purpose

    @property
    def profile(self) -> str:
        """Name of the profile that turned the verdict into yes or no."""
        return self.outcome.profile

    @property
    def product_token(self) -> str:
        """The crawler's name in robots.txt."""
        return self.outcome.product_token

    @property
    def commercial(self) -> bool | None:
        """What the caller said of commercial use; None when nothing."""
        return self.outcome.commercial

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Binding statements that speak of the purpose, the weightiest first."""
        return self.outcome.reasons

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What must be met or kept: open conditions of a conditional verdict, and obligations of an allowed one."""
        return self.outcome.conditions

    @property
    def advisory(self) -> tuple[Reason, ...]:
        """Statements that the profile does not let bind, or that an agreement lifts."""
        return self.outcome.advisory

    @property
    def unspoken(self) -> tuple[Statement, ...]:
        """Statements of the same sources that say nothing for this purpose."""
        return self.outcome.unspoken

    @property
    def context(self) -> tuple[ContextNote, ...]:
        """Actions known at this site and legal floors for this purpose. They inform and never decide."""
        return self.outcome.context

    @property
    def missing(self) -> tuple[str, ...]:
        """Channels not known yet because the page was not fetched (header fields, meta elements)."""
        return self.outcome.missing

    @property
    def gaps(self) -> tuple[Source, ...]:
        """Sources that should have been read and could not be; each says why."""
        return self.outcome.gaps

    @property
    def incomplete(self) -> bool:
        """True when there are gaps: something may have been said that nobody could read."""
        return self.outcome.incomplete

    @property
    def why(self) -> str:
        """One sentence: what decided, or why nothing did."""
        return self.outcome.why

    @property
    def remedies(self) -> tuple[str, ...]:
        """What would change the answer, one sentence each."""
        return self.outcome.remedies

    @property
    def signal(self) -> str:
        """The channel that decided: ``robots``, ``terms``, ``tdmrep``, … ``conflict``, or ``none``."""
        return self.outcome.signal

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able mapping that `from_dict` reads back to an equal Decision.

        >>> import json, scrapeguard
        >>> guard = scrapeguard.Guard(agent="examplebot", transport=scrapeguard.MemoryTransport({}))
        >>> decision = guard.allowed("https://example.com/", "search")
        >>> scrapeguard.Decision.from_dict(json.loads(json.dumps(decision.to_dict()))) == decision
        True
        """
        from scrapeguard.model.record import decision_to_dict  # noqa: PLC0415 - only writing and reading records needs it

        return decision_to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Decision:
        """The Decision that `to_dict` wrote. Raises ValueError naming the field that does not fit."""
        from scrapeguard.model.record import decision_from_dict  # noqa: PLC0415 - as above

        return decision_from_dict(data)

    def explain(self) -> str:
        """Everything in words: every statement, what it means for this purpose, why it decided or not."""
        from scrapeguard.model.text import render_explanation  # noqa: PLC0415 - as above

        return render_explanation(self)

    def _repr_html_(self) -> str:
        """How notebooks show it; the view stands above the model, so it is named here and not imported."""
        return str(import_module("scrapeguard.integrations.notebook").decision_html(self))

    def __str__(self) -> str:
        from scrapeguard.model.text import render_decision  # noqa: PLC0415 - only printing needs it

        return render_decision(self)
