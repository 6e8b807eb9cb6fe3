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

    @property
    def is_silent(self) -> bool:
        """True when the page was read and adds nothing to its site's policy."""
        return not (self.voices or self.replaces or self.gaps)
