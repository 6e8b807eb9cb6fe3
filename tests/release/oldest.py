"""Prints the oldest versions that pyproject.toml allows, one requirement a line: ``python tests/release/oldest.py [EXTRA…]``."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def oldest(requirements: list[str]) -> list[str]:
    """Each lower bound as an exact version.

    >>> oldest(["click>=8.1", "idna"])
    ['click==8.1', 'idna']
    """
    return [re.sub(r">=\s*([\w.]+).*", r"==\1", requirement) for requirement in requirements]


def main(extras: list[str]) -> None:
    """The run-time dependencies, and those of the extras named."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in oldest(
        [*project["dependencies"], *(r for e in extras for r in project["optional-dependencies"][e])]
    ):
        sys.stdout.write(requirement + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
