"""Profiles: which sources bind, and what the caller does with silence, doubt and gaps. A profile is a TOML file."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scrapeguard.errors import InvalidConfiguration
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Family

BUILT_IN = ("strict", "standard", "open")
_SHAPE: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "binds": {f.value: (True, False) for f in Family},
    "silent": {p.value: ("yes", "no", "unless-incomplete") for p in Purpose},
    "incomplete": {"use": ("refuse", "note")},
    "uncertain": {"clause": ("deny", "conditional", "note")},
    "robots-agents": {"ai-train": ("deny", "conditional", "note")},
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What turns a verdict into yes or no. Made by `load_profile`; hashable by its name and content.

    >>> load_profile("standard").silent[Purpose.IDENTIFICATION]
    'no'
    """

    name: str
    about: str
    binds: Mapping[Family, bool] = field(hash=False)
    silent: Mapping[Purpose, str] = field(hash=False)
    incomplete_refuses: bool
    uncertain: str
    hints: Mapping[str, str] = field(hash=False)
    text: str = ""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as its text: worker processes read it again."""
        return parse_profile, (self.text, self.name)


def load_profile(profile: str | Path | Profile) -> Profile:
    """A built-in profile by name (``strict``, ``standard``, ``open``), or one from a TOML file by path.

    Raises `InvalidConfiguration` with every fault of the file; an unknown key is named with the nearest valid one.
    """
    if isinstance(profile, Profile):
        return profile
    if profile in BUILT_IN:
        return _built_in(str(profile))
    path = Path(profile)
    if path.suffix != ".toml":
        near = difflib.get_close_matches(str(profile), BUILT_IN, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InvalidConfiguration(
            f"profile {str(profile)!r}",
            [f"no such profile; {hint}built in are {', '.join(BUILT_IN)}, or give the path of a .toml file"],
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfiguration(str(path), [f"cannot be read: {error}"]) from error
    return parse_profile(text, str(path))


@cache
def _built_in(name: str) -> Profile:
    resource = files("scrapeguard.decide") / "profiles" / f"{name}.toml"
    return parse_profile(resource.read_text(encoding="utf-8"), resource.name)


def parse_profile(text: str, source: str) -> Profile:
    """The profile written in ``text``; ``source`` names it in errors. Raises `InvalidConfiguration`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(source, [f"no valid TOML: {error}"]) from error
    faults = _faults(data)
    if faults:
        raise InvalidConfiguration(source, faults)
    return Profile(
        name=data["name"],
        about=data.get("about", ""),
        binds=MappingProxyType({f: data["binds"][f.value] for f in Family}),
        silent=MappingProxyType({p: data["silent"][p.value] for p in Purpose}),
        incomplete_refuses=data["incomplete"]["use"] == "refuse",
        uncertain=data["uncertain"]["clause"],
        hints=MappingProxyType({"robots-agents": data["robots-agents"]["ai-train"]}),
        text=text,
    )


def _faults(data: Mapping[str, Any]) -> list[str]:
    faults = [_unknown(key, ["name", "about", *_SHAPE], "") for key in data if key not in {"name", "about", *_SHAPE}]
    if not isinstance(data.get("name"), str) or not data["name"]:
        faults.append('name: missing; write name = "mine"')
    for section, keys in _SHAPE.items():
        table = data.get(section)
        if not isinstance(table, dict):
            faults.append(f"[{section}]: missing")
            continue
        faults += [_unknown(key, list(keys), f"[{section}] ") for key in table if key not in keys]
        for key, values in keys.items():
            if key not in table:
                faults.append(f"[{section}] {key}: missing; one of {_list(values)}")
            elif not any(table[key] is v or table[key] == v for v in values if type(v) is type(table[key])):
                faults.append(f"[{section}] {key} = {table[key]!r}: not one of {_list(values)}")
    return faults


def _list(values: tuple[Any, ...]) -> str:
    return ", ".join(str(v).lower() if isinstance(v, bool) else f'"{v}"' for v in values)


def _unknown(key: str, valid: list[str], where: str) -> str:
    near = difflib.get_close_matches(key, valid, n=1)
    return f"{where}{key}: unknown; " + (f"did you mean {near[0]!r}?" if near else f"valid are {', '.join(valid)}")
