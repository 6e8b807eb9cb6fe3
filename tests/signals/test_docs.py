"""Every row of the standards' pages names code and a test that exist."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "standards").glob("*.md"))
TEST = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
CODE = re.compile(r"`((?:signals|scrapeguard)\.[\w.]+)`")


def named(pattern: re.Pattern[str]) -> list[tuple[str, ...]]:
    return sorted({m.groups() for page in PAGES for m in pattern.finditer(page.read_text("utf-8"))})


def test_there_is_a_page_for_every_reader() -> None:
    text = " ".join(page.read_text("utf-8") for page in PAGES)
    readers = {p.stem for p in (ROOT / "scrapeguard" / "signals").glob("*.py")} - {
        "__init__", "documents", "voices", "vocabulary", "hardened_xml", "prefilter",
        "structured_fields"}
    assert not {r for r in readers if f"signals.{r}" not in text}


@pytest.mark.parametrize(("file", "name"), named(TEST))
def test_a_test_that_a_page_names_exists(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / "tests" / "signals" / file).read_text("utf-8")


@pytest.mark.parametrize("path", [groups[0] for groups in named(CODE)])
def test_code_that_a_page_names_exists(path: str) -> None:
    path = path if path.startswith("scrapeguard") else f"scrapeguard.{path}"
    parts = path.split(".")
    for split in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:split]))
        except ModuleNotFoundError:
            continue
        for name in parts[split:]:
            found = getattr(found, name)
        return
    pytest.fail(path)
