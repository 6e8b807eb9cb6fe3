"""Between the model's objects and Arrow columns: leaves are gathered column by column, which is what makes it fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, chain, combinations, pairwise
from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow as pa

from scrapeguard.batch.schema import CONDITION, DECISIONS, DOCUMENTS, EVIDENCE, HEADER, REASON, SOURCE
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.model.decision import Decision, Outcome, Reason
from scrapeguard.model.evidence import ElementRef, Evidence, HeaderRef, LineRef, PointerRef, Source, Span
from scrapeguard.model.exchange import Exchange, RequestKind, Response
from scrapeguard.model.statement import Family, Verdict

Getter = Callable[[Any], Any]

_STRICT = (Verdict.DENY, Verdict.CONDITIONAL, Verdict.ALLOW)
UNREAD = "unread"
"""What a family of sources says where one of it could not be read and no other speaks."""


class Facts(NamedTuple):
    """What is true of a site for every purpose; ``authority`` is None for what is no URL."""

    authority: str | None = None
    sources: tuple[Source, ...] = ()
    agents: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    error: str | None = None


def facts_of(policy: SitePolicy, decision: Decision) -> Facts:
    """The facts of a site; ``decision`` is any Decision of it."""
    said = {s.signal for s in decision.unspoken}
    said.update(r.statement.signal for r in (*decision.reasons, *decision.advisory))
    documents = policy.documents.values()
    robots = policy.documents.get(f"{policy.authority}/robots.txt")
    languages = {d.language for d in documents if hasattr(d, "clauses")}
    return Facts(
        policy.authority,
        policy.sources,
        tuple(robots.tokens) if robots is not None else (),
        tuple(sorted(said)),
        tuple(sorted(filter(None, languages))),
    )


class Row(NamedTuple):
    """One answer: ``decision`` is None for what could not be asked."""

    url: str
    purpose: str
    decision: Decision | None
    facts: Facts
    line: int | None = None
    page_read: bool = False


def decisions_batch(rows: Sequence[Row]) -> Any:
    """Rows as a RecordBatch of `DECISIONS`."""
    decisions = [r.decision for r in rows]
    facts = list({id(r.facts): r.facts for r in rows}.values())
    place = {id(f): n for n, f in enumerate(facts)}
    places = [place[id(r.facts)] for r in rows]
    which = pa.array(places, pa.int32())

    outcomes = [None if d is None else d.outcome for d in decisions]
    whole = not any(d is None for d in decisions)

    def own(name: str, get: Getter, of: Sequence[Any] = outcomes) -> Any:
        found = list(map(get, of)) if whole else [None if o is None else get(o) for o in of]
        return pa.array(found, DECISIONS.field(name).type)

    def shared(name: str, get: Getter) -> Any:
        kind = DECISIONS.field(name).type
        return pa.array([get(f) for f in facts], kind).take(which)

    unread = [frozenset(_FAMILY.get(s.kind, Family.SIGNALS) for s in f.sources if s.state.is_gap) for f in facts]
    families = [None if o is None else _by_family(o, unread[n]) for o, n in zip(outcomes, places, strict=True)]
    columns = {
        "line": pa.array([r.line for r in rows], pa.int64()),
        "url": pa.array([r.url for r in rows], pa.string()),
        "authority": shared("authority", lambda f: f.authority),
        "purpose": pa.array([r.purpose for r in rows], pa.string()),
        "verdict": own("verdict", attrgetter("verdict")),
        "allowed": pa.array([o is not None and o.allowed for o in outcomes], pa.bool_()),
        "why": own("why", lambda o: clean(o.why)),
        "signal": own("signal", attrgetter("signal")),
        "incomplete": own("incomplete", attrgetter("incomplete")),
        **{
            f"by_{family}": pa.array([None if f is None else f[n] for f in families], pa.string())
            for n, family in enumerate(Family)
        },
        "product_token": own("product_token", attrgetter("product_token")),
        "profile": own("profile", attrgetter("profile")),
        "commercial": own("commercial", attrgetter("commercial")),
        "page_read": pa.array([r.page_read for r in rows], pa.bool_()),
        "reasons": _structs([_bound(o) for o in outcomes], REASON, _REASON),
        "conditions": _structs([None if o is None else o.conditions for o in outcomes], CONDITION, _CONDITION),
        "remedies": own("remedies", lambda o: [clean(text) for text in o.remedies]),
        "sources": _structs([f.sources for f in facts], SOURCE, _SOURCE).take(which),
        "agents_named": shared("agents_named", lambda f: f.agents),
        "signals_seen": shared("signals_seen", lambda f: f.signals),
        "languages": shared("languages", lambda f: f.languages),
        "decided_at": own("decided_at", attrgetter("decided_at"), decisions),
        "expires_at": own("expires_at", attrgetter("expires_at"), decisions),
        "error": shared("error", lambda f: f.error),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in DECISIONS.names], schema=DECISIONS)


def clean(text: str) -> str:
    """Text that Arrow takes: bytes that were no UTF-8 reach us as lone surrogates, and leave as U+FFFD."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _bound(outcome: Any) -> Any:
    if outcome is None:
        return None
    if not (outcome.reasons or outcome.advisory):
        return ()
    return [(True, r) for r in outcome.reasons] + [(False, r) for r in outcome.advisory]


def _by_family(outcome: Outcome, unread: frozenset[Family]) -> Sequence[str]:
    """What each family says alone: its strictest verdict; else whether one of its sources is unread."""
    said: dict[Family, Verdict] = {}
    if not (outcome.reasons or outcome.advisory):
        return _SILENT[unread]
    for reason in (*outcome.reasons, *outcome.advisory):
        family = reason.statement.family
        known = said.get(family)
        if known is None or _STRICT.index(reason.verdict) < _STRICT.index(known):
            said[family] = reason.verdict
    return [said.get(f, UNREAD if f in unread else "silent") for f in _FAMILIES]


_FAMILIES = tuple(Family)
_SILENT = {
    unread: [UNREAD if f in unread else "silent" for f in _FAMILIES]
    for size in range(len(_FAMILIES) + 1)
    for unread in map(frozenset, combinations(_FAMILIES, size))
}
_FAMILY = {
    RequestKind.ROBOTS: Family.ROBOTS,
    RequestKind.HOME: Family.TERMS,
    RequestKind.TERMS: Family.TERMS,
}


def _structs(
    rows: Sequence[Iterable[Any] | None], kind: Any, getters: Mapping[str, Getter | tuple[Getter, Any, Any]]
) -> Any:
    """A list column of structs, its children gathered over all rows."""
    lists = [None if row is None else tuple(row) for row in rows]
    offsets = [0, *accumulate([len(row or ()) for row in lists])]
    items = list(chain.from_iterable(row for row in lists if row))
    children = []
    for field in kind:
        get = getters[field.name]
        if isinstance(get, tuple):
            members, inner, inner_getters = get
            children.append(_structs([members(i) for i in items], inner, inner_getters))
        else:
            children.append(pa.array([get(i) for i in items], field.type))
    values = pa.StructArray.from_arrays(children, fields=list(kind))
    nulls = pa.array([row is None for row in lists], pa.bool_())
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values, type=pa.list_(kind), mask=nulls)


def _place(evidence: Evidence) -> tuple[str | None, int | None, int | None, int | None, str | None]:
    """(kind, line, start, end, name)"""
    place = evidence.place
    match place:
        case LineRef(line):
            return "line", line, None, None, None
        case Span(start, end):
            return "span", None, start, end, None
        case HeaderRef(name):
            return "header", None, None, None, clean(name)
        case ElementRef(selector, line):
            return "element", line, None, None, clean(selector)
        case PointerRef(pointer):
            return "pointer", None, None, None, clean(pointer)
    return None, None, None, None, None


_EVIDENCE: Mapping[str, Getter] = {
    "url": lambda e: e.source.url,
    "sha256": lambda e: e.source.sha256,
    "fetched_at": lambda e: e.source.fetched_at,
    "quote": lambda e: clean(e.quote),
    "place": lambda e: _place(e)[0],
    "line": lambda e: _place(e)[1],
    "start": lambda e: _place(e)[2],
    "end": lambda e: _place(e)[3],
    "name": lambda e: _place(e)[4],
}


def _of_reason(get: Callable[[Reason], Any]) -> Getter:
    return lambda pair: get(pair[1])


_REASON: Mapping[str, Getter | tuple[Getter, Any, Any]] = {
    "signal": _of_reason(lambda r: r.statement.signal),
    "family": _of_reason(lambda r: r.statement.family),
    "effect": _of_reason(lambda r: r.statement.effect),
    "verdict": _of_reason(lambda r: r.verdict),
    "direct": _of_reason(lambda r: r.direct),
    "decisive": _of_reason(lambda r: r.decisive),
    "binds": lambda pair: pair[0],
    "text": _of_reason(lambda r: clean(r.text)),
    "activities": _of_reason(lambda r: r.statement.activities),
    "exceptions": _of_reason(lambda r: r.statement.exceptions),
    "confidence": _of_reason(lambda r: r.statement.confidence),
    "uncertain": _of_reason(lambda r: r.statement.uncertain),
    "evidence": (_of_reason(lambda r: r.statement.evidence), EVIDENCE, _EVIDENCE),
}

_CONDITION: Mapping[str, Getter] = {
    "kind": lambda c: c.kind,
    "text": lambda c: clean(c.text),
    "value": lambda c: (
        None if c.value is None else f"{c.value:g}" if isinstance(c.value, float) else clean(str(c.value))
    ),
}

_SOURCE: Mapping[str, Getter] = {
    "url": lambda s: clean(s.url),
    "kind": lambda s: s.kind,
    "state": lambda s: s.state,
    "status": lambda s: s.status,
    "sha256": lambda s: s.sha256,
    "fetched_at": lambda s: s.fetched_at,
    "note": lambda s: clean(s.note),
    "via": lambda s: clean(s.via),
}


BROKEN = "broken"
"""The kind of a row that stands for a file of documents which could not be read further: ``body`` says why."""


class Document(NamedTuple):
    """A row of `DOCUMENTS`: the URL, its kind where one was given, and what came."""

    url: str
    kind: str | None
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime | None
    truncated: bool


def documents_batch(documents: Iterable[Exchange | Document]) -> Any:
    """Responses (and failures, which become rows without a status) as a RecordBatch of `DOCUMENTS`.

    >>> documents_batch([Response("https://example.com/robots.txt", 404)]).to_pylist()[0]["status"]
    404
    """
    rows = [d if isinstance(d, Document) else _document(d) for d in documents]
    headers = [r.headers for r in rows]
    pairs = list(chain.from_iterable(headers))
    fields = pa.StructArray.from_arrays(
        [pa.array([clean(p[n]) for p in pairs], pa.string()) for n in (0, 1)], fields=list(HEADER)
    )
    offsets = pa.array([0, *accumulate(map(len, headers))], pa.int32())
    return pa.RecordBatch.from_arrays(
        [
            pa.array([r.url for r in rows], pa.string()),
            pa.array([r.kind for r in rows], pa.string()),
            pa.array([r.status for r in rows], pa.int32()),
            pa.ListArray.from_arrays(offsets, fields, type=DOCUMENTS.field("headers").type),
            pa.array([r.body for r in rows], pa.binary()),
            pa.array([r.fetched_at for r in rows], DOCUMENTS.field("fetched_at").type),
            pa.array([r.truncated for r in rows], pa.bool_()),
        ],
        schema=DOCUMENTS,
    )


def _document(exchange: Exchange) -> Document:
    if isinstance(exchange, Response):
        e = exchange
        return Document(e.url, None, e.status, e.headers, e.body, e.fetched_at, e.truncated)
    return Document(exchange.url, None, None, (), b"", exchange.fetched_at, False)


def read_documents(batch: Any) -> list[Document]:
    """The rows of a RecordBatch or Table of `DOCUMENTS`; columns that are missing are taken for null.

    Raises ValueError where ``url`` is missing or a column cannot be read as its type.
    """
    names, count = set(batch.schema.names), batch.num_rows
    if "url" not in names:
        raise ValueError("documents: no column 'url'; the columns are described in scrapeguard.batch.schema.DOCUMENTS")

    def column(name: str) -> Sequence[Any]:
        if name not in names:
            return [None] * count
        array, kind = batch.column(name), DOCUMENTS.field(name).type
        try:
            values: Sequence[Any] = (array if array.type == kind else array.cast(kind)).to_pylist()
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ValueError(f"documents: column {name!r} is {array.type}, and no {kind}: {error}") from error
        return values

    urls, kinds, statuses, bodies = column("url"), column("kind"), column("status"), column("body")
    times, cuts = column("fetched_at"), column("truncated")
    headers = _headers(batch.column("headers"), count) if "headers" in names else [()] * count
    return [
        Document(url, kind, status, fields, body or b"", at, bool(cut))
        for url, kind, status, fields, body, at, cut in zip(
            urls, kinds, statuses, headers, bodies, times, cuts, strict=True
        )
    ]


def _headers(column: Any, count: int) -> list[tuple[tuple[str, str], ...]]:
    """Header fields of every row; the leaves are read at once, since a dict a field would cost more than the rest."""
    found: list[tuple[tuple[str, str], ...]] = []
    for array in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        kind = DOCUMENTS.field("headers").type
        lists = array if array.type == kind else array.cast(kind)
        offsets, values = lists.offsets.to_pylist(), lists.values
        names, texts = values.field("name").to_pylist(), values.field("value").to_pylist()
        pairs = [(n or "", t or "") for n, t in zip(names, texts, strict=True)]
        found += [tuple(pairs[a:b]) for a, b in pairwise(offsets)]
    return found or [()] * count
