"""Decisions as JSON-able mappings and back: one codec over the types of the model, so that a new field needs no code.

Enumerations are written by value, times in ISO 8601, tuples as lists. A place in a document carries its type's name under
``kind``. Sources are shared by many evidences; in the mapping they stand once, in ``sources``, and are named by index.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from scrapeguard.model.decision import Decision, Outcome
from scrapeguard.model.evidence import ElementRef, HeaderRef, LineRef, PointerRef, Source, Span

SCHEMA = "https://scrapeguard.example/schema/decision/1"
"""Names the form of the mapping; the number rises when a reader of the old form could misread the new one."""

ADDED: Mapping[str, Any] = {"partial": False}
"""Members that came after records were first kept, with what their absence means."""

PLACES: Mapping[str, type] = {
    "line": LineRef,
    "header": HeaderRef,
    "span": Span,
    "element": ElementRef,
    "pointer": PointerRef,
}
"""Types of places in a document, by the word that names them in the mapping."""

_KIND_OF_PLACE = {cls: kind for kind, cls in PLACES.items()}


def decision_to_dict(decision: Decision) -> dict[str, Any]:
    """See `Decision.to_dict`."""
    sources: list[Source] = []
    out: dict[str, Any] = {"schema": SCHEMA, "url": decision.url}
    out.update((f.name, _plain(getattr(decision.outcome, f.name), sources)) for f in fields(Outcome))
    out["decided_at"] = _plain(decision.decided_at, sources)
    out["expires_at"] = _plain(decision.expires_at, sources)
    out["sources"] = [_members(s, []) for s in sources]
    return out


def _members(value: Any, sources: list[Source]) -> dict[str, Any]:
    return {f.name: _plain(getattr(value, f.name), sources) for f in fields(value)}


def _plain(value: Any, sources: list[Source]) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Source):
        if value not in sources:
            sources.append(value)
        return sources.index(value)
    if is_dataclass(value):
        members = _members(value, sources)
        kind = _KIND_OF_PLACE.get(type(value))
        return {"kind": kind, **members} if kind else members
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        if names:
            return {n: _plain(v, sources) for n, v in zip(names, value, strict=True)}
        return [_plain(v, sources) for v in value]
    return value


def decision_from_dict(data: Mapping[str, Any]) -> Decision:
    """See `Decision.from_dict`."""
    if data.get("schema") != SCHEMA:
        raise ValueError(f"schema: {data.get('schema')!r} is not {SCHEMA!r}, the form this version reads")
    sources = [_build(Source, s, [], f"sources[{i}]") for i, s in enumerate(data.get("sources", []))]
    outcome = _build(Outcome, data, sources, "")
    return Decision(
        url=_read(str, data.get("url"), sources, "url"),
        outcome=outcome,
        decided_at=_read(datetime | None, data.get("decided_at"), sources, "decided_at"),
        expires_at=_read(datetime | None, data.get("expires_at"), sources, "expires_at"),
    )


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _build(cls: type, data: Any, sources: list[Source], where: str) -> Any:
    if not isinstance(data, Mapping):
        raise ValueError(f"{where or 'decision'}: expected a mapping, got {type(data).__name__}")
    names = getattr(cls, "_fields", None) or [f.name for f in fields(cls)]
    hints = _hints(cls)
    values = {}
    for name in names:
        place = f"{where}.{name}" if where else name
        if name not in data and name in ADDED:
            values[name] = ADDED[name]
            continue
        if name not in data:
            raise ValueError(f"{place}: missing")
        values[name] = _read(hints[name], data[name], sources, place)
    return cls(**values)


def _read(hint: Any, value: Any, sources: list[Source], where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _read_union(args, value, sources, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where}: expected a list, got {type(value).__name__}")
        return tuple(_read(args[0], v, sources, f"{where}[{i}]") for i, v in enumerate(value))
    if hint is Source:
        if not isinstance(value, int) or not 0 <= value < len(sources):
            raise ValueError(f"{where}: {value!r} is no index into sources")
        return sources[value]
    if hint is datetime:
        return datetime.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if is_dataclass(hint) or hasattr(hint, "_fields"):
        return _build(hint, value, sources, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint):
        raise ValueError(f"{where}: expected {hint.__name__}, got {value!r}")
    return value


def _read_union(args: tuple[Any, ...], value: Any, sources: list[Source], where: str) -> Any:
    if value is None and type(None) in args:
        return None
    options = [a for a in args if a is not type(None)]
    if isinstance(value, Mapping) and value.get("kind") in PLACES and PLACES[value["kind"]] in options:
        return _build(PLACES[value["kind"]], value, sources, where)
    for option in options:
        if isinstance(option, type) and isinstance(value, option):
            return value
    if len(options) == 1:
        return _read(options[0], value, sources, where)
    raise ValueError(f"{where}: {value!r} is none of {', '.join(getattr(o, '__name__', str(o)) for o in options)}")
