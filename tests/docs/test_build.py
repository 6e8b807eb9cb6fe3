"""The documentation builds offline, warnings as errors, notebooks executed; the report holds before axe-core in Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(p.stem for p in (ROOT / "docs" / "notebooks").glob("*.md"))


@pytest.mark.service
@pytest.mark.timeout(300)
def test_choice_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-E", "docs", str(tmp_path / "html")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    for name in NOTEBOOKS:
        page = (tmp_path / "html" / "notebooks" / f"{name}.html").read_text(encoding="utf-8")
        assert 'class="scrapeguard"' in page or "data:image" in page or "_images" in page, f"{name} shows nothing"


@pytest.mark.service
@pytest.mark.timeout(300)
def test_choice_the_report_has_no_violation_before_axe_core(tmp_path: Path) -> None:
    axe = os.environ.get("AXE_JS", str(ROOT / "node_modules" / "axe-core" / "axe.min.js"))
    if not Path(axe).is_file():
        pytest.fail(f"no axe-core at {axe}: npm install --no-save axe-core, or set AXE_JS")
    command = [sys.executable, "docs/screenshots.py", axe, str(tmp_path)]
    ran = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count(" 0 violations") == 4
