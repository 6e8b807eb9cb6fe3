"""Every code block of README.md and docs/ is run: Python, shell commands of ours, and the files that pages give their names."""

from __future__ import annotations

import re
import shlex
import tempfile
from contextlib import ExitStack, chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

import scrapeguard
from scrapeguard.cli import main

SITE = {
    "https://example.com/robots.txt": "User-agent: *\nDisallow: /private",
    "https://example.com/page": "<p>A page</p>",
}
"""What stands for the network in examples that name no transport."""

_NAMED = re.compile(r"#\s*file:\s*(\S+)")


def _run_commands(example: Example) -> str | None:
    """Each line that calls scrapeguard answers, yes or no; «could not be answered» is a fault of the page."""
    for line in example.parsed.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if not words or words[0] != "scrapeguard" or "demo" in words:
            continue
        read = _taken(words, "<")
        _taken(words, ">")
        given = StringIO(Path(read).read_text(encoding="utf-8") if read else "")
        with mock.patch("sys.stdin", given), redirect_stdout(StringIO()):
            try:
                main(words[1:])
            except SystemExit as left:
                if left.code not in {0, 1, None}:
                    return f"{line!r} left with status {left.code}"
    return None


def _taken(words: list[str], sign: str) -> str | None:
    """The file behind a redirection, which is taken out of the words."""
    if sign not in words:
        return None
    at = words.index(sign)
    name = words[at + 1]
    del words[at : at + 2]
    return name


def _write_file(example: Example) -> None:
    """A block that begins with ``# file: NAME`` is that file, for the blocks below it."""
    if named := _NAMED.match(example.parsed):
        Path(named[1]).write_text(example.parsed, encoding="utf-8")


def _set_up(namespace: dict[str, Any]) -> None:
    stack = ExitStack()
    stack.enter_context(chdir(stack.enter_context(tempfile.TemporaryDirectory())))

    def transport(*_: object, **__: object) -> scrapeguard.MemoryTransport:
        return scrapeguard.MemoryTransport(SITE)

    stack.enter_context(mock.patch("scrapeguard.transport.requests.RequestsTransport", transport))
    stack.enter_context(mock.patch("scrapeguard.transport.warc.WarcTransport", transport))
    Path("urls.txt").write_text("https://example.com/page\n")
    Path("terms.html").write_text("<h1>Terms of Use</h1><p>You may not scrape this website.</p>")
    namespace["_stack"] = stack


def _tear_down(namespace: dict[str, Any]) -> None:
    namespace["_stack"].close()


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser(language="sh", evaluator=_run_commands),
        CodeBlockParser(language="toml", evaluator=_write_file),
    ],
    patterns=["README.md", "docs/**/*.md"],
    setup=_set_up,
    teardown=_tear_down,
).pytest()
collect_ignore = ["docs/_build", "docs/conf.py", "docs/screenshots.py", "tests/typing/public_api.py"]
