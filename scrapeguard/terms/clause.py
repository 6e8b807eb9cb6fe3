"""One clause of a terms document, as it was read."""

from __future__ import annotations

from dataclasses import dataclass

from scrapeguard.model.statement import Activity, Effect, Exemption
from scrapeguard.terms.bound import USERS

READING = {Activity.AUTOMATED_ACCESS, Activity.EXTRACTION}
AI = {Activity.AI_TRAINING, Activity.AI_USE}

LARGE, NARROW, PART = "large", "narrow", "part"
"""How far a ban on reading by machine, or on AI, reaches."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A passage that forbids, permits or requires something about automated use.

    ``quote`` is ``doc.text[start:end]``. ``lead_in`` holds the spans one must have read to understand it («You agree not to:»),
    outermost first. ``rules`` names what decided: ids of rules, and the features of the model that weighed most
    (``en.w:data min`` is a run of stems, ``en.w:F@robot`` a concept under a ban). ``confidence`` is the calibrated probability
    that the clause says what it is said to say; ``uncertain`` marks those under the threshold of their activity. ``edition`` is
    the heading that limits it to some readers («If you live in the European Region»), ``binds`` who is bound (``users``
    at large, or `scrapeguard.terms.bound.PARTIES`). ``reach`` is
    ``large``, ``narrow`` (only accounts, posts, clicks, games) or ``part`` (only some purposes, one interface, or
    what the service's own AI gives). A ban of reading that is not large closes no site, here or in a Decision; one on AI
    makes the document's verdict conditional, and a Decision on AI still refuses.
    """

    start: int
    end: int
    quote: str
    activities: tuple[Activity, ...]
    effect: Effect
    exceptions: tuple[Exemption, ...] = ()
    section: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    confidence: float = 1.0
    uncertain: bool = False
    lead_in: tuple[tuple[int, int], ...] = ()
    edition: str | None = None
    binds: str = USERS
    reach: str = LARGE
