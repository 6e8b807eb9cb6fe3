"""Takes the pictures of the documentation in Chromium, and holds the report to axe-core: ``python docs/screenshots.py AXE_JS [FOLDER]``.

The report is made from the demo's sites. It is opened at phone and desktop width, light and dark, with scripts switched off; axe-core
then runs over the same page. Leaves with status 1 when axe-core names a violation or the page asks for anything.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from scrapeguard.cli import main
from scrapeguard.cli.demo import AGENT, SITES, serve_sites

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES = ("light", "dark")


def report(folder: Path) -> Path:
    """The report of the demo's sites for four purposes."""
    path = folder / "report.html"
    with serve_sites() as origins:
        urls = [origins[name] + page for name, (_, page) in SITES.items()]
        purposes = [word for p in ("search", "ai-train", "research", "identification") for word in ("-p", p)]
        try:
            main(["report", *urls, *purposes, "--agent", AGENT, "--allow-private", "-o", str(path)])
        except SystemExit as left:
            if left.code not in {0, None}:
                raise
    return path


def look(browser: Any, page: Path, axe: str, pictures: Path) -> list[dict[str, Any]]:
    """Take the pictures; what axe-core finds wrong, and what the page asked for."""
    faults = []
    for name, (width, height) in WIDTHS.items():
        for scheme in SCHEMES:
            shape = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
            with browser.new_context(java_script_enabled=False, **shape) as context:
                tab = context.new_page()
                asked: list[str] = []
                tab.on("request", lambda request, asked=asked: asked.append(request.url))
                tab.goto(page.as_uri())
                tab.screenshot(path=str(pictures / f"report-{name}-{scheme}.png"))
                faults += [{"asked": url, "at": f"{name} {scheme}"} for url in asked if url != page.as_uri()]
            with browser.new_context(bypass_csp=True, **shape) as context:
                tab = context.new_page()
                tab.goto(page.as_uri())
                tab.add_script_tag(content=axe)
                found = tab.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
                wide = tab.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth")
                faults += [
                    {"axe": v["id"], "nodes": [n["target"] for n in v["nodes"]][:3]} for v in found["violations"]
                ]
                faults += [{"wider than the screen": f"{name} {scheme}"}] * wide
                sys.stdout.write(
                    f"{name} {scheme}: axe-core {found['testEngine']['version']}, {len(found['violations'])} violations\n"
                )
    return faults


def run(axe: Path, pictures: Path) -> int:
    """Pictures into the folder; 0 when nothing is wrong."""
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = report(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        faults = look(browser, page, axe.read_text(encoding="utf-8"), pictures)
        with browser.new_context() as context:
            tab = context.new_page()
            tab.goto(page.as_uri())
            tab.pdf(path=str(pictures / "report.pdf"), format="A4")
        browser.close()
    for fault in faults:
        sys.stdout.write(json.dumps(fault) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(
        run(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "pictures")
    )
