"""The one currency: what a site said. Every reader turns its source into Statements; the combination sees nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from scrapeguard.model.evidence import Evidence
from scrapeguard.model.purpose import Purpose


class Effect(StrEnum):
    """Force of a statement or clause (deontic logic; ODRL prohibition, permission, duty)."""

    FORBID = "forbid"
    PERMIT = "permit"
    REQUIRE = "require"


class Activity(StrEnum):
    """What a clause of a contract is about."""

    AUTOMATED_ACCESS = "automated-access"
    EXTRACTION = "extraction"
    AI_TRAINING = "ai-training"
    AI_USE = "ai-use"
    TDM = "tdm"
    IDENTIFICATION = "identification"
    PERSONAL_DATA = "personal-data"
    INDEXING = "indexing"
    ARCHIVING = "archiving"
    COMMERCIAL_USE = "commercial-use"
    REDISTRIBUTION = "redistribution"
    COMPETING_USE = "competing-use"
    CIRCUMVENTION = "circumvention"
    EXCESSIVE_LOAD = "excessive-load"


class Exemption(StrEnum):
    """An exception that a clause itself states."""

    PERMISSION = "permission"
    SEARCH_ENGINE = "search-engine"
    ROBOTS_TXT = "robots-txt"
    API = "api"
    LAW = "law"
    PERSONAL = "personal"
    RESEARCH = "research"
    CONSENT = "consent"
    OTHER = "other"


class Verdict(StrEnum):
    """What the sources say for one purpose.

    ``allow``: expressly accepted (for access: nothing forbids the fetch). ``deny``: objected to. ``conditional``: accepted if
    something is met that a person must see to. ``silent``: nobody speaks of it; the profile decides.
    """

    ALLOW = "allow"
    DENY = "deny"
    CONDITIONAL = "conditional"
    SILENT = "silent"


class Family(StrEnum):
    """Which kind of source spoke: a profile says for each whether it binds."""

    ROBOTS = "robots"
    SIGNALS = "signals"
    TERMS = "terms"


class ConditionKind(StrEnum):
    """Something to be met, or an obligation that goes with the use (ODRL duty, RSL payment, robots meta limits)."""

    PERMISSION = "permission"
    API = "api"
    ROBOTS_TXT = "robots-txt"
    ATTRIBUTION = "attribution"
    PAYMENT = "payment"
    CONSENT = "consent"
    PERSONAL = "personal"
    RESEARCH = "research"
    NON_COMMERCIAL = "non-commercial"
    LICENCE = "licence"
    LAW = "law"
    OTHER = "other"
    CRAWL_DELAY = "crawl-delay"
    REQUEST_RATE = "request-rate"
    VISIT_TIME = "visit-time"
    EXCESSIVE_LOAD = "excessive-load"
    CIRCUMVENTION = "circumvention"
    MAX_SNIPPET = "max-snippet"
    NO_SNIPPET = "no-snippet"
    STRIP_NOSNIPPET = "strip-data-nosnippet"
    NO_FOLLOW = "no-follow"
    NO_TRANSLATE = "no-translate"
    IMAGE_PREVIEW = "image-preview"
    VIDEO_PREVIEW = "video-preview"
    NO_RETENTION = "no-retention"
    CITE_AND_LINK = "cite-and-link"
    EXPIRES = "expires"
    REPORT = "report"
    USER = "user"
    GEO = "geo"
    SERVER = "server"
    PLACE_LIMIT = "place-limit"
    UNCERTAIN = "uncertain"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing to meet. ``text`` is a sentence for people; ``value`` the number, amount or address in it, if any."""

    kind: ConditionKind
    text: str
    value: float | str | None = None
    evidence: tuple[Evidence, ...] = ()


class Meaning(NamedTuple):
    """What a statement means for one purpose. ``direct`` is False where the library extends it to a neighbour.

    ``conditions`` stand with a conditional verdict and name what would make it an allow.
    """

    purpose: Purpose
    verdict: Verdict
    direct: bool = True
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source said at one place.

    ``signal`` names the channel (``robots``, ``content-signal``, ``tdmrep``, ``terms``, …), ``family`` the kind of source.
    ``text`` says in words what was said. A machine-readable signal carries ``means``, resolved through its vocabulary; a
    clause of a contract carries ``activities`` and ``exceptions``, which `scrapeguard.decide` turns into meanings, because
    they depend on the caller (commercial or not, profile). ``gate`` marks robots.txt: a forbid there closes every purpose.
    ``conditions`` are obligations that hold whatever the verdict. ``uncertain`` marks a clause under the confidence threshold.
    ``partial`` marks a ban that names a part only (accounts, one interface, one purpose): it conditions and does not close.
    """

    signal: str
    family: Family
    effect: Effect
    text: str
    evidence: tuple[Evidence, ...] = ()
    means: tuple[Meaning, ...] = ()
    activities: tuple[Activity, ...] = ()
    exceptions: tuple[Exemption, ...] = ()
    conditions: tuple[Condition, ...] = ()
    gate: bool = False
    uncertain: bool = False
    confidence: float | None = None
    partial: bool = False
