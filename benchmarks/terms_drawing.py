"""From bytes to text and blocks: this library beside other ways of reading a page, on one corpus in one run."""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

Reader = Callable[[bytes], str]
ROUNDS = 3
SENTENCE = 40
"""Characters that a stretch of words must have to be looked for in another reader's text."""


def readers() -> dict[str, Reader]:
    """Those that are installed; what is missing is said."""
    from scrapeguard._html import draw
    from scrapeguard.terms.segment import blocks_of_page

    def blocks(body: bytes) -> str:
        page = draw(body)
        blocks_of_page(page)
        return page.text

    found: dict[str, Reader] = {"scrapeguard, text": lambda body: draw(body).text, "scrapeguard, blocks with lead-ins": blocks}
    from bs4 import BeautifulSoup

    found["bs4 + lxml, get_text"] = lambda body: BeautifulSoup(body, "lxml").get_text("\n")
    for name, make in (("inscriptis", _inscriptis), ("trafilatura", _trafilatura)):
        try:
            found[name] = make()
        except ImportError as error:
            print(f"{name} is not installed ({error}); left out", file=sys.stderr)
    return found


def _inscriptis() -> Reader:
    get_text = importlib.import_module("inscriptis").get_text
    return lambda body: str(get_text(body.decode("utf-8", "replace")))


def _trafilatura() -> Reader:
    extract = importlib.import_module("trafilatura").extract
    return lambda body: str(extract(body, favor_recall=True, include_tables=True) or "")


def table(folder: Path) -> str:
    """Milliseconds a page (best of three), and how many of the longer text stretches each reader keeps."""
    bodies = [path.read_bytes() for path in sorted(folder.glob("*.html"))]
    found = readers()
    wanted = [_stretches(body) for body in bodies]
    rows = [f"{'reader':34s} {'median':>8s} {'p90':>8s} {'max':>8s} {'ms a page;':>11s} {'stretches kept':>15s}"]
    for name, read in found.items():
        times, kept = [], 0
        for body, stretches in zip(bodies, wanted, strict=True):
            best, text = float("inf"), ""
            for _ in range(ROUNDS):
                began = time.perf_counter()
                text = read(body)
                best = min(best, time.perf_counter() - began)
            times.append(best * 1000)
            words = "".join(text.split())
            kept += sum(stretch in words for stretch in stretches)
        times.sort()
        share = kept / sum(map(len, wanted))
        rows.append(f"{name:34s} {statistics.median(times):8.1f} {times[int(0.9 * len(times))]:8.1f} {times[-1]:8.1f} "
                    f"{'':11s} {share:14.1%}")
    return "\n".join(rows)


def _stretches(body: bytes) -> list[str]:
    """Text nodes of the page's body of 40 characters and more, without white space: what no reader should lose."""
    from lxml import html

    tree = html.document_fromstring(body.decode("utf-8", "replace").replace("\x00", " "))
    unseen = "script|style|template|svg|iframe|object|title"
    nodes = tree.xpath(f"//body//text()[not({' or '.join(f'ancestor::{t}' for t in unseen.split('|'))})]")
    words = ("".join(str(node).translate(_INVISIBLE).split()) for node in nodes)
    return [w for w in words if len(w) >= SENTENCE]


_INVISIBLE = {0xAD: None, 0x200B: None, 0x2060: None, 0xFEFF: None}
