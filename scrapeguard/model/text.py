"""A Decision in words, for a terminal or a log."""

from __future__ import annotations

import textwrap

from scrapeguard.model.decision import ContextNote, Decision, Reason
from scrapeguard.model.evidence import ElementRef, Evidence, HeaderRef, LineRef, PointerRef, Source, Span
from scrapeguard.model.statement import Condition, Statement

WIDTH = 110


def render_decision(decision: Decision) -> str:
    """Verdict, why, reasons with quotes and places, conditions, gaps, what would change the answer."""
    answer = "allowed" if decision.allowed else "not allowed"
    lines = [
        f"{decision.url}",
        f"  {decision.purpose} as {decision.product_token} (profile {decision.profile}): {answer}, verdict {decision.verdict}",
        f"  {decision.why}",
    ]
    for title, reasons in (("Reasons", decision.reasons), ("Not binding here", decision.advisory)):
        if reasons:
            lines += ["", f"{title}:"]
            for number, reason in enumerate(reasons, 1):
                lines += _reason(number, reason)
    if decision.conditions:
        lines += ["", "To meet or keep:"]
        lines += [line for c in decision.conditions for line in _condition(c)]
    if decision.gaps:
        lines += ["", "Could not be read:"]
        lines += [line for s in decision.gaps for line in _gap(s)]
    if decision.missing:
        lines += ["", f"Not known before the page is fetched: {', '.join(decision.missing)}."]
    if decision.remedies:
        lines += ["", "What would change the answer:"]
        lines += [line for r in decision.remedies for line in _wrap(f"- {r}", "  ", "    ")]
    if decision.context:
        lines += ["", "Context (informs, decides nothing, is no legal advice):"]
        lines += [line for n in decision.context for line in _note(n)]
    lines += ["", "An engineering tool's reading of the sources, not legal advice."]
    return "\n".join(lines)


def render_explanation(decision: Decision) -> str:
    """The Decision in words, then every statement that says nothing for its purpose."""
    lines = [render_decision(decision)]
    if decision.unspoken:
        lines += ["", f"Read too, and silent on {decision.purpose}:"]
        for statement in decision.unspoken:
            lines += _wrap(f"- [{statement.signal}] {statement.text}", "  ", "    ")
            lines += _proof(statement.evidence, "    ")
    sources = {e.source for s in _statements(decision) for e in s.evidence}
    lines += ["", "Sources:"]
    lines += [
        f"  {s.url}: {s.state}"
        + (f", status {s.status}" if s.status else "")
        + (f", sha256 {s.sha256}" if s.sha256 else "")
        for s in sorted(sources | set(decision.gaps), key=lambda s: (s.url, s.kind))
    ]
    return "\n".join(lines)


def _statements(decision: Decision) -> list[Statement]:
    return [*(r.statement for r in (*decision.reasons, *decision.advisory)), *decision.unspoken]


def place_in_words(evidence: Evidence) -> str:
    """Where the quote stands.

    >>> from scrapeguard.model.exchange import RequestKind
    >>> from scrapeguard.model.evidence import SourceState
    >>> source = Source("https://example.com/robots.txt", RequestKind.ROBOTS, SourceState.READ)
    >>> place_in_words(Evidence(source, "Disallow: /", LineRef(2)))
    'https://example.com/robots.txt line 2'
    """
    url, place = evidence.source.url, evidence.place
    match place:
        case LineRef(line):
            return f"{url} line {line}"
        case HeaderRef(name, index):
            return f"{url} header field {name}" + (f" ({index + 1})" if index else "")
        case Span(start, end):
            return f"{url} characters {start}–{end}"
        case ElementRef(selector, line):
            return f"{url} element {selector}" + (f" line {line}" if line else "")
        case PointerRef(pointer):
            return f"{url} at {pointer or 'the document'}"
        case _:
            return url


def _wrap(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    ) or [first]


def quote_in_one_line(quote: str) -> str:
    """White space folded, so that a clause of a list reads as a sentence.

    >>> quote_in_one_line("a  b\\n c")
    'a b c'
    """
    return " ".join(quote.split())


def _reason(number: int, reason: Reason) -> list[str]:
    mark = "" if reason.decisive else " (did not decide)"
    lines = _wrap(f"{number}. [{reason.statement.signal}] {reason.verdict}{mark}: {reason.text}", "  ", "     ")
    return lines + _proof(reason.statement.evidence, "     ")


def _proof(evidences: tuple[Evidence, ...], indent: str) -> list[str]:
    lines = []
    for evidence in evidences:
        if evidence.quote:
            lines += _wrap(f"«{quote_in_one_line(evidence.quote)}»", indent, indent + " ")
        digest = f", sha256 {evidence.source.sha256[:16]}…" if evidence.source.sha256 else ""
        when = f", read {evidence.source.fetched_at:%Y-%m-%d %H:%M} UTC" if evidence.source.fetched_at else ""
        lines.append(f"{indent}at {place_in_words(evidence)}{digest}{when}")
    return lines


def _note(note: ContextNote) -> list[str]:
    return [*_wrap(f"- {note.date}: {note.text}", "  ", "    "), f"    {note.source}"]


def _condition(condition: Condition) -> list[str]:
    lines = _wrap(f"- {condition.text}", "  ", "    ")
    lines += [f"    at {place_in_words(e)}" for e in condition.evidence]
    return lines


def _gap(source: Source) -> list[str]:
    via = f" ({source.via})" if source.via else ""
    return _wrap(f"- {source.url}{via}: {source.state}. {source.note}".rstrip(), "  ", "    ")
