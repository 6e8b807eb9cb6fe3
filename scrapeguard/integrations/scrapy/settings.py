"""The ``SCRAPEGUARD_*`` settings, read once when a crawl starts; every fault is named before the first request."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from scrapeguard.decide.agreement import Agreement, load_agreements
from scrapeguard.decide.profile import Profile, load_profile
from scrapeguard.errors import InvalidAgent, InvalidConfiguration, UnknownPurpose
from scrapeguard.inquiry import PolicyFetch
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.purpose import Purpose, parse_purpose
from scrapeguard.robots import product_token
from scrapeguard.signals import PROBES

SPIDER_PURPOSE = "scrapeguard_purpose"
"""The spider's attribute (or ``-a`` argument) that goes before the setting."""

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "SCRAPEGUARD_PURPOSE": None,
        "SCRAPEGUARD_AGENT": None,
        "SCRAPEGUARD_PROFILE": "standard",
        "SCRAPEGUARD_COMMERCIAL": None,
        "SCRAPEGUARD_AGREEMENTS": (),
        "SCRAPEGUARD_ON_UNKNOWN": "profile",
        "SCRAPEGUARD_ON_DENIED_USE": "drop",
        "SCRAPEGUARD_POLICY_FETCH": "obey",
        "SCRAPEGUARD_PROBES": tuple(kind.value for kind in PROBES),
        "SCRAPEGUARD_MAX_DELAY": 60.0,
        "SCRAPEGUARD_ITEM_FIELD": None,
        "SCRAPEGUARD_STORE": None,
        "SCRAPEGUARD_KEEP_DECISIONS": True,
        "SCRAPEGUARD_RECORD": None,
    }
)
"""Every setting and its default. The longest Crawl-delay that Nutch keeps before it gives a site up is 30 seconds."""

_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "SCRAPEGUARD_ON_UNKNOWN": ("profile", "deny", "flag"),
        "SCRAPEGUARD_ON_DENIED_USE": ("drop", "flag"),
        "SCRAPEGUARD_POLICY_FETCH": ("obey", "always"),
    }
)

NO_PURPOSE = (
    "not set: say in settings.py what the pages are for, for instance "
    f'SCRAPEGUARD_PURPOSE = "search". One of {", ".join(Purpose)}. A spider may say it for itself: '
    f'custom_settings = {{"SCRAPEGUARD_PURPOSE": …}}, the attribute {SPIDER_PURPOSE}, or '
    f"-a {SPIDER_PURPOSE}=… on the command line"
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Options:
    """What a crawl was told."""

    purpose: Purpose
    product_token: str
    profile: Profile
    commercial: bool | None
    agreements: tuple[Agreement, ...]
    on_unknown: str
    on_denied_use: str
    policy_fetch: PolicyFetch
    probes: tuple[RequestKind, ...]
    max_delay: float
    store: str | None
    keep_decisions: bool
    record: str | None

    @property
    def keeps(self) -> bool:
        """True where the crawl is to leave something behind."""
        return self.store is not None or self.record is not None


def read_options(crawler: Crawler) -> Options:
    """The options of a crawler's settings and spider. Raises `InvalidConfiguration` with every fault."""
    settings = crawler.settings
    faults = [*_unknown_names(settings), *_wrong_choices(settings)]

    def read(name: str, parse: Callable[[Any], _T]) -> _T | None:
        try:
            return parse(settings.get(name, DEFAULTS[name]))
        except InvalidConfiguration as error:
            faults.extend(f"{name}: {fault}" for fault in error.faults)
        except (InvalidAgent, UnknownPurpose, ValueError, TypeError) as error:
            faults.append(f"{name}: {error}")
        return None

    purpose = read("SCRAPEGUARD_PURPOSE", lambda value: _purpose(crawler, value))
    token = read("SCRAPEGUARD_AGENT", lambda value: product_token(value or _user_agent(settings)))
    profile = read("SCRAPEGUARD_PROFILE", load_profile)
    commercial = read("SCRAPEGUARD_COMMERCIAL", _yes_or_no)
    agreements = read("SCRAPEGUARD_AGREEMENTS", load_agreements)
    probes = read("SCRAPEGUARD_PROBES", lambda _: _kinds(settings))
    delay = read("SCRAPEGUARD_MAX_DELAY", _seconds)
    store = read("SCRAPEGUARD_STORE", _path)
    decisions = read("SCRAPEGUARD_KEEP_DECISIONS", lambda _: settings.getbool("SCRAPEGUARD_KEEP_DECISIONS", True))
    record = read("SCRAPEGUARD_RECORD", lambda value: _record(crawler, value))
    if faults or purpose is None or token is None or profile is None:
        raise InvalidConfiguration("the settings of this crawl", faults)
    return Options(
        purpose=purpose,
        product_token=token,
        profile=profile,
        commercial=commercial,
        agreements=agreements or (),
        on_unknown=choice(settings, "SCRAPEGUARD_ON_UNKNOWN"),
        on_denied_use=choice(settings, "SCRAPEGUARD_ON_DENIED_USE"),
        policy_fetch=PolicyFetch(choice(settings, "SCRAPEGUARD_POLICY_FETCH")),
        probes=probes or (),
        max_delay=delay or 0.0,
        store=store,
        keep_decisions=bool(decisions),
        record=record,
    )


def choice(settings: BaseSettings, name: str) -> str:
    """The value of a setting that is a word, or its default."""
    return str(settings.get(name, DEFAULTS[name]))


def _unknown_names(settings: BaseSettings) -> list[str]:
    faults = []
    for name in settings:
        if str(name).startswith("SCRAPEGUARD_") and name not in DEFAULTS:
            near = difflib.get_close_matches(str(name), DEFAULTS, n=1)
            faults.append(f"{name}: no such setting" + (f"; did you mean {near[0]}?" if near else ""))
    return faults


def _wrong_choices(settings: BaseSettings) -> list[str]:
    return [
        f"{name} = {choice(settings, name)!r}: write one of {', '.join(repr(v) for v in valid)}"
        for name, valid in _CHOICES.items()
        if choice(settings, name) not in valid
    ]


def _purpose(crawler: Crawler, value: Any) -> Purpose:
    named = getattr(crawler.spider, SPIDER_PURPOSE, None) or value
    if not named:
        raise UnknownPurpose(NO_PURPOSE)
    return parse_purpose(named)


def _user_agent(settings: BaseSettings) -> str:
    return str(settings.get("ROBOTSTXT_USER_AGENT") or settings.get("USER_AGENT") or "")


def _yes_or_no(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in {"1", "true", "yes"}:
        return True
    if word in {"0", "false", "no"}:
        return False
    raise ValueError(f"{value!r} is neither True nor False; leave it out when you do not know")


def _kinds(settings: BaseSettings) -> tuple[RequestKind, ...]:
    names = settings.getlist("SCRAPEGUARD_PROBES", list(DEFAULTS["SCRAPEGUARD_PROBES"]))
    wrong = [name for name in names if name not in {kind.value for kind in PROBES}]
    if wrong:
        raise ValueError(f"{', '.join(map(repr, wrong))}: write some of {', '.join(kind.value for kind in PROBES)}")
    return tuple(RequestKind(name) for name in names)


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 < seconds < float("inf"):
        raise ValueError(f"{value!r} is no number of seconds above 0")
    return seconds


def _record(crawler: Crawler, value: Any) -> str | None:
    """The path, with the placeholders that Scrapy's feeds have."""
    at = datetime.now(UTC).replace(microsecond=0, tzinfo=None).isoformat().replace(":", "-")
    name = crawler.spider.name if crawler.spider is not None else ""
    path = _path(value)
    return path.replace("%(time)s", at).replace("%(name)s", name) if path else None


def _path(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str | Path) or not str(value).strip():
        raise ValueError(f"{value!r} is no path of a file; leave the setting out when nothing is to be kept")
    return str(value)
