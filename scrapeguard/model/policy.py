"""What a fetched page adds to its site's policy."""

from __future__ import annotations

from dataclasses import dataclass

from scrapeguard.model.evidence import Source
from scrapeguard.model.ports import Voice


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """The page's voices, those of the site that they replace, and what could not be read of it."""

    voices: tuple[Voice, ...] = ()
    replaces: tuple[Voice, ...] = ()
    gaps: tuple[Source, ...] = ()
