"""Really Simple Licensing 1.0: where licences are declared (§4) and what they mean for a question (§3.4 to §3.12).

Page-level licences stand before site-level ones where they are narrower; otherwise the most restrictive combination holds
(§4.9). A licence that is declared and cannot be obtained leaves the asset unlicensed. The licence server, the amount and the
terms are named as conditions; nobody follows them (Open Licensing Protocol, Crawler Authorization Protocol).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scrapeguard._pattern import normalise
from scrapeguard._url import parse_url
from scrapeguard.errors import InvalidUrl
from scrapeguard.model.evidence import ElementRef, Evidence, Source
from scrapeguard.model.extension import Extension
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Condition, ConditionKind, Effect, Family, Meaning, Statement, Verdict
from scrapeguard.signals.documents import Document, quoted
from scrapeguard.signals.rsl_document import Content, InvalidRsl, Licence, RslDocument, parse_rsl
from scrapeguard.signals.vocabulary import RslWords, vocabulary

MEDIA_TYPE = "application/rsl+xml"
SIGNAL = "rsl"
RECORD = "license"
_WHOLE_DOCUMENT = 1 << 20  # narrower than any pattern
_EVALUATED = (Purpose.SEARCH, Purpose.AI_INPUT, Purpose.AI_TRAIN, Purpose.TDM, Purpose.RESEARCH, Purpose.ARCHIVE)
# What one licence says of one use, most restrictive first (§3.5).
_PROHIBITED, _UNLISTED, _UNNAMED, _GRANTED = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class Association:
    """A place that declares a licence: the evidence for it, the document (None where it cannot be had) and its reach."""

    declared: tuple[Evidence, ...]
    source: Source
    document: RslDocument | None
    page: bool = False


def declared_in_robots(records: Sequence[Extension], outside: Sequence[Extension],
                       ) -> tuple[list[tuple[str, Extension]], list[str]]:
    """Address and record of each License that holds for the caller (§4.4), and what is wrong with others.

    Inside the selected group only those; if it has none, the global ones: before the first group, or after a group's last
    rule following a blank line or a Sitemap line (`Extension.trailing`). A relative value is invalid.
    """
    notes: list[str] = []
    own: list[tuple[str, Extension]] = []
    whole: dict[int, tuple[str, Extension]] = {}
    for record, mine in [*((r, True) for r in records), *((r, False) for r in outside)]:
        if record.name != RECORD:
            continue
        try:
            url = str(parse_url(record.value))
        except InvalidUrl:
            notes.append(f"line {record.line}: License {record.value[:60]!r} is no absolute URL and is ignored")
            continue
        if record.trailing or not record.tokens:
            whole[record.line] = url, record
        elif mine:
            own.append((url, record))
    return own or list(whole.values()), list(dict.fromkeys(notes))


def read_licence(document: Document, *, embedded: bool = False) -> tuple[RslDocument | None, Document]:
    """The document read as RSL; None where it cannot be had, with the fault in the note of its source."""
    if not document.is_read:
        return None, document
    if document.cut:
        return None, document.noted("too long to be read as RSL")
    try:
        rsl = parse_rsl(document.body, embedded=embedded)
    except InvalidRsl as fault:
        return None, document.noted(f"is no RSL: {fault}")
    return rsl, document.noted(*rsl.notes)


class RslVoice:
    """All licences declared for a page, site-level and page-level together."""

    __slots__ = ("_absolute", "_associations", "_memo", "_unlicensed", "scoped")

    def __init__(self, associations: Iterable[Association]) -> None:
        self._associations = tuple(associations)
        self._unlicensed = {id(a): _unlicensed(a) for a in self._associations if a.document is None}
        self._absolute = any(c.origin for a in self._associations if a.document for c in a.document.contents)
        self._memo: dict[tuple[object, ...], Statement | None] = {}
        self.scoped = not all(_reaches_everything(a) for a in self._associations)

    def says(self, query: Query) -> Sequence[Statement]:
        """One statement a declaration that reaches the query's URL."""
        target = normalise(query.target)
        authority = parse_url(query.url).authority if self._absolute else ""
        found = [(a, *_narrowest(a, authority, target)) for a in self._associations]
        page = max((octets for a, octets, _ in found if a.page), default=-1)
        statements = []
        for association, octets, contents in found:
            if association.document is None:
                statements.append(self._unlicensed[id(association)])
            elif contents and (association.page or octets >= page):
                statement = self._statement(association, contents, query)
                if statement is not None:
                    statements.append(statement)
        return statements

    def _statement(self, association: Association, contents: tuple[Content, ...], query: Query) -> Statement | None:
        key = (id(association), tuple(c.selector for c in contents), query.retain, query.user, query.country)
        if key not in self._memo:
            if len(self._memo) >= 512:
                self._memo.clear()
            self._memo[key] = _statement(association, contents, query)
        return self._memo[key]


def _reaches_everything(association: Association) -> bool:
    if association.document is None:
        return True
    words = vocabulary().rsl
    return all(
        not c.origin and c.pattern is not None and c.pattern.text in {"/", "/*", "*"}
        and all(set(licence.permits) | set(licence.prohibits) <= {"usage"} for licence in c.licences)
        and all(_outcome(licence, Purpose.AI_INPUT, words, retain=True)
                == _outcome(licence, Purpose.AI_INPUT, words, retain=False) for licence in c.licences)
        for c in association.document.contents)


def _narrowest(association: Association, authority: str, target: str) -> tuple[int, tuple[Content, ...]]:
    """The entries over the target with the longest pattern; those of the same scope are read together (§3.1.1)."""
    length = -1
    found: list[Content] = []
    for content in association.document.contents if association.document else ():
        if content.origin and content.origin != authority:
            continue
        if content.pattern is None:
            octets = _WHOLE_DOCUMENT if association.page else 0
        elif content.pattern.matches(target):
            octets = content.pattern.octets
        else:
            continue
        if octets > length:
            length, found = octets, []
        if octets == length:
            found.append(content)
    return length, tuple(found)


def _unlicensed(association: Association) -> Statement:
    source = association.source
    why = source.note or (f"status {source.status}" if source.status else source.state.value)
    return Statement(SIGNAL, Family.SIGNALS, Effect.FORBID,
                     f"a licence is declared at {source.url[:200]} and cannot be had ({why[:200]}): unlicensed",
                     (*association.declared, Evidence(source)), vocabulary().rsl.unlicensed)


def _outcome(licence: Licence, purpose: Purpose, words: RslWords, *, retain: bool) -> int:
    covering = {t for table in (words.covers, words.covers_derived) for t, purposes in table.items() if purpose in purposes}
    outcome = _for_tokens(licence, covering)
    if retain and purpose in words.retained:
        outcome = min(outcome, _for_tokens(licence, words.retained[purpose]))
    return outcome


def _for_tokens(licence: Licence, covering: Iterable[str]) -> int:
    covering = set(covering)
    usage = licence.permits.get("usage")
    permit = max((_specificity(t) for t in covering & (usage or set())), default=0)
    prohibit = max((_specificity(t) for t in covering & licence.prohibits.get("usage", frozenset())), default=0)
    if prohibit and prohibit >= permit:
        return _PROHIBITED
    if usage is None:
        return _UNNAMED
    return _GRANTED if permit else _UNLISTED


def _specificity(token: str) -> int:
    return 1 if token == "all" else 2  # noqa: S105 - a usage token, no password


def _statement(association: Association, contents: tuple[Content, ...], query: Query) -> Statement | None:
    words = vocabulary().rsl
    offers = [(content, licence) for content in contents for licence in content.licences]
    evidence = (*association.declared, *(
        quoted(association.source, c.quote, ElementRef(c.selector, c.line)) for c in contents[:4]))
    if not offers:  # license+ is mandatory: without one nothing is licensed
        return Statement(SIGNAL, Family.SIGNALS, Effect.FORBID,
                         f"the entry for {contents[0].url[:80] or 'the document'!r} holds no licence: unlicensed",
                         evidence, words.unlicensed)
    terms = [(licence, *_conditions(content, licence, query, evidence)) for content, licence in offers]
    means = [m for p in _EVALUATED if (m := _meaning(p, terms, words, query)) is not None]
    means += _access(offers, evidence)
    if not means:
        return None
    verdicts = {m.verdict for m in means}
    effect = (Effect.FORBID if Verdict.DENY in verdicts
              else Effect.REQUIRE if Verdict.CONDITIONAL in verdicts else Effect.PERMIT)
    told = "; ".join(_told(licence) for _, licence in offers[:4])
    scope = contents[0].url[:80] or "the document"
    return Statement(SIGNAL, Family.SIGNALS, effect, f"RSL licence for {scope}: {told}", evidence, tuple(means))


def _meaning(purpose: Purpose, terms: Sequence[tuple[Licence, tuple[Condition, ...], bool]], words: RslWords,
             query: Query) -> Meaning | None:
    direct = any(purpose in purposes for purposes in words.covers.values())
    outcomes = []
    for licence, conditions, met in terms:
        outcome = _outcome(licence, purpose, words, retain=query.retain)
        # A licence whose terms the caller does not meet grants him nothing.
        if not met and outcome in {_GRANTED, _UNNAMED}:
            outcome = _UNLISTED
        outcomes.append((outcome, conditions))
    if any(o == _PROHIBITED for o, _ in outcomes):
        return Meaning(purpose, Verdict.DENY, direct)
    if any(o == _GRANTED and not c for o, c in outcomes):
        return Meaning(purpose, Verdict.ALLOW, direct)
    offered = [c for o, c in outcomes if o in {_GRANTED, _UNNAMED} and c]
    if offered:
        return Meaning(purpose, Verdict.CONDITIONAL, direct, offered[0])
    if any(o == _UNLISTED for o, _ in outcomes):
        return Meaning(purpose, Verdict.DENY, direct)
    return None


def _access(offers: Sequence[tuple[Content, Licence]], evidence: tuple[Evidence, ...]) -> list[Meaning]:
    """Only a licence server and a fee for each fetch bear on the fetch itself (§3.7)."""
    conditions = []
    for content, licence in offers:
        if content.server:
            conditions.append(_server(content, evidence))
        conditions += [_payment(licence, i, evidence) for i, p in enumerate(licence.payments) if p.type == "crawl"]
    return [Meaning(Purpose.ACCESS, Verdict.CONDITIONAL, True, tuple(dict.fromkeys(conditions)))] if conditions else []


def _conditions(content: Content, licence: Licence, query: Query, evidence: tuple[Evidence, ...],
                ) -> tuple[tuple[Condition, ...], bool]:
    """What the licence asks of the caller, and False where he is known not to be among those it is for."""
    conditions = [_payment(licence, i, evidence) for i, p in enumerate(licence.payments) if p.type != "free"]
    met = True
    for kind, given, name, what in ((ConditionKind.USER, _status(query.user), "user", "status of the user"),
                                    (ConditionKind.GEO, _places(query.country), "geo", "place of operator and processing")):
        permitted, prohibited = licence.permits.get(name), licence.prohibits.get(name)
        if permitted is None and prohibited is None:
            continue
        if given:
            met = met and (permitted is None or bool(given & permitted)) and not given & (prohibited or frozenset())
        else:
            asked = "; ".join(f"{word} {' '.join(sorted(tokens))[:120]}" for word, tokens in
                              (("only", permitted), ("not", prohibited)) if tokens is not None)
            conditions.append(Condition(kind, f"{what}: {asked}", None, evidence))
    conditions += [Condition(ConditionKind.REPORT, f"report the use: {r or 'as the licence says'}", r or None, evidence)
                   for r in licence.reporting]
    if content.server:
        conditions.append(_server(content, evidence))
    if content.encrypted:
        conditions.append(Condition(ConditionKind.LICENCE, "obtain the key of the encrypted content", content.server or None,
                                    evidence))
    return tuple(conditions), met


def _status(user: str | None) -> frozenset[str]:
    return frozenset({user.strip().lower()}) if user else frozenset()


def _places(country: str | None) -> frozenset[str]:
    code = (country or "").strip().upper()
    return frozenset(({code, "EU"} if code in vocabulary().rsl.eu else {code}) if code else ())


def _server(content: Content, evidence: tuple[Evidence, ...]) -> Condition:
    return Condition(ConditionKind.SERVER, f"obtain a licence token from {content.server[:200]}", content.server[:200],
                     evidence)


def _payment(licence: Licence, index: int, evidence: tuple[Evidence, ...]) -> Condition:
    payment = licence.payments[index]
    known = vocabulary().rsl.payments.get(payment.type)
    text = known[1] if known else f"payment of an unknown type ({payment.type or 'none given'})"
    detail = ", ".join(part for part in (payment.amount, payment.terms_url) if part)
    return Condition(payment.kind, f"{text} ({detail})" if detail else text, payment.amount or payment.terms_url or None,
                     evidence)


def _told(licence: Licence) -> str:
    parts = [f"{word} {kind} {' '.join(sorted(tokens))[:80]}"
             for word, table in (("permits", licence.permits), ("prohibits", licence.prohibits))
             for kind, tokens in table.items()]
    parts += [f"payment {p.type or 'unnamed'}" for p in licence.payments]
    parts += ["reporting"] if licence.reporting else []
    return ", ".join(parts) or "no terms"
