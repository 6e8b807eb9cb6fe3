"""``scrapeguard signals``: every channel by which a site speaks, against the ten purposes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
from rich.text import Text

from scrapeguard.cli import EXIT_ALLOWED, EXIT_UNANSWERED
from scrapeguard.cli.following import NotAsked, follow, is_redirect
from scrapeguard.cli.matrix import shortened
from scrapeguard.cli.options import JSON, URLS, Asker, asking
from scrapeguard.cli.output import VERDICT_STYLE, console, json_line, new_table, prose
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import RequestKind, Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Statement, Verdict
from scrapeguard.model.text import place_in_words

_HEADS = {Purpose.PERSONAL_DATA: "personal", Purpose.IDENTIFICATION: "identify"}
_WORDS = {Verdict.DENY: "no", Verdict.CONDITIONAL: "if", Verdict.ALLOW: "yes", Verdict.SILENT: "·"}
_WEIGHT = [Verdict.DENY, Verdict.CONDITIONAL, Verdict.ALLOW]
_QUOTE = 160

Matrix = dict[str, dict[Purpose, tuple[Verdict, bool]]]
"""By channel and purpose: what it said most restrictively, and whether in its own words (False: extended by the library)."""


@click.command()
@URLS
@JSON
@click.option("--page/--no-page", "with_page", default=True, help="Fetch the page itself too, where robots.txt allows.")
@asking
def signals(asker: Asker, urls: tuple[str, ...], as_json: bool, with_page: bool) -> int:
    """What each channel says for each purpose: robots.txt, usage signals, licences, metadata, terms.

    The page is fetched as this crawler would, unless robots.txt keeps it; its status, header fields and meta elements then count.

    \b
    Example:
      scrapeguard signals https://www.example.com/page --agent examplebot/1.0
    """

    def answer(url: str) -> tuple[dict[Purpose, Decision], str]:
        page, note = fetch_page(asker, url) if with_page else (None, "the page was not fetched")
        return {p: ask(asker, url, p, page) for p in Purpose}, note

    status = EXIT_ALLOWED
    for url, found in asker.each(urls, answer):
        if found is None:
            status = EXIT_UNANSWERED
            continue
        with asker.waiting.aside():
            if as_json:
                json_line(as_mapping(url, *found))
            else:
                _print(url, *found)
    return status


def fetch_page(asker: Asker, url: str) -> tuple[Response | None, str]:
    """The page, redirects followed, each hop asked for under robots.txt; else None and why."""

    def refusal(target: str) -> str:
        gate = asker.ask(target, Purpose.ACCESS)
        denied = any(r.statement.gate and r.verdict is Verdict.DENY for r in gate.reasons)
        return f"robots.txt keeps {gate.product_token} from {target}, so the page was not fetched" if denied else ""

    try:
        found = follow(asker.guard.transport, url, RequestKind.PAGE, refusal=refusal)
    except NotAsked as error:
        return None, str(error)
    if not isinstance(found, Response):
        return None, f"the page could not be fetched ({found.reason})"
    if is_redirect(found):
        return None, f"status {found.status} after as many redirects as are followed, or without a usable Location"
    return found, ""


def ask(asker: Asker, url: str, purpose: Purpose, page: Response | None) -> Decision:
    """The Decision with the page where there is one."""
    if page is None:
        return asker.ask(url, purpose)
    return asker.guard.decide(page, purpose, commercial=asker.commercial, documents=asker.documents)


def matrix_of(decisions: Mapping[Purpose, Decision]) -> Matrix:
    """What each channel said for each purpose, from the reasons and what stands beside them."""
    found: Matrix = {}
    for purpose, decision in decisions.items():
        for statement in decision.unspoken:
            found.setdefault(statement.signal, {})
        for reason in (*decision.reasons, *decision.advisory):
            row = found.setdefault(reason.statement.signal, {})
            said = row.get(purpose)
            if said is None or (_WEIGHT.index(reason.verdict), not reason.direct) < (
                _WEIGHT.index(said[0]),
                not said[1],
            ):
                row[purpose] = (reason.verdict, reason.direct)
    return dict(sorted(found.items()))


def statements_of(decisions: Mapping[Purpose, Decision]) -> list[Statement]:
    """Every statement once, by channel and text."""
    found: dict[tuple[str, str], Statement] = {}
    for decision in decisions.values():
        for statement in (*decision.unspoken, *(r.statement for r in (*decision.reasons, *decision.advisory))):
            found.setdefault((statement.signal, statement.text), statement)
    return [found[key] for key in sorted(found)]


def as_mapping(url: str, decisions: Mapping[Purpose, Decision], note: str) -> dict[str, Any]:
    """The matrix as plain values: channels, statements with their evidence, answers, gaps."""
    first = decisions[Purpose.ACCESS]
    return {
        "url": url,
        "product_token": first.product_token,
        "profile": first.profile,
        "page": note or "fetched",
        "channels": {
            signal: {p.value: {"verdict": v.value, "direct": direct} for p, (v, direct) in row.items()}
            for signal, row in matrix_of(decisions).items()
        },
        "statements": [
            {
                "signal": s.signal,
                "text": s.text,
                "evidence": [{"url": e.source.url, "place": place_in_words(e), "quote": e.quote} for e in s.evidence],
            }
            for s in statements_of(decisions)
        ],
        "answers": {
            p.value: {"verdict": d.verdict.value, "allowed": d.allowed, "signal": d.signal, "why": d.why}
            for p, d in decisions.items()
        },
        "gaps": [{"url": g.url, "state": g.state.value, "note": g.note} for g in first.gaps],
    }


def _print(url: str, decisions: Mapping[Purpose, Decision], note: str) -> None:
    first = decisions[Purpose.ACCESS]
    out = console()
    table = new_table(out, title=Text(f"{url} as {first.product_token} (profile {first.profile})"))
    table.add_column("channel", no_wrap=True)
    for purpose in Purpose:
        table.add_column(_HEADS.get(purpose, purpose.value), justify="center")
    for signal, row in matrix_of(decisions).items():
        table.add_row(signal, *(_cell(*row.get(p, (Verdict.SILENT, True))) for p in Purpose))
    table.add_section()
    table.add_row("together", *(_cell(d.verdict, True) for d in decisions.values()))
    table.add_row("allowed", *("yes" if d else "no" for d in decisions.values()), style="bold")
    out.print(table)
    prose(
        out,
        "no: refused; if: on a condition; yes: accepted; ( ): extended by this library from a neighbouring use; "
        "·: says nothing",
        style="dim",
    )
    for line in _told(decisions):
        prose(out, line)
    for gap in first.gaps:
        prose(out, f"Could not be read: {gap.url}: {gap.state}. {gap.note}")
    if note:
        prose(out, f"Page: {note}.")


def _cell(verdict: Verdict, direct: bool) -> Text:
    word = _WORDS[verdict] if direct else f"({_WORDS[verdict]})"
    return Text(word, "dim" if verdict is Verdict.SILENT else VERDICT_STYLE[verdict])


def _told(decisions: Mapping[Purpose, Decision]) -> Iterator[str]:
    """Each statement with its words and place."""
    for statement in statements_of(decisions):
        yield f"{statement.signal}: {statement.text}"
        for evidence in statement.evidence[:2]:
            short, place = shortened(evidence.quote, _QUOTE), place_in_words(evidence)
            yield f"    «{short}» ({place})" if short else f"    {place}"
