"""Writes the reference pages that are drawn from the code: ``python docs/generate.py``. A test holds them to the code."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import click

from scrapeguard.cli.check import check
from scrapeguard.cli.config import FILES, KEYS, NAME, TEMPLATE
from scrapeguard.decide.meaning import meaning
from scrapeguard.decide.profile import BUILT_IN, load_profile
from scrapeguard.model.decision import Outcome
from scrapeguard.model.evidence import Source
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.record import ADDED, PLACES, SCHEMA
from scrapeguard.model.statement import Activity, Effect, Exemption, Family, Statement, Verdict

HERE = Path(__file__).parent / "reference"
SIGN = {Verdict.DENY: ("D", "d"), Verdict.CONDITIONAL: ("C", "c"), Verdict.ALLOW: ("A", "a")}


def _cell(
    activity: Activity, effect: Effect, exceptions: tuple[Exemption, ...], purpose: Purpose, commercial: bool | None
) -> str:
    statement = Statement("terms", Family.TERMS, effect, "", activities=(activity,), exceptions=exceptions)
    found = meaning(statement, purpose, commercial=commercial)
    return "·" if found is None else SIGN[found.verdict][0 if found.direct else 1]


def _table(effect: Effect, exceptions: tuple[Exemption, ...], commercial: bool | None = None) -> Iterator[str]:
    yield "| clause about | " + " | ".join(p.value for p in Purpose) + " |"
    yield "|---" * (len(Purpose) + 1) + "|"
    for activity in Activity:
        cells = [_cell(activity, effect, exceptions, p, commercial) for p in Purpose]
        yield f"| {activity} | " + " | ".join(cells) + " |"


def clauses_page() -> str:
    """What every clause means for every purpose, with every exception."""
    lines = [
        "# What a clause means for a purpose",
        "",
        "Drawn from `scrapeguard/decide/purposes.toml` by `docs/generate.py`. D deny, C conditional, A allow, · says nothing; a",
        "small letter is derived: this library's extension to a neighbouring purpose, which an express acceptance turns into a",
        "condition. Clauses about circumvention and excessive load are obligations and stand among the conditions.",
        "",
        "## The clause forbids",
        "",
        *_table(Effect.FORBID, ()),
        "",
        "The same for a caller who said `commercial=True`:",
        "",
        *_table(Effect.FORBID, (), commercial=True),
    ]
    for exception in Exemption:
        lines += ["", f"### with the exception `{exception}`", "", *_table(Effect.FORBID, (exception,))]
    lines += ["", "### with the exceptions `search-engine` and `robots-txt`", ""]
    lines += _table(Effect.FORBID, (Exemption.SEARCH_ENGINE, Exemption.ROBOTS_TXT))
    lines += ["", "### with the exception `personal`, and `commercial=False`", ""]
    lines += _table(Effect.FORBID, (Exemption.PERSONAL,), commercial=False)
    lines += ["", "## The clause permits", "", *_table(Effect.PERMIT, ())]
    lines += ["", "## The clause permits on a duty (`require`)", "", *_table(Effect.REQUIRE, ())]
    lines += ["", "The duty to obey robots.txt is met before a verdict is formed, because the gate has answered:", ""]
    lines += _table(Effect.REQUIRE, (Exemption.ROBOTS_TXT,))
    lines += [
        "",
        "## What silence means",
        "",
        "| purpose | " + " | ".join(BUILT_IN) + " |",
        "|---" * (len(BUILT_IN) + 1) + "|",
    ]
    profiles = [load_profile(name) for name in BUILT_IN]
    lines += [f"| {p} | " + " | ".join(profile.silent[p] for profile in profiles) + " |" for p in Purpose]
    return "\n".join(lines) + "\n"


def decision_schema() -> str:
    """JSON Schema (2020-12) of `Decision.to_dict`."""
    definitions: dict[str, Any] = {}
    schema = _schema(Outcome, definitions)
    schema = definitions.pop("Outcome") if "$ref" in schema else schema
    schema["properties"] |= {
        "schema": {"const": SCHEMA},
        "url": {"type": "string"},
        "decided_at": {"type": ["string", "null"], "format": "date-time"},
        "expires_at": {"type": ["string", "null"], "format": "date-time"},
        "sources": {"type": "array", "items": _object(Source, definitions)},
    }
    schema["required"] = sorted(schema["properties"])
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "A scrapeguard Decision",
        "description": "Sources stand once, in `sources`; evidence and gaps name them by index.",
        **schema,
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(whole, indent=1) + "\n"


def _object(cls: type, definitions: dict[str, Any], kind: str | None = None) -> dict[str, Any]:
    hints = get_type_hints(cls)
    names = getattr(cls, "_fields", None) or [f.name for f in fields(cls)]
    properties = {name: _schema(hints[name], definitions) for name in names}
    if kind:
        properties["kind"] = {"const": kind}
    return {"type": "object", "properties": properties, "required": sorted(properties.keys() - ADDED), "additionalProperties": False}


def _schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return {"anyOf": [_schema(a, definitions) for a in args]}
    if origin is tuple:
        return {"type": "array", "items": _schema(args[0], definitions)}
    if hint is Source:
        return {"type": "integer", "minimum": 0, "description": "index into sources"}
    plain = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    if hint in plain:
        return {"type": plain[hint]}
    if hint is datetime:
        return {"type": "string", "format": "date-time"}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    if is_dataclass(hint) or hasattr(hint, "_fields"):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}
            kind = next((k for k, cls in PLACES.items() if cls is hint), None)
            definitions[hint.__name__] = _object(hint, definitions, kind)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    raise TypeError(f"no schema for {hint}")


def settings_page() -> str:
    """Every setting: its option, its variable of the environment, its default."""
    options = {o.name: o for o in check.params if isinstance(o, click.Option)}
    lines = [
        "# Settings",
        "",
        "Drawn from the code by `docs/generate.py`. Options on the command line win over the environment, the environment over the file,",
        "the file over the defaults.",
        "",
        "| in the file | option | environment | default | means |",
        "|---|---|---|---|---|",
    ]
    for key in KEYS:
        option = options[key.replace("-", "_")]
        names = ", ".join(f"`{o}`" for o in (*option.opts, *option.secondary_opts))
        variable = f"`{option.envvar}`" if option.envvar else ""
        default = f"`{option.default}`" if isinstance(option.default, str) and key != "agent" else ""
        path = " A relative path counts from the file's folder." if key in FILES else ""
        lines.append(f"| `{key}` | {names} | {variable} | {default} | {option.help}{path} |")
    lines += [
        "",
        f"The file is `{NAME}` in the current folder, or in the user's folder for settings (on Linux",
        f"`~/.config/scrapeguard/{NAME}`); the first that is there counts. `SCRAPEGUARD_CONFIG` names another one.",
        "`scrapeguard init` writes this, and shows the places:",
        "",
        "```text",
        TEMPLATE.rstrip(),
        "```",
        "",
        "The settings of the Scrapy addon stand [with it](../scrapy.md), those of a `Guard` in the [API](api.md).",
    ]
    return "\n".join(lines) + "\n"


PAGES = {"clauses.md": clauses_page, "decision.schema.json": decision_schema, "settings.md": settings_page}
"""File under ``docs/reference`` → what writes it."""

if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
