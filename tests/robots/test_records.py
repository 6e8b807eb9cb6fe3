"""Other records, spellings and notes (RFC 9309 §2.2.4)."""

from __future__ import annotations

import tomllib
from datetime import time
from importlib.resources import files

import pytest

from scrapeguard.model.extension import Extension
from scrapeguard.robots import Comment, RequestRate, VisitTime, parse_robots
from scrapeguard.robots.extensions import CleanParam
from scrapeguard.robots.notes import MAX_NOTES
from scrapeguard.robots.records import records


def table(name: str) -> dict:
    return tomllib.loads(files("scrapeguard.robots").joinpath(name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("field", table("records.toml")["field"], ids=lambda field: field["name"])
def test_every_spelling_in_the_table_is_read_as_its_field(field):
    for spelling in (field["name"], *field["spellings"]):
        for line in (f"{spelling}: /v", f" \t{spelling.upper()} :\t/v # c", f"{spelling} /v"):
            (record,) = records(f"\n{line}\n".encode())
            assert (record.name, record.value) == (field["name"], b"/v"), line
    (record,) = records(f"\n{field['example']}\n".encode())
    assert record.name == field["name"]
    assert field["source"]


def test_no_spelling_is_listed_twice_and_none_of_allow_is():
    spellings = [spelling for field in table("records.toml")["field"] for spelling in field["spellings"]]
    assert len(spellings) == len(set(spellings))
    assert next(f for f in table("records.toml")["field"] if f["name"] == "allow")["spellings"] == []


@pytest.mark.parametrize("notice", table("notices.toml")["notice"], ids=lambda notice: notice["id"])
def test_every_notice_in_the_table_is_noted_by_its_example(notice):
    (note,) = parse_robots(f"# {notice['example']}\n").notes
    assert (note.code, note.line) == ("notice", 1)
    for phrase in notice["phrases"]:
        assert parse_robots(f"# x {phrase} y\n").notes[0].code == "notice"


def test_extensions_have_their_line_scope_and_place():
    robots = parse_robots(
        "Host: example.com\nUser-agent: a\nCrawl-delay: 1\nUser-agent: b\nLicense: one\nDisallow: /x\n"
        "License: two\n\nLicense: three\n"
        "User-agent: c\nNoindex: /n\nDisallow:\nSitemap: /s\nLicense: four\n"
    )
    assert robots.extensions == (
        Extension("host", "example.com", 1, ()),
        Extension("crawl-delay", "1", 3, ("a",)),
        Extension("license", "one", 5, ("a", "b")),
        Extension("license", "two", 7, ("a", "b")),
        Extension("license", "three", 9, ("a", "b"), True),
        Extension("noindex", "/n", 11, ("c",)),
        Extension("sitemap", "/s", 13, ("c",), True),
        Extension("license", "four", 14, ("c",), True),
    )
    assert [e.line for e in robots.extensions_for("b")] == [5, 7, 9]
    assert robots.extensions_for("nobody") == ()
    assert [e.line for e in robots.ungrouped] == [1]


def test_what_a_rule_follows_is_not_trailing():
    robots = parse_robots("User-agent: a\nDisallow: /x\n\nLicense: one\nDisallow: /y\n")
    assert [e.trailing for e in robots.extensions] == [False]


@pytest.mark.parametrize(
    ("value", "delay"),
    [
        ("10", 10.0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("0", 0.0),
        ("5 s", 5.0),
        ("-1", None),
        ("1e9", None),
        ("ten", None),
        ("", None),
        ("9" * 400, None),
        ("nan", None),
        ("inf", None),
        ("١٢", None),
    ],
)
def test_crawl_delay_is_a_number_of_seconds_that_a_clock_can_wait(value, delay):
    assert parse_robots(f"User-agent: *\nCrawl-delay: {value}\n").crawl_delay("a") == delay


def test_choice_of_several_delays_the_first_valid_one_of_the_crawlers_group_counts():
    robots = parse_robots(
        "Crawl-delay: 9\nUser-agent: a\nCrawl-delay: x\nCrawl-delay: 2\nCrawl-delay: 3\nDisallow:\n"
        "User-agent: b\nDisallow:\nUser-agent: *\nDisallow: /x\n"
    )
    assert robots.crawl_delay("a") == 2.0
    assert robots.crawl_delay("b") is None
    assert robots.crawl_delay("c") == 9.0
    assert robots.crawl_delay("*") is None


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        ("1/10", RequestRate(1, 10)),
        ("3/2m", RequestRate(3, 120)),
        ("5/1h", RequestRate(5, 3600)),
        ("9/1D", RequestRate(9, 86400)),
        ("2", RequestRate(2, 1)),
        ("1/10s 1820-1940", RequestRate(1, 10, time(18, 20), time(19, 40))),
        ("1/0", None),
        ("0/5", None),
        ("1/x", None),
        ("1/10 sometimes", None),
        ("", None),
    ],
)
def test_request_rate(value, rate):
    assert parse_robots(f"User-agent: *\nRequest-rate: {value}\n").request_rate("a") == rate


@pytest.mark.parametrize(
    ("value", "times"),
    [
        ("0600-0845", VisitTime(time(6), time(8, 45))),
        ("2200 0200", VisitTime(time(22), time(2))),
        ("06:00-08:45 UTC", VisitTime(time(6), time(8, 45))),
        ("0600-2400", VisitTime(time(6), time(0))),
        ("2500-0100", None),
        ("0660-0700", None),
        ("night", None),
    ],
)
def test_visit_time(value, times):
    assert parse_robots(f"User-agent: *\nVisit-time: {value}\n").visit_time("a") == times


def test_sitemaps_hosts_and_clean_params_belong_to_the_site():
    robots = parse_robots(
        "Sitemap: https://e.example/a\nUser-agent: x\nSitemap: https://e.example/b#f\nDisallow: /\n"
        "sitemap: https://e.example/a\nhttps://e.example/Sitemap.xml\n"
        "Clean-param: a&b /p\nClean-param: c\nHost: h\n"
    )
    assert robots.sitemaps == ("https://e.example/a", "https://e.example/b", "https://e.example/Sitemap.xml")
    assert robots.clean_params == (CleanParam(("a", "b"), "/p"), CleanParam(("c",), "/"))
    assert robots.host == "h"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("User-agent: *\nDissallow: /x", "misspelt", 2),
        ("User-agent: *\nDisallow /x", "missing-colon", 2),
        ("Disallow: /x", "outside-group", 1),
        ("User-agent: *\nDisallow: x", "no-path", 2),
        ("User-agent: *\nDisallow: https://e.example/", "no-path", 2),
        ("User-agent: *\nDisallow: /a b", "space", 2),
        ("User-agent: a, b", "token-list", 1),
        ("User-agent: a/1", "token-cut", 1),
        ("User-agent:", "no-token", 1),
        ("User-agent: a\nCrawl-delay: 1\nUser-agent: b\nDisallow: /", "run-goes-on", 3),
        ("User-agent: a\nCrawl-delay: x", "bad-value", 2),
        ("User-agent: a\nFoo: x", "unknown-record", 2),
        ("https://e.example/sitemap.xml", "bare-sitemap", 1),
        ("# see https://e.example/terms", "link", 1),
    ],
)
def test_what_is_odd_is_noted_with_its_line(text, code, line):
    assert (line, code) in [(note.line, note.code) for note in parse_robots(text).notes]


def test_a_plain_file_has_no_notes():
    assert parse_robots("# hello\nUser-agent: *\nDisallow: /x\n\nSitemap: https://e.example/s\n").notes == ()


def test_a_record_before_the_first_group_joins_no_crawlers():
    assert parse_robots("Sitemap: https://e.example/s\nUser-agent: a\nUser-agent: b\nDisallow: /x\n").notes == ()


def test_notes_are_bounded():
    notes = parse_robots("Foo: x\n" * 5000).notes
    assert len(notes) == MAX_NOTES + 1
    assert notes[-1].code == "more"


def test_comments_come_in_blocks_with_their_addresses():
    robots = parse_robots("# One\n#  two: see https://e.example/terms.\n\nUser-agent: * # three\nDisallow:\n")
    assert robots.comments == (
        Comment(1, "One\ntwo: see https://e.example/terms.", ("https://e.example/terms",)),
        Comment(4, "three", ()),
    )


@pytest.mark.parametrize("text", ["Allowed: /", "Alow: /", "Permit: /", "allow everything", "Allow / : x"])
def test_choice_nothing_grants_but_allow(text):
    assert not parse_robots(f"User-agent: *\nDisallow: /\n{text}\n").allowed("/x", "a")
