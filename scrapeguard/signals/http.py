"""What the answer's status says: payment or a licence asked for (402, 401 ``License``), refusal (403 ``CrawlerForbidden``).

RFC 9110 §15.5; Cloudflare Pay Per Crawl (2025/26): ``crawler-price``, ``crawler-charged``, ``crawler-error``; RSL 1.0, Crawler
Authorization Protocol: ``WWW-Authenticate: License``. Any other failure states nothing about permission: it is reported, and
nobody gets round it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrapeguard.model.evidence import Evidence, Source
from scrapeguard.model.exchange import Response
from scrapeguard.model.statement import Condition, ConditionKind, Effect, Family, Statement
from scrapeguard.signals.documents import header_evidence, quoted
from scrapeguard.signals.vocabulary import vocabulary
from scrapeguard.signals.voices import FixedVoice, Said

_PRICE = re.compile(r"\s*([A-Z]{3})\s+([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*\Z")
_CHALLENGE = re.compile(r"(?:^|,)\s*License(?:[\s,]|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'\b(realm|server|as_uri)\s*=\s*"([^"]{1,300})"', re.IGNORECASE)
_REFUSALS = {401, 403, 407, 451}


def _field(response: Response, source: Source, name: str) -> tuple[str, Evidence] | None:
    value = response.header(name)
    return None if value is None else (value, header_evidence(source, name, 0, value))


def from_response(response: Response, source: Source) -> list[FixedVoice]:
    """The voice of the status and the fields that belong to it."""
    statements = [*_gates(response, source), *_retry(response, source)]
    return [FixedVoice(Said(s, s) for s in statements)] if statements else []


def _gates(response: Response, source: Source) -> Iterator[Statement]:
    words = vocabulary()
    status = response.status
    whole = quoted(source, "", None)
    error = _field(response, source, "crawler-error")
    if status == 402:
        price = _field(response, source, "crawler-price")
        parsed = _PRICE.match(price[0]) if price else None
        amount = f"{parsed[2]} {parsed[1]}" if parsed else None
        asked = f"pay {amount} for the fetch" if amount else "pay what the server asks"
        evidence = price[1] if price else whole
        yield words["http-402/payment"].statement(
            evidence, text=f"status 402: the server asks for payment{f' of {amount}' if amount else ''}",
            conditions=(Condition(ConditionKind.PAYMENT, asked, amount, (evidence,)),))
    elif status == 401:
        challenges = response.header_values("www-authenticate")
        found = next(((i, m) for i, c in enumerate(challenges) if (m := _CHALLENGE.search(c[:2000]))), None)
        if found is not None:
            index, scheme = found
            evidence = header_evidence(source, "www-authenticate", index, challenges[index])
            named = _PARAMETER.search(challenges[index], scheme.end(), 2000)
            yield words["http-402/license"].statement(
                evidence, text="status 401: the server asks for a licence token",
                conditions=(Condition(ConditionKind.LICENCE, "obtain a licence token from the server named",
                                      named[2] if named else None, (evidence,)),))
            return
    elif status == 403 and error and error[0].strip().lower() == "crawlerforbidden":
        entry = words["http-status/CrawlerForbidden"]
        yield entry.statement(error[1], text=f"status 403, crawler-error CrawlerForbidden: {entry.text}")
        return
    elif 200 <= status < 300:
        charged = _field(response, source, "crawler-charged")
        if charged:
            yield _report(f"the fetch was charged: {charged[0][:80]}", charged[1], signal="http-402")
    if status in _REFUSALS or status >= 500:
        yield _report(f"the page answered with status {status}; nothing was said about permission, and a refusal is not "
                      "to be got round", error[1] if error else whole)


def _retry(response: Response, source: Source) -> Iterator[Statement]:
    found = _field(response, source, "retry-after")
    if response.status not in {402, 403, 429, 503}:
        return
    if not found:
        if response.status in {429, 503}:
            text = f"status {response.status}: the server asks for fewer requests"
            yield Statement("http-status", Family.SIGNALS, Effect.REQUIRE, text, (quoted(source, "", None),), conditions=(
                Condition(ConditionKind.EXCESSIVE_LOAD, "slow down: the server asks for fewer requests"),))
        return
    value = found[0].strip()
    seconds = int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
    text = f"wait {seconds} seconds before the next request" if seconds is not None else f"retry after {value[:60]}"
    yield Statement("http-status", Family.SIGNALS, Effect.REQUIRE, text, (found[1],), conditions=(
        Condition(ConditionKind.CRAWL_DELAY, text, seconds if seconds is not None else value[:60], (found[1],)),))


def _report(text: str, evidence: Evidence, *, signal: str = "http-status") -> Statement:
    return Statement(signal, Family.SIGNALS, Effect.REQUIRE, text, (evidence,))
