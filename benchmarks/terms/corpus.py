"""The labelled documents as training rows: every reviewed block with its labels, its service's family and its fold."""

from __future__ import annotations

import collections
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from scrapeguard.terms.segment import Block, blocks_of_text

FAMILIES = (
    ("amazon", r"amazon|alexa|imdb|twitch|goodreads|audible"),
    (
        "google",
        r"google|gmail|youtube|adsense|blogger|waze|stadia|local guides|merchant center|places on maps|hotel center",
    ),
    ("meta", r"facebook|instagram|whatsapp|threads|crowdtangle|llama"),
    ("microsoft", r"microsoft|bing|xbox|linkedin|github"),
    ("openai", r"openai|chatgpt|dall"),
    ("apple", r"apple|app store"),
    ("x", r"twitter|grok|^x$"),
    ("tencent", r"wechat"),
    ("match", r"tinder|okcupid"),
    ("bumble", r"bumble|badoo|fruitz"),
    ("alibaba", r"^ali(baba|expr)"),
    ("pornhub", r"pornhub|redtube"),
    ("xvideos", r"xvideos|xnxx"),
    ("snap", r"^snap"),
    ("ziff", r"ziff|speedtest|cnet"),
    ("wordpress", r"wordpress|tumblr"),
    ("wikimedia", r"wiki"),
    ("xfinity", r"xfinity"),
    ("booking", r"booking"),
    ("discord", r"discord|guilded"),
)
"""Services whose documents share their text, by name."""


_UNIT = re.compile(r"\n\s*\n|\n(?=\s*(?:[\*\-•·]|\(?[a-zA-Z0-9]{1,4}[\.\)])\s)")
"""What stands between paragraphs and list items as the annotators were shown them."""


class Unit(NamedTuple):
    """A paragraph or list item, the unit that was annotated."""

    start: int
    end: int


class Row(NamedTuple):
    """A block that was read by the annotators."""

    document: int
    block: Block | Unit
    labels: list[tuple[str, str, frozenset[str], frozenset[str]]]
    contested: set[tuple[str, str]]


def load(path: Path) -> list[dict[str, Any]]:
    """The records of a labelled file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def overlaps(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def rows_of(index: int, record: dict[str, Any], blocks: Iterable[Block | Unit]) -> list[Row]:
    """The reviewed blocks of one document."""
    reviewed = None if record["reviewed"] == "all" else [tuple(x) for x in record["reviewed"]]
    rows = []
    for block in blocks:
        span = (block.start, block.end)
        labels = [
            (g["activity"], g["effect"], frozenset(g["exceptions"]), frozenset(g.get("unsure") or ()))
            for g in record["labels"]
            if overlaps(span, (g["start"], g["end"]))
        ]
        if not labels and reviewed is not None and not any(overlaps(span, x) for x in reviewed):
            continue
        contested = {
            (g["activity"], g["effect"])
            for g in record.get("contested") or ()
            if overlaps(span, (g["start"], g["end"]))
        }
        rows.append(Row(index, block, labels, contested))
    return rows


def units_of(text: str) -> list[Unit]:
    """The annotated units of a text, in order."""
    found, at = [], 0
    for part in _UNIT.split(text):
        if part := part.strip():
            start = text.index(part, at)
            at = start + len(part)
            found.append(Unit(start, at))
    return found


def blocks_of(record: dict[str, Any]) -> list[Block]:
    return blocks_of_text(record["text"], markdown=True)


def groups(records: list[dict[str, Any]]) -> list[str]:
    """A group a document: one for each family of services, joined where texts share over 30 % of their eight-word runs."""
    parent: dict[str, str] = {}

    def root(x: str) -> str:
        parent.setdefault(x, x)
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    shingles = [_shingles(r["text"]) for r in records]
    where: dict[int, list[int]] = collections.defaultdict(list)
    for i, found in enumerate(shingles):
        for h in found:
            where[h].append(i)
    shared: collections.Counter[tuple[int, int]] = collections.Counter()
    for holders in where.values():
        if len(holders) < 60:
            shared.update((b, a) for i, a in enumerate(holders) for b in holders[:i])
    for i, r in enumerate(records):
        parent[root(str(i))] = root("family:" + _family(r["service"]))
    for (a, b), n in shared.items():
        if n > 5 and n / min(len(shingles[a]), len(shingles[b])) > 0.3:
            parent[root(str(a))] = root(str(b))
    return [root(str(i)) for i in range(len(records))]


def folds(group_of: list[str], weights: list[int], k: int = 5) -> list[int]:
    """A fold for each document; a group is never split, and the folds hold about equally many rows."""
    size: collections.Counter[str] = collections.Counter()
    for g, w in zip(group_of, weights, strict=True):
        size[g] += w
    load = [0] * k
    fold = {}
    for g in sorted(size, key=lambda g: (-size[g], g)):
        best = min(range(k), key=load.__getitem__)
        fold[g] = best
        load[best] += size[g]
    return [fold[g] for g in group_of]


def _family(service: str) -> str:
    name = service.lower().strip()
    return next((n for n, p in FAMILIES if re.search(p, name)), re.sub(r"\W+", "", name))


def _shingles(text: str) -> set[int]:
    import zlib

    words = re.findall(r"[a-z]+", text.lower())
    found = (zlib.crc32(" ".join(words[i : i + 8]).encode()) for i in range(len(words) - 7))
    return {h for h in found if h % 8 == 0}
