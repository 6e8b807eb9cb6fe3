"""From any page to the documents that bind its visitors: links, ranked, each with the reason for its rank.

Well-known paths alone reach a quarter of the sites and link texts with URLs nearly nine in ten, so links come first:
what the link says, what its URL says, ``rel`` (``terms-of-service``: microformats; ``license``, HTML §4.6.7.9), where
it stands and on whose domain. Pure: whether two hosts are one site is asked of the caller (`SameSite`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from scrapeguard._html import Anchor, HtmlPage
from scrapeguard._url import join, parse_url
from scrapeguard.model.ports import SameSite
from scrapeguard.terms.kind import DocumentKind
from scrapeguard.terms.known import known, same_operator
from scrapeguard.terms.naming import load, named_by_host, named_by_path, named_by_text, narrowing_words

__all__ = ["Binding", "Candidate", "discover", "known", "probe_paths"]

THRESHOLD = 4.0
"""Score under which a link is no candidate: a weak phrase such as «Legal» alone just reaches it."""

MAX_CANDIDATES = 50
_FOOTER, _ELSEWHERE = 1.5, 0.3
_SAME_HOST = 0.5
_OTHER_DOMAIN, _THIRD_PARTY, _THIS_PAGE, _NARROWED = -4.0, -10.0, -12.0, -3.0
_SIBLING = 1.5
_REL, _ROBOTS_COMMENT = 12.0, 5.0
# Documents beside the terms: read after them, since 92 of 100 sites that rule automated access do so in their terms.
_RANK = {DocumentKind.TERMS: 0.0, DocumentKind.ACCEPTABLE_USE: -4.0, DocumentKind.TDM_POLICY: -4.0,
         DocumentKind.LEGAL_NOTICE: -4.0, DocumentKind.DEVELOPER_TERMS: -5.0, DocumentKind.COMMUNITY_RULES: -5.0,
         DocumentKind.COPYRIGHT: -6.0, DocumentKind.SALE: -4.0}


class Binding(StrEnum):
    """On whose domain a document stands, seen from the page that links to it."""

    SAME_SITE = "same-site"
    PARENT_DOMAIN = "parent-domain"
    OTHER_DOMAIN = "other-domain"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that may bind: its URL, the words that led to it, its presumed kind, and the reasons for its rank.

    ``score`` orders candidates of one page; it means nothing beyond that. ``binding`` `PARENT_DOMAIN` is a domain above
    the site's own or one of the same operator; what stands on an `OTHER_DOMAIN` may be somebody else's terms.
    """

    url: str
    text: str
    kind: DocumentKind
    score: float
    why: str
    binding: Binding


class _Hint(NamedTuple):
    """A reference found on the page, before it is judged."""

    href: str
    text: str
    rel: tuple[str, ...]
    region: str
    origin: str


def discover(
    page: HtmlPage, url: str, *, same_site: SameSite, robots_comment_links: Sequence[str] = ()
) -> list[Candidate]:
    """The documents that a page leads to, best first.

    ``url`` is the page's own (after redirects); a ``<base>`` on the page counts. ``same_site`` tells whether two hosts
    share a registrable domain. ``robots_comment_links`` are URLs from comments of the site's robots.txt. Raises
    `InvalidUrl` when ``url`` is none.

    >>> from scrapeguard._html import draw
    >>> page = draw('<footer><a href="/legal/agb">AGB</a> <a href="/privacy">Datenschutz</a></footer>')
    >>> [(c.url, c.kind.value) for c in discover(page, "https://shop.example/", same_site=lambda a, b: a == b)]
    [('https://shop.example/legal/agb', 'terms')]
    """
    here = parse_url(url)
    base = (page.base and join(url, page.base)) or url
    best: dict[str, Candidate] = {}
    for hint in _hints(page, robots_comment_links):
        target = join(base, hint.href)
        if target is None or (hint.href.lstrip().startswith("#") and base == url):
            continue
        candidate = _judge(hint, target, here.host, str(here), same_site)
        document = target.partition("://")[2].rstrip("/")  # one document under http and https, with a closing slash or not
        if candidate and (document not in best or best[document].score < candidate.score):
            best[document] = candidate
    return sorted(best.values(), key=lambda c: -c.score)[:MAX_CANDIDATES]


def probe_paths() -> tuple[str, ...]:
    """At most ten paths to try when no link was found; they reach about two sites in five."""
    return load().probe


def _hints(page: HtmlPage, comment_links: Sequence[str]) -> Iterator[_Hint]:
    for anchor in page.anchors:
        yield _Hint(anchor.href, anchor.text, anchor.rel, anchor.region, _place(anchor))
    for relation in page.relations:
        if any(token in load().rel for token in relation.rel):
            yield _Hint(relation.href, "", relation.rel, "body", f"link element rel={' '.join(relation.rel)}")
    for name, href in _structured(page):
        yield _Hint(href, "", ("terms-of-service",) if name == "termsOfService" else (), "body", f"JSON-LD {name}")
    for href in comment_links:
        if href.lower().startswith(("http://", "https://")):
            yield _Hint(href, "", (), "robots", "comment in robots.txt")


def _place(anchor: Anchor) -> str:
    where = {"footer": " in the footer", "navigation": " in the navigation", "header": " in the header"}
    return f"link “{anchor.text[:80]}”{where.get(anchor.region, '')}"


def _judge(hint: _Hint, target: str, host: str, here: str, same_site: SameSite) -> Candidate | None:
    parsed = parse_url(target)
    by_text = {} if "://" in hint.text else named_by_text(hint.text)  # a URL as text says what the URL says
    by_path = named_by_path(parsed.target)
    by_host = named_by_host(parsed.host) if parsed.host != host else {}
    by_rel = {load().rel[token] for token in hint.rel if token in load().rel}
    reasons = [hint.origin]
    scores: dict[DocumentKind, float] = {}
    for kind in {*by_text, *by_path, *by_host, *by_rel}:
        scores[kind] = (
            (by_text[kind].score if kind in by_text else 0.0)
            + (by_path[kind].score if kind in by_path else 0.0)
            + (by_host[kind].score if kind in by_host else 0.0)
            + (_REL if kind in by_rel else 0.0))
    if hint.region == "robots":
        scores = {k: v + _ROBOTS_COMMENT for k, v in scores.items()} or {DocumentKind.OTHER: _ROBOTS_COMMENT}
    offered = {k: v + _RANK[k] for k, v in scores.items() if k in _RANK}
    if DocumentKind.OTHER in scores:
        offered = {DocumentKind.TERMS: scores[DocumentKind.OTHER]}
    if not offered:
        return None
    kind = max(offered, key=lambda k: offered[k])
    score = offered[kind]
    against = scores.get(DocumentKind.PRIVACY, 0.0)
    if against >= scores.get(kind, score):  # the link is about privacy, and terms are named beside it at most
        if kind not in by_text:
            return None
        score -= 2.0
    if kind in by_path:
        reasons.append(f"its URL says “{by_path[kind].phrase}”")
    score += _FOOTER if hint.region == "footer" else 0.0 if hint.region == "body" else _ELSEWHERE
    if narrowed := narrowing_words(f"{hint.text} {parsed.target.replace('/', ' ')}"):
        score += _NARROWED
        reasons.append(f"narrowed by “{narrowed[0]}”")
    binding = binding_of(host, parsed.host, same_site)
    if binding is Binding.OTHER_DOMAIN:
        third_party = any(parsed.host == d or parsed.host.endswith("." + d) for d in load().third_party)
        score = max(score + _THIRD_PARTY, THRESHOLD) if third_party else score + _OTHER_DOMAIN
        reasons.append("on the domain of a service that many pages embed" if third_party else "on another domain")
    elif parsed.host == host:
        score += _SAME_HOST
    score += _beside(here, target)
    if target == here:
        score += _THIS_PAGE
        reasons.append("it is the page itself")
    if score < THRESHOLD:
        return None
    return Candidate(target, hint.text, kind, round(score, 2), "; ".join(reasons), binding)


def binding_of(host: str, other: str, same_site: SameSite) -> Binding:
    """On whose domain ``other`` stands, seen from ``host``."""
    if host == other or same_site(host, other):
        return Binding.SAME_SITE
    if host.endswith("." + other) or same_operator(host, other):
        return Binding.PARENT_DOMAIN
    return Binding.OTHER_DOMAIN


def _beside(here: str, target: str) -> float:
    """What speaks for a link whose path differs from the page's own in one segment: same locale, same edition."""
    ours, theirs = (u.partition("?")[0].rstrip("/").split("/")[2:] for u in (here, target))
    if len(ours) < 3 or len(ours) != len(theirs):
        return 0.0
    return _SIBLING if sum(a != b for a, b in zip(ours, theirs, strict=True)) == 1 else 0.0


# schema.org properties that point to conditions of use.
_PROPERTIES = ("termsOfService", "usageInfo", "license", "publishingPrinciples")
_MAX_NODES = 5_000


def _structured(page: HtmlPage) -> Iterator[tuple[str, str]]:
    """URLs that JSON-LD gives for conditions of use (schema.org ``termsOfService``, ``usageInfo``)."""
    for script in page.scripts:
        if script.type != "application/ld+json" or not any(name in script.body for name in _PROPERTIES[:2]):
            continue
        try:
            waiting: list[Any] = [json.loads(script.body)]
        except (ValueError, RecursionError):
            continue
        seen = 0
        while waiting and seen < _MAX_NODES:
            node = waiting.pop()
            seen += 1
            if isinstance(node, list):
                waiting.extend(node)
            elif isinstance(node, dict):
                yield from _urls_of(node)
                waiting.extend(v for v in node.values() if isinstance(v, dict | list))


def _urls_of(node: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name in _PROPERTIES[:2]:
        value = node.get(name)
        if isinstance(value, dict):
            value = value.get("url") or value.get("@id")
        if isinstance(value, str) and value.lstrip().startswith(("http", "/")):
            yield name, value
