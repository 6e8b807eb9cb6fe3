"""Where the shared corpora are, and what happens without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real files: SCRAPEGUARD_SHARED, or ``shared`` beside the project; fails under CI when missing."""
    folder = Path(os.environ.get("SCRAPEGUARD_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        message = f"no folder of real files at {folder}; set SCRAPEGUARD_SHARED"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder

settings.register_profile("project", deadline=None)  # timing belongs to benchmarks/
settings.load_profile("project")
