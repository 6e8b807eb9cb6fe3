"""``--render``: pages that a script builds, on request."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.serving import serving
from tests.transport.test_browser import AGENT, BUILT


@pytest.mark.service
def test_choice_pages_are_rendered_when_asked(run: Callable[..., Any]) -> None:
    with serving(BUILT) as site:
        asked = ["check", site.origin + "/page", "-p", "ai-train", "-a", AGENT, "--allow-private", "--no-context"]
        plain, rendered = run(*asked), run(*asked, "--render")
    assert (plain.status, "train models" in plain.out) == (1, False)
    assert (rendered.status, "train models" in rendered.out) == (1, True), rendered.out


def test_choice_without_playwright_one_line_says_what_to_install(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    found = run("check", "https://example.com/", "-p", "search", "--render")
    assert (found.status, found.out) == (2, "")
    assert found.err == "scrapeguard: rendering needs Playwright; pip install scrapeguard[browser]\n"
