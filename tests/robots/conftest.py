"""The real robots.txt files, read from their archive once."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_files(shared: Path) -> tuple[bytes, ...]:
    """All 5,038 of them."""
    with tarfile.open(shared / "robots" / "real.tar.xz") as archive:
        return tuple(archive.extractfile(member).read() for member in archive if member.isfile())
