"""The version: of the tag, as the build wrote it down; in a checkout that nobody built, that of the release to come."""

from __future__ import annotations

try:
    from scrapeguard._built import __version__
except ImportError:
    __version__ = "0.1.0.dev0"

__all__ = ["__version__"]
