"""What a site has agreed with this caller: it lifts terms and usage signals, and robots.txt only where it says so."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from scrapeguard._pattern import matcher
from scrapeguard.errors import InvalidConfiguration, UnknownPurpose
from scrapeguard.model.purpose import Purpose, parse_purpose

_KEYS = {"site", "purposes", "paths", "until", "reference", "robots"}


@dataclass(frozen=True)
class Agreement:
    """Permission that a site gave to this caller.

    ``site`` is a host; its subdomains are meant too. ``purposes`` may be written as `Guard.allowed` takes them. ``paths`` are RFC
    9309 path patterns (default: everything). ``until`` is the last day on which it holds (None: no end). ``reference`` says where
    it is written down, and stands in every Decision that rests on it. ``robots`` True lets it lift robots.txt as well.

    Raises `InvalidConfiguration` naming every fault.

    >>> Agreement("example.com", ["ai-train"], reference="letter of 3 May 2026").covers("www.example.com", "/p", Purpose.AI_TRAIN)
    True
    """

    site: str
    purposes: Sequence[Purpose | str]
    paths: Sequence[str] = ("/",)
    until: date | None = None
    reference: str = ""
    robots: bool = False

    def __post_init__(self) -> None:
        faults = []
        site = str(self.site).strip().lower().rstrip(".")
        if not site or "/" in site or ":" in site:
            faults.append(f"site = {self.site!r}: write the host alone, such as example.com")
        purposes = []
        for value in [self.purposes] if isinstance(self.purposes, str) else self.purposes:
            try:
                purposes.append(parse_purpose(value))
            except UnknownPurpose as error:
                faults.append(f"purposes: {error}")
        if not purposes and not faults:
            faults.append("purposes: empty; name what the site agreed to")
        paths = [self.paths] if isinstance(self.paths, str) else list(self.paths)
        faults += [
            f"paths: {p!r} must begin with '/' (RFC 9309 path pattern)" for p in paths if not str(p).startswith("/")
        ]
        until = self.until.date() if isinstance(self.until, datetime) else self.until
        if until is not None and not isinstance(until, date):
            faults.append(f"until = {until!r}: write a date, such as 2027-12-31")
        if not self.reference:
            faults.append("reference: missing; say where the agreement is written down")
        if faults:
            raise InvalidConfiguration(f"agreement with {self.site!r}", faults)
        object.__setattr__(self, "site", site)
        object.__setattr__(self, "purposes", tuple(purposes))
        object.__setattr__(self, "paths", tuple(paths))
        object.__setattr__(self, "until", until)

    def covers(self, host: str, target: str, purpose: Purpose) -> bool:
        """True when it speaks of this host, path and purpose, ended or not."""
        if purpose not in self.purposes or not (host == self.site or host.endswith("." + self.site)):
            return False
        return any(matcher(path)(target) for path in self.paths)

    def ended(self, now: datetime | None) -> bool:
        """True when its last day has passed; without a time, an agreement with an end counts as ended."""
        return self.until is not None and (now is None or now.date() > self.until)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, from which `from_dict` makes the same Agreement."""
        until = self.until.isoformat() if self.until else None
        return {
            "site": self.site,
            "purposes": list(self.purposes),
            "paths": list(self.paths),
            "until": until,
            "reference": self.reference,
            "robots": self.robots,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Agreement:
        """The Agreement that `to_dict` wrote. Raises `InvalidConfiguration`."""
        until = data.get("until")
        return _from_row({**data, "until": date.fromisoformat(until) if until else None})


def load_agreements(agreements: str | Path | Iterable[Agreement]) -> tuple[Agreement, ...]:
    """Agreements as given, or from a TOML file with one ``[[agreement]]`` table each.

    Raises `InvalidConfiguration` with the faults of all of them.
    """
    if not isinstance(agreements, str | Path):
        return tuple(agreements)
    try:
        data = tomllib.loads(Path(agreements).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidConfiguration(str(agreements), [f"cannot be read: {error}"]) from error
    found: list[Agreement] = []
    faults = [f"{key}: unknown; write [[agreement]] tables" for key in data if key != "agreement"]
    for number, row in enumerate(data.get("agreement", []), 1):
        try:
            found.append(_from_row(row))
        except InvalidConfiguration as error:
            faults += [f"agreement {number}: {fault}" for fault in error.faults]
    if faults:
        raise InvalidConfiguration(str(agreements), faults)
    return tuple(found)


def _from_row(row: Mapping[str, Any]) -> Agreement:
    unknown = sorted(set(row) - _KEYS)
    missing = [key for key in ("site", "purposes", "reference") if key not in row]
    if unknown or missing:
        raise InvalidConfiguration(
            "agreement",
            [f"{key}: unknown; valid are {', '.join(sorted(_KEYS))}" for key in unknown]
            + [f"{key}: missing" for key in missing],
        )
    return Agreement(**row)
