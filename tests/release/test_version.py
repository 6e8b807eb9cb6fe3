"""The version comes from the tag, and there is one where there is no tag, no git or no build."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from scrapeguard import __version__
from scrapeguard.cli import main
from scrapeguard.provisions import software

ROOT = Path(__file__).resolve().parents[2]
FALLBACK = re.compile(r'__version__ = "([^"]+)"')


def test_choice_without_a_build_the_version_is_the_fallback_of_the_build() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    said = FALLBACK.findall((ROOT / "scrapeguard" / "_version.py").read_text(encoding="utf-8"))
    assert said == [project["tool"]["hatch"]["version"]["fallback-version"]]


def test_choice_the_command_says_the_version_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"scrapeguard, version {__version__}\n"


def test_choice_what_a_reading_records_does_not_change_with_a_release() -> None:
    """A commit that reads the same must not make every stored reading look like another software's."""
    assert re.fullmatch(r"[0-9a-f]{16}", software())


@pytest.mark.service
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("tag", "version"),
    [("v3.2.1", r"3\.2\.1"), ("", r"0\.1\.0\.dev1\+g[0-9a-f]+"), (None, r"0\.1\.0\.dev0")],
    ids=["tag", "no-tag", "no-git"],
)
def test_choice_a_wheel_and_its_module_bear_the_version_of_the_tag(
    tmp_path: Path, tag: str | None, version: str
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore"):
        shutil.copy(ROOT / name, tree)
    shutil.copytree(
        ROOT / "scrapeguard", tree / "scrapeguard", ignore=shutil.ignore_patterns("__pycache__", "_built.py")
    )
    if tag is not None:
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        who = ["-c", "user.name=someone", "-c", "user.email=someone@example.com"]
        steps = [["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "all"], *([["tag", tag]] if tag else [])]
        for step in steps:
            subprocess.run(["git", *step], cwd=tree, env=environment, check=True)
    command = [sys.executable, "-m", "build", "-q", "--wheel", "--outdir", str(tmp_path / "dist"), str(tree)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (told,) = FALLBACK.findall(archive.read("scrapeguard/_built.py").decode())
    assert re.fullmatch(version, told)
    assert wheel.name == f"scrapeguard-{told}-py3-none-any.whl"
