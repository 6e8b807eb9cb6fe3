"""From bytes to lines: marks, line ends, limits, encodings (RFC 9309 §2.2, §2.3, §2.5)."""

from __future__ import annotations

import pytest

from scrapeguard.robots import MAX_BYTES, RobotsFeed, parse_robots

FILE = b"User-agent: *\nDisallow: /x\nAllow: /x/y\n"


def codes(data: bytes | str) -> list[str]:
    return [note.code for note in parse_robots(data).notes]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xef\xbb", b"\xef", b"\xef\xbb\xbf\xef\xbb\xbf"])
def test_choice_a_byte_order_mark_or_its_beginning_is_skipped_and_noted(mark):
    assert not parse_robots(mark + FILE).allowed("/x", "a")
    assert codes(mark + FILE) == ["bom"]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_rfc9309_2_2_lines_end_with_cr_lf_or_both(end):
    robots = parse_robots(FILE.replace(b"\n", end))
    assert not robots.allowed("/x", "a")
    assert robots.match("/x/y", "a").rule.line == 3


@pytest.mark.parametrize("char", ["\u2028", "\u2029", "\x85", "\x0c", "\x0b", "\x1c"])
def test_rfc9309_2_2_nothing_else_ends_a_line(char):
    robots = parse_robots(f"User-agent: *\nDisallow: /x{char}Disallow: /y\n")
    assert robots.allowed("/y", "a")
    assert len(robots.groups[0].rules) == 1


def test_rfc9309_2_5_what_lies_beyond_500_kib_and_the_line_cut_there_are_not_read():
    head = b"User-agent: *\nDisallow: /a\n"
    line = b"Disallow: /far\n"
    padded = head + b"#" * (MAX_BYTES - len(head) - 6) + b"\n" + line
    robots = parse_robots(padded)
    assert not robots.allowed("/a", "b")
    assert robots.allowed("/far", "b")
    assert robots.allowed("/fa", "b")
    assert "cut" in codes(padded)
    exact = head + b"#" * (MAX_BYTES - len(head) - 1 - len(line)) + b"\n" + line
    assert len(exact) == MAX_BYTES
    assert not parse_robots(exact).allowed("/far", "b")
    assert not parse_robots(exact + b"Disallow: /more").allowed("/far", "b")
    assert parse_robots(exact + b"Disallow: /more").allowed("/more", "b")


def test_a_feed_says_when_it_is_full():
    feed = RobotsFeed()
    feed.feed(FILE)
    assert not feed.full
    feed.feed(b"#" * MAX_BYTES)
    assert feed.full
    assert not feed.close().allowed("/x", "a")


def test_rfc9309_2_2_2_bytes_that_are_no_utf8_stand_for_themselves():
    robots = parse_robots(b"User-agent: *\nDisallow: /b\xfccher\nDisallow: /caf\xc3\xa9\n")
    assert not robots.allowed("/b%FCcher", "a")
    assert robots.allowed("/bücher", "a")
    assert not robots.allowed("/café", "a")
    assert "not-utf-8" in codes(str(robots))


def test_choice_nul_is_taken_out_and_noted():
    data = b"User-agent: *\nDis\0allow: /x\0\0\n"
    assert not parse_robots(data).allowed("/x", "a")
    assert codes(data) == ["nul"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_choice_utf16_with_its_mark_is_converted_and_noted(encoding):
    data = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + FILE.decode().encode(encoding)
    assert not parse_robots(data).allowed("/x", "a")
    assert "utf-16" in codes(data)


def test_choice_of_a_html_page_the_records_between_its_tags_are_read_and_it_is_noted():
    page = b"<!doctype html>\n<style>\n  color: red\n</style>\n<p>User-agent: *<br>\n<p>Disallow: /x<br>\n"
    robots = parse_robots(page)
    assert not robots.allowed("/x", "a")
    assert codes(page)[0] == "html"
    assert robots.extensions == ()
    assert parse_robots(b"<html><body>Not found</body></html>").allowed("/x", "a")
