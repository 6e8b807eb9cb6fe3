"""A report for a file: one page of HTML that needs no network and no script, with every quote, digest and time in the open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources

from scrapeguard._url import parse_url
from scrapeguard._version import __version__
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.integrations.markup import Markup, join, link, style, table, tag
from scrapeguard.integrations.notebook import NOTE, evidence_facts, facts_list, matrix_part, quotes_of, verdict_word
from scrapeguard.model.decision import Decision, Reason
from scrapeguard.model.evidence import Source, Span
from scrapeguard.model.statement import Statement


@dataclass(frozen=True)
class Site:
    """One authority of the report: its policy, and the Decisions about its URLs."""

    policy: SitePolicy
    decisions: list[Decision] = field(default_factory=list)


def report_html(sites: Sequence[Site], *, agent: str, made_at: datetime) -> str:
    """The page: who asked, a matrix of all answers, and for each site its sources, answers and findings.

    >>> import scrapeguard
    >>> from datetime import UTC
    >>> site = scrapeguard.MemoryTransport({"https://example.com/robots.txt": "User-agent: *\\nDisallow: /"})
    >>> guard = scrapeguard.Guard("examplebot", transport=site)
    >>> url = "https://example.com/p"
    >>> held = [Site(guard.site(url), [guard.allowed(url, "search")])]
    >>> page = report_html(held, agent="examplebot", made_at=datetime(2026, 1, 1, tzinfo=UTC))
    >>> page.startswith("<!doctype html>"), "Disallow: /" in page, "http-equiv" in page, "<script" in page
    (True, True, False, False)
    """
    decisions = [d for site in sites for d in site.decisions]
    facts = facts_list(
        [
            ("made", f"{made_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("crawler", agent),
            ("product token", ", ".join(sorted({d.product_token for d in decisions}))),
            ("profile", ", ".join(sorted({d.profile for d in decisions}))),
            ("commercial use", _commercial(decisions)),
            ("scrapeguard", __version__),
            ("text read with", ", ".join(_readers(sites))),
        ]
    )
    head = tag("header", tag("h1", "May it be fetched, and used for what?"), facts, tag("p", NOTE, cls="sg-soft"))
    summary = join([tag("h2", "Summary"), matrix_part(decisions), _counts(decisions)])
    body = tag("main", summary, *(_site(number, site) for number, site in enumerate(sites, 1)))
    foot = tag("footer", tag("p", NOTE, " Digests are SHA-256 of the documents’ bytes; times are UTC.", cls="sg-soft"))
    sheet = style() + (resources.files("scrapeguard.integrations") / "report.css").read_text(encoding="utf-8")
    top = join(
        [
            Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
            Markup('<meta name="color-scheme" content="light dark">'),
            tag("title", f"scrapeguard report of {made_at:%Y-%m-%d}"),
            tag("style", Markup(sheet)),
        ]
    )
    return (
        "<!doctype html>\n"
        + tag("html", tag("head", top), tag("body", head, body, foot, cls="scrapeguard"), lang="en")
        + "\n"
    )


def gather(policies: Mapping[str, SitePolicy], decisions: Iterable[Decision]) -> list[Site]:
    """Decisions by the authority they are about, in the order asked; ``policies`` by authority."""
    sites: dict[str, Site] = {}
    for decision in decisions:
        authority = parse_url(decision.url).authority
        sites.setdefault(authority, Site(policies[authority])).decisions.append(decision)
    return list(sites.values())


def _site(number: int, site: Site) -> Markup:
    findings = _findings(site.decisions)
    anchors = {key: f"finding-{number}-{at}" for at, key in enumerate(findings, 1)}
    names = {key: f"{number}.{at}" for at, key in enumerate(findings, 1)}
    by_url: dict[str, list[Decision]] = {}
    for decision in site.decisions:
        by_url.setdefault(decision.url, []).append(decision)
    return tag(
        "section",
        tag("h2", f"{number}. {site.policy.authority}"),
        tag("h3", "Sources"),
        table(
            ["document", "state", "SHA-256", "read", "note"],
            map(_source, site.policy.sources),
            label=f"Sources of {site.policy.authority}",
        ),
        *(_answers(url, held, anchors, names) for url, held in by_url.items()),
        tag("h3", "Findings") if findings else tag("p", "No source speaks of these purposes."),
        *(_finding(findings[key], names[key], anchors[key]) for key in findings),
    )


_Key = tuple[str, str, tuple[object, ...]]


def _findings(decisions: Iterable[Decision]) -> dict[_Key, list[tuple[Decision, Reason]]]:
    """Each statement once, with what it meant for every purpose."""
    found: dict[_Key, list[tuple[Decision, Reason]]] = {}
    for decision in decisions:
        for reason in (*decision.reasons, *decision.advisory):
            found.setdefault(_key(reason.statement), []).append((decision, reason))
    return found


def _key(statement: Statement) -> _Key:
    return statement.signal, statement.text, statement.evidence


def _answers(url: str, decisions: Sequence[Decision], anchors: Mapping[_Key, str], names: Mapping[_Key, str]) -> Markup:
    rows = []
    for decision in decisions:
        keys = dict.fromkeys(_key(r.statement) for r in decision.reasons if r.decisive)
        links: list[object] = []
        for key in keys:
            links += [tag("a", names[key], href=f"#{anchors[key]}"), " "]
        rows.append(
            [
                decision.purpose.value,
                verdict_word(decision.verdict),
                "yes" if decision else "no",
                decision.why,
                join(links),
            ]
        )
    more = [
        _once("To meet or keep", [c.text for d in decisions for c in d.conditions]),
        _once("Could not be read", [f"{g.url}: {g.state}. {g.note}" for d in decisions for g in d.gaps]),
        _once("What would change the answers", [r for d in decisions for r in d.remedies]),
        _once("Not known before the page is fetched", [m for d in decisions for m in d.missing]),
        _once(
            "Context (informs, decides nothing)",
            [join([f"{n.date}: {n.text} ", link(n.source)]) for d in decisions for n in d.context],
        ),
    ]
    heads = ["purpose", "verdict", "allowed", "why", "findings"]
    return join([tag("h3", "Answers for ", link(url)), table(heads, rows, label=f"Answers for {url}"), *more])


def _finding(said: Sequence[tuple[Decision, Reason]], name: str, anchor: str) -> Markup:
    statement = said[0][1].statement
    meanings: dict[str, None] = {}
    for decision, reason in said:
        how = "" if reason.direct else ", derived"
        meanings[f"{decision.purpose}: {reason.verdict}{how}{', decided' if reason.decisive else ''}"] = None
    sure = (
        [("confidence", f"{statement.confidence:.2f}" + (" (uncertain)" if statement.uncertain else ""))]
        if statement.confidence is not None
        else []
    )
    return tag(
        "article",
        tag("h4", f"{name} [{statement.signal}] {statement.text}"),
        *quotes_of(statement),
        facts_list(
            [
                ("activities", ", ".join(statement.activities)),
                ("exceptions", ", ".join(statement.exceptions)),
                *sure,
                ("means", "; ".join(meanings)),
            ]
        ),
        *map(evidence_facts, statement.evidence),
        id=anchor,
    )


def _source(source: Source) -> list[object]:
    state = source.state.value + (f" ({source.status})" if source.status else "")
    when = f"{source.fetched_at:%Y-%m-%d %H:%M:%S}" if source.fetched_at else ""
    via = f"found through {source.via}" if source.via else ""
    return [
        link(source.url),
        state,
        tag("code", source.sha256),
        when,
        ". ".join(filter(None, [source.note.rstrip("."), via])),
    ]


def _once(title: str, items: Iterable[object]) -> Markup | None:
    unique = dict.fromkeys(items)
    return join([tag("h4", title), tag("ul", *(tag("li", i) for i in unique))]) if unique else None


def _counts(decisions: Sequence[Decision]) -> Markup:
    yes = sum(map(bool, decisions))
    gaps = sum(d.incomplete for d in decisions)
    return tag(
        "p",
        f"{len(decisions)} questions: {yes} allowed, {len(decisions) - yes} not; {gaps} answered although a source could not be read.",
    )


def _commercial(decisions: Sequence[Decision]) -> str:
    words = {None: "not said", True: "yes", False: "no"}
    return ", ".join(dict.fromkeys(words[d.commercial] for d in decisions))


def _readers(sites: Sequence[Site]) -> list[str]:
    places = (
        e.place
        for site in sites
        for d in site.decisions
        for s in (*d.unspoken, *(r.statement for r in (*d.reasons, *d.advisory)))
        for e in s.evidence
    )
    return sorted({p.reader for p in places if isinstance(p, Span) and p.reader} | _rules())


def _rules() -> set[str]:
    from scrapeguard.terms.document import RULES_VERSION  # noqa: PLC0415 - loads the readers of terms

    return {f"terms rules {RULES_VERSION}"}
