"""docs/scrapy.md and the code name the same settings, meta keys, flags, stats and signal."""

from __future__ import annotations

import re
from pathlib import Path

from scrapeguard.integrations import scrapy as integration
from scrapeguard.integrations.scrapy import signals
from scrapeguard.integrations.scrapy.settings import DEFAULTS
from scrapeguard.model.purpose import Purpose

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scrapy.md").read_text("utf-8")
CODE = "\n".join(p.read_text("utf-8") for p in sorted((ROOT / "scrapeguard" / "integrations" / "scrapy").glob("*.py")))


def rows(title: str) -> list[list[str]]:
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    assert cells
    return cells


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_setting_stands_on_the_page_with_its_default() -> None:
    told = {named(row[0])[0]: row[1] for row in rows("Settings")}
    assert list(told) != []
    assert set(told) == set(DEFAULTS)
    for name, default in DEFAULTS.items():
        if name == "SCRAPEGUARD_PURPOSE":
            assert told[name] == "none"
        elif name != "SCRAPEGUARD_AGENT":
            shown = list(default) if isinstance(default, tuple) and default else default
            assert eval(told[name].strip("`")) == shown
    for purpose in Purpose:
        assert f"`{purpose.value}`" in next(row for row in rows("Settings") if "PURPOSE" in row[0])[2]


def test_every_setting_that_the_code_reads_is_known() -> None:
    assert set(re.findall(r"SCRAPEGUARD_[A-Z_]+[A-Z]", CODE)) == set(DEFAULTS)


def test_every_meta_key_and_flag_stands_on_the_page() -> None:
    keys = {signals.PURPOSE, signals.SKIP, signals.DECISION, signals.POLICY}
    told = {named(row[0])[0] for row in rows("Meta keys")}
    assert told == keys | {"dont_obey_robotstxt", "autothrottle_dont_adjust_delay"}
    assert all(key in CODE for key in told)
    for flag in (signals.DENIED_FLAG, signals.UNKNOWN_FLAG):
        assert f"`{flag}`" in PAGE


def test_every_stat_stands_on_the_page() -> None:
    told = {name.removeprefix("scrapeguard/") for row in rows("Stats") for name in named(row[0])}
    groups = r"(?:request|response|verdict|denied_by|site|source|fetch|wait|delay|store|record)"
    used = {re.sub(r"\{[^}]*\}", "<>", name) for name in re.findall(rf'"({groups}/[^"]*)"', CODE)}
    used = {name + "<>" if name.endswith("/") else name for name in used}
    blank = {re.sub(r"<\w+>", "<>", name) for name in told}
    assert {re.sub(r"(<>/?)+$", "<>", name) for name in used} == {re.sub(r"(<>/?)+$", "<>", name) for name in blank}


def test_the_signal_and_the_public_names_stand_on_the_page() -> None:
    for name in ("decision_made", "RequestDenied", "Addon", "decision_id"):
        assert name in integration.__all__
        assert name in PAGE
