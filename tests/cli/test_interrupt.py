"""Ctrl-C, as a terminal sends it: to every process of the command, in the middle of its work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from scrapeguard.cli import EXIT_STOPPED, Stopped
from scrapeguard.cli.output import Waiting
from tests.serving import Site, serving

ROOT = Path(__file__).resolve().parents[2]
OPEN = {"/robots.txt": "User-agent: *\nAllow: /", "/": "<p>Hello to all of you.", "/page": "<p>A page"}
PATIENCE = 20.0


def _never(_: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


@pytest.fixture
def slow() -> Iterator[Site]:
    """A site whose robots.txt does not come."""
    with serving({"/robots.txt": _never}) as site:
        yield site


def interrupted(args: list[str], when: Callable[[], bool], folder: Path, *, lines: str = "") -> tuple[int, str, str]:
    """Start the command, press Ctrl-C as soon as ``when`` holds, and see what it leaves.

    A shell's background job is born deaf to Ctrl-C, and so are its children: the command is given its hearing back.
    """
    hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{hears}; from scrapeguard.cli import main; main()", *args]
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(lines)
    process.stdin.close()
    process.stdin = None
    until = time.monotonic() + PATIENCE
    while not when() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


@pytest.mark.parametrize(
    "args",
    [
        ["check", "URL/page", "-p", "search"],
        ["explain", "URL/page", "-p", "search"],
        ["matrix", "URL/page"],
        ["signals", "URL/page"],
        ["robots", "URL/"],
        ["terms", "URL/terms"],
        ["watch", "sites.txt", "--store", "kept.db"],
        ["report", "URL/page", "-o", "report.html"],
        ["audit", "sites.txt", "-o", "out", "--processes", "1", "--part-lines", "1"],
    ],
    ids=lambda args: args[0],
)
def test_choice_ctrl_c_ends_a_command_in_one_line(args: list[str], slow: Site, tmp_path: Path) -> None:
    (tmp_path / "sites.txt").write_text(f"{slow.origin}\n")
    asked = [a.replace("URL", slow.origin) for a in args]
    status, _, err = interrupted([*asked, "--allow-private"], lambda: bool(slow.asked), tmp_path)
    said = err.strip().splitlines()
    assert status == EXIT_STOPPED, err
    assert said[0].startswith("scrapeguard: stopped"), err
    assert "Traceback" not in err


def test_choice_what_was_answered_before_ctrl_c_stands(slow: Site, tmp_path: Path) -> None:
    with serving(OPEN) as site:
        urls = [f"{site.origin}/page", f"{slow.origin}/page", f"{site.origin}/"]
        args = ["check", "-", "-p", "search", "--json", "--allow-private"]
        status, out, err = interrupted(args, lambda: bool(slow.asked), tmp_path, lines="\n".join(urls))
        assert status == EXIT_STOPPED
        assert [json.loads(line)["url"] for line in out.splitlines()] == urls[:1]
        assert "stopped after 1 of 3; what was answered stands above" in err
        slow.asked.clear()
        args = ["report", *urls, "-p", "search", "-o", "report.html", "--allow-private"]
        status, _, err = interrupted(args, lambda: bool(slow.asked), tmp_path)
        assert status == EXIT_STOPPED
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert urls[0] in page
        assert urls[1] not in page


def test_choice_an_audit_goes_on_after_ctrl_c(slow: Site, tmp_path: Path) -> None:
    with serving(OPEN) as site:
        (tmp_path / "sites.txt").write_text(f"{site.origin}\n{slow.origin}\n")
        args = [
            "audit",
            "sites.txt",
            "-o",
            "out",
            "-p",
            "search",
            "--processes",
            "1",
            "--part-lines",
            "1",
            "--allow-private",
        ]
        args += ["--connections", "1"]
        status, _, err = interrupted(args, lambda: bool(slow.asked), tmp_path)
        assert (status, "--resume" in err) == (EXIT_STOPPED, True), err
        slow.content["/robots.txt"] = OPEN["/robots.txt"]
        status, out, err = interrupted([*args, "--resume", "--json"], lambda: False, tmp_path)
        assert status == 0, err
        found = json.loads(out)
        assert found["done"] + found["skipped"] == 2
        assert found["left"] == 0


def test_choice_the_line_says_how_far_things_were() -> None:
    def stopping() -> None:
        with Waiting("checking", remains="what was checked stands above") as waiting:
            for number in waiting.over("abc"):
                if number == "b":
                    raise KeyboardInterrupt

    with pytest.raises(Stopped, match=r"^stopped after 1 of 3; what was checked stands above$"):
        stopping()
