"""What notebooks show: everything is in it, and nothing a site wrote becomes markup."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, datetime
from enum import Enum
from html.parser import HTMLParser
from typing import Any

import pytest

import scrapeguard
from scrapeguard.decide.policy import SitePolicy
from scrapeguard.integrations import notebook
from scrapeguard.integrations.marks import MAX_QUOTE, marks, quoted
from scrapeguard.model.decision import Decision
from scrapeguard.model.statement import Activity
from scrapeguard.terms.clause import Clause
from scrapeguard.terms.document import TermsDocument

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;b"
TERMS = (
    "<h1>Terms of Use</h1><p>You may not scrape this website. You may not use the content to train artificial intelligence.</p>"
    "<p>You may not collect usernames to identify people.</p>"
)
SITE = {
    "https://example.com/robots.txt": "User-agent: *\nDisallow: /private\nContent-Signal: ai-train=no",
    "https://example.com/": '<footer><a href="/terms">Terms of Use</a></footer>',
    "https://example.com/terms": TERMS,
}


class Elements(HTMLParser):
    """Collects element names and attribute names, and insists that tags balance."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.hrefs: list[str] = []
        self.open: list[str] = []
        self.data: list[str] = []
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.hrefs += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.data.append(data)


SAFE = {
    "div",
    "style",
    "p",
    "b",
    "span",
    "a",
    "ol",
    "ul",
    "li",
    "blockquote",
    "mark",
    "details",
    "summary",
    "dl",
    "dt",
    "dd",
    "code",
}
SAFE |= {"table", "thead", "tbody", "tr", "th", "td"}
SAFE_ATTRIBUTES = {"class", "href", "rel", "title", "scope", "role", "aria-label", "tabindex"}


def hostile(hint: Any) -> Any:
    """A value of the type in which every string is an attack."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return hostile(next((a for a in args if a is str), args[0]))
    if origin is tuple:
        return (hostile(args[0]),) * (1 if args[-1] is ... else len(args))
    if hint is str:
        return HOSTILE
    if hint is datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return hint(**{f.name: hostile(hints[f.name]) for f in dataclasses.fields(hint) if f.init})
    if hasattr(hint, "_fields"):
        return hint(**{name: hostile(h) for name, h in typing.get_type_hints(hint).items()})
    return {bool: True, int: 1, float: 0.5}[hint]


def assert_safe(markup: str) -> Elements:
    found = Elements(markup)
    assert found.names <= SAFE
    assert found.attributes <= SAFE_ATTRIBUTES
    assert all(href.startswith(("http://", "https://")) for href in found.hrefs)
    return found


@pytest.fixture
def guard() -> scrapeguard.Guard:
    return scrapeguard.Guard("examplebot/1.0", transport=scrapeguard.MemoryTransport(SITE))


def test_choice_every_field_of_a_decision_is_escaped() -> None:
    decision = hostile(Decision)
    found = assert_safe(decision._repr_html_())
    assert any(HOSTILE in text for text in found.data)
    assert_safe(notebook.decisions_html([decision, decision]))


def test_choice_every_field_of_a_terms_document_is_escaped() -> None:
    clause = hostile(Clause)
    document = TermsDocument(HOSTILE, HOSTILE, (), (clause,), notes=(HOSTILE,), reader=HOSTILE, url=HOSTILE)
    assert_safe(document._repr_html_())


def test_choice_every_field_of_a_policy_is_escaped() -> None:
    decision = hostile(Decision)
    statement = decision.reasons[0].statement

    class Says:
        scoped = False

        def says(self, query: object) -> tuple[Any, ...]:
            return (statement,)

    policy = SitePolicy("https://example.com", HOSTILE, (Says(),), decision.gaps)
    assert_safe(policy._repr_html_())


def test_choice_no_address_but_http_becomes_a_link() -> None:
    decision = dataclasses.replace(hostile(Decision), url="javascript:alert(1)//https://")
    assert "javascript:alert(1)//https://" not in Elements(decision._repr_html_()).hrefs


def test_choice_a_decision_shows_verdict_reasons_quotes_and_evidence(guard: scrapeguard.Guard) -> None:
    decision = guard.allowed("https://example.com/private/x", "ai-train")
    shown = "".join(Elements(decision._repr_html_()).data)
    for reason in decision.reasons:
        assert reason.text in shown
        for evidence in reason.statement.evidence:
            assert evidence.quote in shown
            assert evidence.source.sha256 in shown
    for words in ("deny: not allowed", decision.why, *decision.remedies, "Evidence", "not legal advice"):
        assert words in shown


def test_choice_the_deciding_words_are_marked_by_activity() -> None:
    quote = "You may not scrape this website or train artificial intelligence."
    found = {
        quote[m.start : m.end]: m.activity for m in marks(quote, [Activity.AUTOMATED_ACCESS, Activity.AI_TRAINING])
    }
    assert found["scrape"] is Activity.AUTOMATED_ACCESS
    assert found["may not"] is None
    assert Activity.AI_TRAINING in found.values()


@pytest.mark.parametrize(
    "quote", ["", "…", "scrape", "(scrape)", "scrape" * 9000, "may not " * 2000, "<b>scrape</b> & 'may not'"]
)
def test_choice_marking_keeps_the_quote(quote: str) -> None:
    assert "".join(Elements(quoted(quote, list(Activity))).data) == quote
    if len(quote) > MAX_QUOTE:
        assert marks(quote, list(Activity)) == []


def test_choice_terms_show_each_clause_and_what_they_come_to(guard: scrapeguard.Guard) -> None:
    document = scrapeguard.read_terms(TERMS, url="https://example.com/terms")
    shown = "".join(Elements(document._repr_html_()).data)
    assert document.clauses
    for clause in document.clauses:
        assert clause.quote in shown
    assert "forbidden" in shown


def test_choice_a_policy_shows_every_source_and_statement(guard: scrapeguard.Guard) -> None:
    policy = guard.site("https://example.com/")
    shown = "".join(Elements(policy._repr_html_()).data)
    for source in policy.sources:
        assert source.url in shown
    for statement in notebook.statements_of(policy):
        assert statement.text in shown


def test_choice_a_list_of_decisions_is_a_table_once_the_extension_is_loaded(guard: scrapeguard.Guard) -> None:
    registered: dict[type, Any] = {}
    formatter = types.SimpleNamespace(for_type=registered.__setitem__)
    notebook.load_ipython_extension(
        types.SimpleNamespace(display_formatter=types.SimpleNamespace(formatters={"text/html": formatter}))
    )
    show = registered[list]
    decisions = [guard.allowed(f"https://example.com/{p}", "search") for p in ("a", "b")]
    assert_safe(show(decisions))
    assert "https://example.com/b" in show(decisions)
    assert show([]) is None
    assert show([1, 2]) is None
