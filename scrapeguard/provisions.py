"""From a site's policy to its provisions: what it says, in a form that can be kept and compared over time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from scrapeguard._pattern import normalise_pattern
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.model.evidence import Source, SourceState
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.kept import Provision, ReadSource, SiteReading, Version
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Effect, Family, Statement
from scrapeguard.robots import RobotsTxt
from scrapeguard.terms import TermsDocument

_ORDERLESS = frozenset({"content-signal", "content-usage"})
_NO_PROVISION = frozenset({"sitemap", "host", "clean-param"})
"""Records of robots.txt that say nothing about what a crawler may do."""
MAX_PROVISIONS = 20_000
"""Provisions kept of one site: a robots.txt of 500 KiB holds fewer rules."""
MAX_QUOTE = 500

_READERS = ("_html.py", "_htmlpage.py", "_drawing.py", "_pattern.py", "_pdf.py", "read.py", "provisions.py", "robots", "signals", "terms")


@cache
def software() -> str:
    """A digest of the code and rules that read a site: what two readings must share to be comparable.

    The library's version stays out of it: a release that reads the same finds the same.

    >>> len(software())
    16
    """
    digest = hashlib.sha256()
    for part in _READERS:
        for file in _files(files("scrapeguard") / part):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _files(entry: Traversable) -> Iterator[Traversable]:
    if entry.is_dir():
        for inner in sorted(entry.iterdir(), key=lambda e: e.name):
            yield from _files(inner)
    elif entry.name.endswith((".py", ".toml", ".json")):
        yield entry


def reading_of(policy: SitePolicy, *, read_at: datetime) -> tuple[SiteReading, dict[str, str]]:
    """What ``policy`` says, to be kept, and the drawn texts of its terms by their SHA-256."""
    texts: dict[str, str] = {}
    versions = []
    found: list[Provision] = []
    for source in policy.sources:
        document = policy.documents.get(source.url)
        if isinstance(document, RobotsTxt):
            found += _of_robots(document, source)
        elif isinstance(document, TermsDocument) and source.state is SourceState.READ:
            texts[document.text_sha256] = document.text
            versions.append(Version(source.url, source.sha256, document.reader, document.text_sha256))
    found += _of_terms(policy)
    found += _of_signals(policy)
    sources = tuple(ReadSource(s.url, s.kind, s.state, s.sha256, s.note[:MAX_QUOTE]) for s in policy.sources)
    provisions = tuple(list(dict.fromkeys(found))[:MAX_PROVISIONS])
    reading = SiteReading(
        policy.authority, policy.product_token, software(), read_at, policy.expires_at, sources, tuple(versions), provisions
    )
    return reading, texts


def _of_robots(document: RobotsTxt, source: Source) -> Iterator[Provision]:
    """Every rule by the crawler it speaks to; where groups of one crawler stand apart, RFC 9309 §2.2.1 reads them together."""
    named: dict[str, list[Any]] = {}
    for group in document.groups:
        for token in dict.fromkeys(group.tokens):
            named.setdefault(token, []).extend(rule for rule in group.rules if rule.pattern)
    for token, rules in named.items():
        if not rules and token not in {"*", ""}:  # a group of its own frees a crawler from what is said to everyone
            yield Provision("robots", Family.ROBOTS, Effect.PERMIT, "everything", token, url=source.url)
        for rule in rules:
            effect = Effect.PERMIT if rule.allow else Effect.FORBID
            quote = rule.text[:MAX_QUOTE]
            yield Provision("robots", Family.ROBOTS, effect, normalise_pattern(rule.pattern), token, url=source.url,
                            section=f"line {rule.line}", quote=quote)
    for record in document.extensions:
        if record.name in _NO_PROVISION:
            continue
        value = " ".join(record.value.split())
        parts = [p.strip() for p in value.lower().split(",")] if record.name in _ORDERLESS else [value]
        for token in record.tokens or ("",):
            for part in parts:
                yield Provision(record.name, Family.SIGNALS, Effect.REQUIRE, _legible(part)[:MAX_QUOTE], token, url=source.url,
                                section=f"line {record.line}", quote=_legible(record.value)[:MAX_QUOTE])


def _of_terms(policy: SitePolicy) -> Iterator[Provision]:
    anywhere = Query("", "/", Purpose.ACCESS, policy.product_token)
    sections = {
        (source.url, clause.start, clause.end): (clause.section, clause.edition)
        for source in policy.sources
        if isinstance(document := policy.documents.get(source.url), TermsDocument)
        for clause in document.clauses
    }
    for statement in policy.statements(anywhere):
        if statement.family is not Family.TERMS or not statement.evidence:
            continue
        first = statement.evidence[0]
        place: Any = first.place
        section, edition = sections.get((first.source.url, getattr(place, "start", -1), getattr(place, "end", -1)), ((), None))
        for activity in statement.activities:
            yield Provision(
                "terms",
                Family.TERMS,
                statement.effect,
                activity.value,
                edition or "",
                tuple(sorted(e.value for e in statement.exceptions)),
                statement.uncertain,
                first.source.url,
                " › ".join(section)[:MAX_QUOTE],
                first.quote[:MAX_QUOTE],
            )


def _of_signals(policy: SitePolicy) -> Iterator[Provision]:
    """What the policy files say at the root, and under each path that one of them names where that differs."""
    signals = policy.readings.get("signals")
    rules = getattr(getattr(signals, "tdm_file", None), "rules", ())
    targets = ["/", *dict.fromkeys(r.pattern.text.rstrip("*$") for r in rules if r.pattern.text.startswith("/"))]
    at_root: set[Provision] = set()
    for target in targets[:200]:
        query = Query(policy.authority + target, target, Purpose.ACCESS, policy.product_token)
        for statement in policy.statements(query):
            for provision in _of_signal(statement):
                if target == "/":
                    at_root.add(provision)
                    yield provision
                elif provision not in at_root:
                    yield provision._replace(subject=target)


def _of_signal(statement: Statement) -> Iterator[Provision]:
    if statement.family is not Family.SIGNALS or not statement.means:
        return
    first = statement.evidence[0] if statement.evidence else None
    if first is not None and first.source.kind is RequestKind.ROBOTS:
        return  # its records were taken as they stand, for every crawler
    for meaning in statement.means:
        conditions = sorted(f"{c.kind}" + (f" {c.value}" if c.value is not None else "") for c in meaning.conditions)
        about = f"{meaning.purpose}: {meaning.verdict}" + (f" ({', '.join(conditions)})" if conditions else "")
        yield Provision(statement.signal, Family.SIGNALS, statement.effect, about, url=first.source.url if first else "",
                        quote=first.quote[:MAX_QUOTE] if first else "")


def _legible(words: str) -> str:
    return words.encode("utf-8", "replace").decode()
