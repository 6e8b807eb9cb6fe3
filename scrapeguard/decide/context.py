"""What is known around a question and decides nothing: actions taken at a site, and legal floors for a purpose."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from scrapeguard.model.decision import ContextNote
from scrapeguard.model.purpose import Purpose

_GENERAL = 3
"""How many actions that concern no single site are shown: the newest."""


@lru_cache(maxsize=1)
def _tables() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    folder = files("scrapeguard.decide")
    enforcement, laws = (
        tomllib.loads((folder / name).read_text("utf-8")) for name in ("enforcement.toml", "laws.toml")
    )
    return enforcement, laws


@lru_cache(maxsize=4096)
def context_for(host: str, purpose: Purpose) -> tuple[ContextNote, ...]:
    """Known actions of the host's site for the purpose, newest first, then the purpose's legal floors.

    >>> notes = context_for("www.youtube.com", Purpose.IDENTIFICATION)
    >>> [n.kind for n in notes][0], any("5(1)(e)" in n.text for n in notes)
    ('enforcement', True)
    """
    enforcement, laws = _tables()
    actions = [a for a in enforcement["action"] if purpose in a["purposes"]]
    own = [a for a in actions if any(host == d or host.endswith("." + d) for d in a["domains"])]
    general = (
        [a for a in actions if not a["domains"]] if purpose in {Purpose.IDENTIFICATION, Purpose.PERSONAL_DATA} else []
    )
    newest = [
        *sorted(own, key=lambda a: a["date"], reverse=True),
        *sorted(general, key=lambda a: a["date"], reverse=True)[:_GENERAL],
    ]
    notes = [
        ContextNote(
            "enforcement",
            f"{a['kind'].replace('-', ' ').capitalize()}: {a['party']} against {a['against']}.",
            a["date"],
            a["source"],
        )
        for a in newest
    ]
    notes += [
        ContextNote("law", f"{law['name']}: {law['text']}", law["since"], law["source"])
        for law in laws["law"]
        if purpose in law["purposes"]
    ]
    return tuple(notes)
