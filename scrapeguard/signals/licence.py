"""Licences that a page names: ``rel=license`` (HTML, RFC 8288 ``Link``) and schema.org ``license``.

They speak of reusing the page's main content and of nothing else: Creative Commons says that its licences act only where
copyright needs a licence, so none of them is a statement about training or mining.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from scrapeguard.model.evidence import Evidence
from scrapeguard.model.statement import Condition, ConditionKind, Statement
from scrapeguard.signals.documents import legible
from scrapeguard.signals.vocabulary import vocabulary

MAX_LICENCES = 50
MAX_JSON_LD = 1_048_576
_CREATIVE_COMMONS = re.compile(r"https?://(?:www\.)?creativecommons\.org/(publicdomain/(?:zero|mark)|licen[cs]es/([a-z-]+))(?:/|\Z)",
                               re.IGNORECASE)
_ELEMENTS = {
    "by": (ConditionKind.ATTRIBUTION, "credit the author and link to the licence"),
    "nc": (ConditionKind.NON_COMMERCIAL, "no commercial use"),
    "nd": (ConditionKind.OTHER, "no adaptations"),
    "sa": (ConditionKind.OTHER, "share adaptations under the same licence"),
}
# schema.org types of which a top-level node is the page or its main content; an image's licence is the image's own.
_MAIN = {"webpage", "itempage", "aboutpage", "faqpage", "qapage", "profilepage", "collectionpage", "creativework", "article",
         "newsarticle", "blogposting", "scholarlyarticle", "techarticle", "report", "dataset", "book", "chapter", "blog",
         "webcontent", "howto", "recipe", "course", "learningresource"}


def licence_statement(url: str, evidence: Evidence, *, sure: bool = True) -> Statement:
    """What a licence at ``url`` says. ``sure`` False: it may be another work's licence, so it grants nothing by itself."""
    words = vocabulary()
    match = _CREATIVE_COMMONS.match(url)
    if match and not match[2] and sure:
        entry = words["rel-license/public-domain"]
        return entry.statement(evidence, text=f"licence {url[:200]}: {entry.text}")
    parts = match[2].lower().split("-") if match and match[2] else []
    if parts and all(p in _ELEMENTS for p in parts):
        entry = words["rel-license/creative-commons"]
        conditions = tuple(Condition(*_ELEMENTS[p], url if p == "by" else None, (evidence,)) for p in parts)
        return entry.statement(evidence, conditions=conditions, text=f"licence {url[:200]}: {entry.text}")
    entry = words["rel-license/other"]
    condition = Condition(ConditionKind.LICENCE, f"read the licence {url[:200]} and keep it", url[:500], (evidence,))
    return entry.statement(evidence, conditions=(condition,), text=f"licence {url[:200]}: {entry.text}")


def json_ld_licences(text: str) -> Iterator[tuple[str, str, bool]]:
    """Licences of the top-level nodes of a JSON-LD script: target, JSON pointer, whether the node is the page's content.

    >>> list(json_ld_licences('{"@type": "Article", "license": "https://example.com/l", "image": {"license": "/i"}}'))
    [('https://example.com/l', '/license', True)]
    """
    if len(text) > MAX_JSON_LD:
        return
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    for pointer, node in _nodes(data):
        kinds = {str(k).rpartition("/")[2].lower() for k in _list(node.get("@type"))[:20]}
        for index, value in enumerate(_list(node.get("license"))[:MAX_LICENCES]):
            target = value.get("@id") or value.get("url") if isinstance(value, dict) else value
            if isinstance(target, str) and target.strip():
                place = f"{pointer}/license" + (f"/{index}" if isinstance(node.get("license"), list) else "")
                yield legible(target.strip(), 2000), place, bool(kinds & _MAIN)


def _nodes(data: Any) -> Iterable[tuple[str, dict[str, Any]]]:
    rows = [("", data)] if isinstance(data, dict) else [(f"/{i}", n) for i, n in enumerate(_list(data)[:500])]
    for pointer, node in rows:
        if isinstance(node, dict):
            yield pointer, node
            graph = node.get("@graph")
            for i, member in enumerate(graph[:500] if isinstance(graph, list) else ()):
                if isinstance(member, dict):
                    yield f"{pointer}/@graph/{i}", member


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
