"""What is told without reading every line, or without compiling the rules, is what that would tell."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapeguard.robots import RobotsTxt, notes, parse_robots
from scrapeguard.robots.rules import root_rule

FIELDS = frozenset({"crawl-delay", "visit-time", "noindex", "content-signal", "sitemap", "license", "own-field"})
AGENTS = ("bot", "other", "nobody")
LINES = st.sampled_from(
    [
        "User-agent: *",
        "User-agent: bot # one",
        "user-agent:\tother",
        "User-agent: bot/1.0",
        "User-agent: a, b",
        "useragent bot",
        "Disallow: /",
        "Disallow: /$",
        "Allow: /*",
        "disallow: *",
        "Allow: /*$ # all",
        "Allow /",
        "Disallow: */",
        "Disallow: /*a",
        "Disallow: /a b",
        "Disallow: b",
        "Disallow:",
        "Dissallow: /",
        "Allow:",
        "Crawl-delay: 2",
        "crawl   delay : 2 s",
        "\x0bCrawl-delay: .5",
        "Crawl-delay: soon",
        "Visit-time: 0600-0845",
        "Noindex: /x",
        "No-index: /x",
        "Content-Signal: ai-train=no",
        "\x1cLicense: https://e.example/l",
        "Sitemap: https://e.example/s",
        "https://e.example/sitemap.xml",
        "Own-field: x",
        "# All rights reserved, see https://e.example/terms",
        "# plain",
        "  # www.e.example/legal",
        "",
        " \t",
        "<p>",
        "no record",
    ]
)
FILES = st.tuples(
    st.lists(LINES, max_size=14).flatmap(
        lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines))
    ),
    st.sampled_from(["", "\n"]),
).map("".join)


def _check(robots: RobotsTxt) -> None:
    for agent in AGENTS:
        asker = robots.asker(agent)
        assert asker.number("/") == asker.compiled()("/") == asker.number("/")
    for name in FIELDS:
        assert robots.records_named(frozenset({name})) == tuple(e for e in robots.extensions if e.name == name)
    for agent in AGENTS:
        token = robots.select(agent)
        assert robots.extensions_for(agent) == tuple(e for e in robots.extensions if token and token in e.tokens)
    assert robots.ungrouped == tuple(e for e in robots.extensions if not e.tokens)
    for count in (1, 5):
        assert robots.first_notes(count) == robots.notes[:count]


@given(FILES)
@settings(max_examples=600)
def test_a_shortcut_gives_what_the_long_way_gives(text):
    _check(parse_robots(text))


@given(FILES)
@settings(max_examples=600)
def test_lines_passed_over_as_ordinary_have_no_notes(text):
    robots = parse_robots(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notes, "_end_of_ordinary", lambda _body: 0)
        assert parse_robots(text).notes == robots.notes


def test_shortcuts_on_real_files(real_files, monkeypatch):
    found = [(robots, robots.notes) for robots in map(parse_robots, real_files[::3])]
    monkeypatch.setattr(notes, "_end_of_ordinary", lambda _body: 0)
    for robots, told in found:
        _check(robots)
        assert (
            *robots.file_notes,
            *islice(notes.read_notes(robots._body, robots._cleaned, silent=False), len(told) + 1),
        ) == told


def test_the_root_is_told_from_the_rules_that_match_it_alone():
    body = b"\nUser-agent: *\nDisallow: /a*\nDisallow: /\nAllow: /*\nDisallow: /$x\n"
    robots = parse_robots(body)
    assert root_rule(b"\n" + body + b"\n", robots._runs) == robots.asker("bot").compiled()("/")
    match = robots.asker("bot").match("/")
    assert (match.allowed, match.rule.pattern, match.rule.line) == (True, "/*", 5)


COMMENTS = st.lists(
    st.sampled_from(
        [
            "# Crawling is forbidden",
            "Disallow: /a # unforbiddenly",
            "#- https://e.example/terms -#",
            "# see www.e.example/legal",
            "# terms",
            "# must",
            "# not",
            "#must not",
            "# Запрещено",
            "#",
            "",
            "Disallow: /terms of use",
        ]
    ),
    max_size=6,
).map(lambda lines: "\n".join(["", *lines, ""]).encode())


@given(COMMENTS)
def test_comments_are_passed_over_only_where_none_tells(body: bytes) -> None:
    told = list(notes._of_comments(notes.read_comments(body)))
    assert notes._comments_may_tell(body) or not told
