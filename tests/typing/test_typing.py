"""The public API is typed for callers: checked by mypy and by pyright, as they would check a caller's code."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CALLER = Path(__file__).with_name("public_api.py")


def test_choice_mypy_accepts_a_caller_and_refuses_what_is_wrong() -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--follow-imports=silent", str(CALLER)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.service
def test_choice_pyright_accepts_a_caller(tmp_path: Path) -> None:
    if find_spec("pyright") is None:
        pytest.fail("pyright is not installed: pip install -e '.[release]'")
    settings = {
        "include": [str(CALLER)],
        "extraPaths": [str(ROOT)],
        "pythonVersion": "3.11",
        "enableTypeIgnoreComments": True,
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--project", str(tmp_path), "--pythonpath", sys.executable]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
