"""Decisions, terms and policies as HTML, for notebooks and reports: verdict, reasons, marked quotes, evidence on demand.

``%load_ext scrapeguard.integrations.notebook`` lets a plain list of Decisions show as a table too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scrapeguard.integrations.marks import quoted
from scrapeguard.integrations.markup import Markup, details, join, link, page_part, table, tag
from scrapeguard.model.decision import Decision, Reason
from scrapeguard.model.evidence import Evidence, Source, SourceState, Span
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.model.statement import Activity, Statement, Verdict
from scrapeguard.model.text import place_in_words

if TYPE_CHECKING:
    from scrapeguard.decide.policy import SitePolicy
    from scrapeguard.terms.document import TermsDocument

NOTE = "An engineering tool’s reading of the sources, not legal advice."

_EFFECT_VERDICT = {"forbid": Verdict.DENY, "permit": Verdict.ALLOW, "require": Verdict.CONDITIONAL}


def decision_html(decision: Decision) -> str:
    """One Decision, whole.

    >>> import scrapeguard
    >>> site = scrapeguard.MemoryTransport({"https://example.com/robots.txt": "User-agent: *\\nDisallow: /"})
    >>> html = decision_html(scrapeguard.Guard("examplebot", transport=site).allowed("https://example.com/", "search"))
    >>> "Disallow: /" in html and "<script" not in html
    True
    """
    return page_part(decision_part(decision))


def decisions_html(decisions: Iterable[Decision]) -> str:
    """Several Decisions: a table of URL and purpose, and each one whole below it."""
    held = list(decisions)
    return page_part(
        matrix_part(held), *(details(_line(d), decision_part(d)) for d in held), tag("p", NOTE, cls="sg-soft")
    )


def terms_html(document: TermsDocument) -> str:
    """A terms document: what it comes to, and each clause with its words marked."""
    summary = [tag("li", tag("b", name), ": ", found) for name, found in document.summary().items()]
    facts = [
        (
            "language",
            document.language if document.readable else f"{document.language} (no rules: nothing was looked for)",
        ),
        ("clauses", str(len(document.clauses))),
        ("characters", f"{len(document.text):,}"),
        ("effective", str(document.effective_date) if document.effective_date else ""),
        ("text sha256", document.text_sha256),
        ("read with", document.reader),
    ]
    clauses = []
    for clause in document.clauses:
        leads = [document.text[a:b] for a, b in clause.lead_in]
        more = [
            ("section", " › ".join(clause.section)),
            ("exceptions", ", ".join(clause.exceptions)),
            ("applies to", clause.edition or ""),
            ("binds", clause.binds),
            ("characters", f"{clause.start}–{clause.end}"),
            ("decided by", ", ".join(clause.rules)),
            ("confidence", f"{clause.confidence:.2f}" + (" (uncertain)" if clause.uncertain else "")),
        ]
        clauses.append(
            tag(
                "li",
                verdict_word(_EFFECT_VERDICT[clause.effect], clause.effect),
                " ",
                ", ".join(clause.activities),
                *(tag("blockquote", quoted(lead, clause.activities)) for lead in leads),
                tag("blockquote", quoted(clause.quote, clause.activities)),
                details("Where and why", facts_list(more)),
            )
        )
    title = tag("p", tag("b", "Terms "), link(document.url) if document.url else "")
    notes = [tag("p", note) for note in document.notes]
    return page_part(
        tag(
            "div",
            title,
            *notes,
            tag("ul", *summary),
            details("About the document", facts_list(facts)),
            tag("ol", *clauses),
            cls="sg-card",
        )
    )


def policy_html(policy: SitePolicy) -> str:
    """All that was read about one authority: sources with their state, and every statement by channel."""
    sources = [
        [
            link(s.url),
            s.kind.value,
            s.state.value,
            str(s.status or ""),
            tag("code", s.sha256[:16]),
            _when(s.fetched_at),
            s.note or s.via,
        ]
        for s in policy.sources
    ]
    spoken: dict[str, list[Statement]] = {}
    for statement in statements_of(policy):
        spoken.setdefault(statement.signal, []).append(statement)
    parts = [
        details(
            f"{signal} ({len(found)})",
            tag("ul", *(tag("li", s.text, *quotes_of(s)) for s in found)),
        )
        for signal, found in sorted(spoken.items())
    ]
    gaps = tag("p", tag("b", "Could not be read: "), ", ".join(s.url for s in policy.gaps)) if policy.gaps else None
    head = tag("p", tag("b", "Policy of "), link(policy.authority), f" for {policy.product_token}")
    body = table(["source", "kind", "state", "status", "sha256", "read", "note"], sources, label="Sources")
    return page_part(tag("div", head, gaps, body, *parts, _until(policy.expires_at), cls="sg-card"))


def statements_of(policy: SitePolicy, *, path: str = "/") -> list[Statement]:
    """What the site says of one path, each statement once, over all purposes."""
    found: dict[tuple[str, str, tuple[Evidence, ...]], Statement] = {}
    for purpose in Purpose:
        for statement in policy.statements(Query(policy.authority + path, path, purpose, policy.product_token)):
            found.setdefault((statement.signal, statement.text, statement.evidence), statement)
    return list(found.values())


def load_ipython_extension(shell: Any) -> None:
    """Let IPython show a list of Decisions as a table: ``%load_ext scrapeguard.integrations.notebook``."""

    def shown(held: list[Any]) -> str | None:
        return decisions_html(held) if held and all(isinstance(d, Decision) for d in held) else None

    shell.display_formatter.formatters["text/html"].for_type(list, shown)


# The parts, which the report uses too.


def decision_part(decision: Decision) -> Markup:
    """One Decision without the style around it."""
    answer = "allowed" if decision.allowed else "not allowed"
    head = tag(
        "p",
        verdict_word(decision.verdict, f"{decision.verdict}: {answer}"),
        " · ",
        tag("b", decision.purpose.value),
        " · ",
        link(decision.url),
    )
    asked = (
        f"as {decision.product_token}, profile {decision.profile}, "
        + {None: "commercial use not said", True: "commercial", False: "not commercial"}[decision.commercial]
    )
    parts = [
        _reasons("Reasons", decision.reasons),
        _reasons("Not binding here", decision.advisory),
        _listed("To meet or keep", [join([c.text, *map(_where, c.evidence)]) for c in decision.conditions]),
        _listed(
            "Could not be read",
            [join([link(g.url), f": {g.state}. {g.note} ", g.via and f"({g.via})"]) for g in decision.gaps],
        ),
        _listed("What would change the answer", decision.remedies),
        details(
            f"Read too, and silent on {decision.purpose} ({len(decision.unspoken)})",
            tag(
                "ul",
                *(tag("li", f"[{s.signal}] {s.text}", *quotes_of(s)) for s in decision.unspoken),
            ),
        )
        if decision.unspoken
        else None,
        details(
            "Context (informs, decides nothing)",
            tag("ul", *(tag("li", f"{n.date}: {n.text} ", link(n.source)) for n in decision.context)),
        )
        if decision.context
        else None,
    ]
    missing = f"Not known before the page is fetched: {', '.join(decision.missing)}. " if decision.missing else ""
    times = tag("p", missing, f"Asked {_when(decision.decided_at)}. ", NOTE, cls="sg-soft")
    return tag(
        "div",
        head,
        tag("p", decision.why),
        tag("p", asked, cls="sg-soft"),
        *parts,
        times,
        cls=f"sg-card sg-{decision.verdict}",
    )


def matrix_part(decisions: Sequence[Decision]) -> Markup:
    """A table of verdicts: one row a URL, one column a purpose."""
    purposes = [p for p in Purpose if any(d.purpose is p for d in decisions)]
    rows: dict[str, dict[Purpose, Decision]] = {}
    for decision in decisions:
        rows.setdefault(decision.url, {})[decision.purpose] = decision
    cells = [[link(url), *(_cell(row.get(p)) for p in purposes)] for url, row in rows.items()]
    return table(["URL", *(p.value for p in purposes)], cells, label="Verdicts by URL and purpose")


def verdict_word(verdict: Verdict, words: object = "") -> Markup:
    """The verdict in its colour, always with its word."""
    return tag("span", words or verdict.value, cls=f"sg-verdict sg-{verdict}")


def facts_list(facts: Iterable[tuple[str, object]]) -> Markup:
    """Name and value, those without a value left out."""
    return tag("dl", *(join([tag("dt", name), tag("dd", value)]) for name, value in facts if value))


def evidence_facts(evidence: Evidence) -> Markup:
    """Where the words stand, and in which bytes."""
    source = evidence.source
    return facts_list([*source_facts(source)[:1], ("place", place_in_words(evidence)), *source_facts(source)[1:]])


def source_facts(source: Source) -> list[tuple[str, object]]:
    """A document's address, state, digest and time."""
    return [
        ("document", link(source.url)),
        ("state", source.state.value + (f", status {source.status}" if source.status else "")),
        ("sha256", tag("code", source.sha256) if source.sha256 else ""),
        ("read", _when(source.fetched_at) if source.state is SourceState.READ else ""),
        ("found through", source.via),
        ("note", source.note),
    ]


def _reasons(title: str, reasons: Sequence[Reason]) -> Markup | None:
    return join([tag("p", tag("b", title)), tag("ol", *map(_reason, reasons))]) if reasons else None


def _reason(reason: Reason) -> Markup:
    statement = reason.statement
    mark = "" if reason.decisive else " (did not decide)"
    more = [*map(evidence_facts, statement.evidence)]
    sure = f"confidence {statement.confidence:.2f}" if statement.confidence is not None else ""
    return tag(
        "li",
        verdict_word(reason.verdict),
        f"{mark} [{statement.signal}] ",
        reason.text,
        *quotes_of(statement),
        details("Evidence", sure and tag("p", sure), *more) if more else None,
    )


def _with_activities(statement: Statement) -> list[tuple[Evidence, tuple[Activity, ...]]]:
    """The quotes in the order in which one reads them: what introduces a clause stands before it."""
    evidence = [e for e in statement.evidence if e.quote]
    if all(isinstance(e.place, Span) for e in evidence):
        evidence.sort(key=lambda e: e.place.start if isinstance(e.place, Span) else 0)
    return [(e, statement.activities) for e in evidence]


def _quote(given: tuple[Evidence, tuple[Activity, ...]]) -> Markup:
    evidence, activities = given
    return tag("blockquote", quoted(evidence.quote, activities))


def quotes_of(statement: Statement) -> list[Markup]:
    """What the source says, its deciding words marked."""
    return [_quote(given) for given in _with_activities(statement)]


def _listed(title: str, items: Sequence[object]) -> Markup | None:
    return join([tag("p", tag("b", title)), tag("ul", *(tag("li", i) for i in items))]) if items else None


def _where(evidence: Evidence) -> Markup:
    return tag("span", f" ({place_in_words(evidence)})", cls="sg-soft")


def _cell(decision: Decision | None) -> Markup | str:
    if decision is None:
        return ""
    note = " (incomplete)" if decision.incomplete else ""
    return join([verdict_word(decision.verdict), f" · {'yes' if decision else 'no'}{note}"])


def _line(decision: Decision) -> Markup:
    return join([decision.purpose.value, ": ", decision.verdict.value, " · ", decision.url])


def _until(moment: datetime | None) -> Markup | None:
    return tag("p", f"To be read again after {_when(moment)}.", cls="sg-soft") if moment else None


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "at an unknown time"
