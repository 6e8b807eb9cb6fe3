"""What was odd about a file, and what its comments announce: for people, and for ``--lint``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from heapq import merge
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from scrapeguard.robots import extensions as ext
from scrapeguard.robots.product_token import file_token
from scrapeguard.robots.records import Record, comment_texts, comments, find_field, grammar, known_fields, records

if TYPE_CHECKING:
    from scrapeguard.robots.parser import Cleaned

MAX_NOTES = 1000
"""How many notes of a file are kept; beyond that one more says so."""

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'()\[\]]{1,2000}", re.IGNORECASE)
_MAX_COMMENT = 20_000
_TERMS_WORDS = ("terms", "legal", "policy", "policies", "conditions", "license", "licence", "/tos", "/agb")


class LineNote(NamedTuple):
    """Something worth saying about a line (0: the whole file); ``code`` is stable, ``message`` for people."""

    line: int
    code: str
    message: str


class Comment(NamedTuple):
    """Comment lines that follow one another, joined by line feeds; the line of the first; the addresses in them."""

    line: int
    text: str
    urls: tuple[str, ...]


@lru_cache(maxsize=1)
def _phrases() -> tuple[str, ...]:
    """What a notice says, the longest first."""
    table = tomllib.loads(files("scrapeguard.robots").joinpath("notices.toml").read_text(encoding="utf-8"))["notice"]
    return tuple(sorted((phrase for notice in table for phrase in notice["phrases"]), key=len, reverse=True))


@lru_cache(maxsize=1)
def _notices() -> re.Pattern[str]:
    first = "".join(sorted({phrase[0] for phrase in _phrases()}))
    return re.compile(rf"(?=[{first}])\b(?:{'|'.join(map(re.escape, _phrases()))})\b")


def read_comments(body: bytes) -> Iterator[Comment]:
    """The comments of a file, in blocks."""
    lines: list[str] = []
    first = last = at = 0
    line = 0
    for pos, text in comments(body):
        line += body.count(b"\n", at, pos)
        at = pos
        if lines and line != last + 1:
            yield _comment(first, lines)
            lines = []
        if not lines:
            first = line
        last = line
        lines.append(text.decode("utf-8", "replace"))
    if lines:
        yield _comment(first, lines)


def _comment(line: int, lines: list[str]) -> Comment:
    text = "\n".join(lines)
    if "." not in text:
        return Comment(line, text, ())
    urls = (url.rstrip(".,;:!?") for url in _URL.findall(text))
    return Comment(line, text, tuple(dict.fromkeys(urls)))


def read_notes(body: bytes, cleaned: Cleaned, *, silent: bool) -> Iterator[LineNote]:
    """The notes on the lines in their order; the file is read as far as they are taken. ``silent`` as `Grammar` has it."""
    html = cleaned.html is not None
    found: Iterator[LineNote] = iter(()) if silent else _of_lines(body, html=html)
    if not html and b"#" in body and _comments_may_tell(body):
        found = merge(found, _of_comments(read_comments(body)), key=lambda note: note.line)
    for number, note in enumerate(found):
        if number == MAX_NOTES:
            yield LineNote(note.line, "more", f"Only the first {MAX_NOTES} notes are kept.")
            return
        yield note


def file_notes(cleaned: Cleaned) -> tuple[LineNote, ...]:
    """The notes about the file as a whole; cheap, for they need no reading of its lines."""
    return tuple(_of_file(cleaned))


def _of_file(cleaned: Cleaned) -> Iterator[LineNote]:
    if cleaned.bom:
        yield LineNote(1, "bom", "A byte order mark stood before the text; it was skipped.")
    if cleaned.utf16:
        yield LineNote(0, "utf-16", "The file is UTF-16, not UTF-8 as RFC 9309 §2.3 asks; it was converted.")
    if cleaned.nul:
        yield LineNote(0, "nul", "The file holds NUL bytes; they were taken out.")
    if cleaned.cut:
        yield LineNote(0, "cut", "The file is longer than 500 KiB; the rest, and the line that the limit cut, was not "
                                 "read (RFC 9309 §2.5).")
    if cleaned.html is not None:
        yield LineNote(1, "html", "This is an HTML page, not a robots.txt; tags were taken out and the records that "
                                  "remained were read.")
    try:
        cleaned.text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = cleaned.text.count(b"\n", 0, error.start) + 1
        yield LineNote(line, "not-utf-8", "Bytes that are no UTF-8; in a path they stand for themselves (%XX).")


def _of_lines(body: bytes, *, html: bool) -> Iterator[LineNote]:
    known = known_fields()
    start = find_field(body, known) if html else _end_of_ordinary(body)
    if start in {-1, len(body)}:
        return
    closed = grammar().agent.search(body, 0, start + 1) is not None
    tokens = ["*"] if closed else []
    between = ""
    line = at = 0
    for record in records(body, start, skim=True):
        line += body.count(b"\n", at, record.pos + 1)
        at = record.pos + 1
        if html and record.name not in known:
            continue
        if record.written != record.name:
            yield LineNote(line, "misspelt", f"{record.written!r} was read as {record.name!r}.")
        if not record.colon:
            yield LineNote(line, "missing-colon", f"No colon after {record.written!r}; read as if there were one.")
        value = record.value.decode("utf-8", "replace")
        if record.name == "user-agent":
            if closed:
                tokens, closed = [], False
            if tokens and between:
                yield LineNote(line, "run-goes-on", f"{between!r} is no rule and ends no group: this crawler shares "
                                                    "the rules below with the one before (RFC 9309 §2.2.4).")
            between = ""
            tokens.append(file_token(record.value))
            if tokens[-1] != value.lower() or not value:
                yield from _of_agent(line, value, tokens[-1])
        elif record.name in {"allow", "disallow"}:
            closed = bool(tokens)
            if not closed or " " in value or "\t" in value or (value and value[0] not in "/*"):
                yield from _of_rule(line, value, in_group=closed)
        else:
            between = record.written
            yield from _of_extension(line, record, value)


def _end_of_ordinary(body: bytes) -> int:
    found = grammar().ordinary.match(body)
    return found.end() if found else 0


def _of_agent(line: int, value: str, token: str) -> Iterator[LineNote]:
    if not token:
        yield LineNote(line, "no-token", f"{value!r} names no crawler; the group below it is for nobody.")
    elif "," in value:
        yield LineNote(line, "token-list", f"One User-agent line names one crawler; {value!r} was read as {token!r}.")
    elif token != value.lower():
        yield LineNote(line, "token-cut", f"{value!r} was read as the product token {token!r} (RFC 9309 §2.2.1).")


def _of_rule(line: int, value: str, *, in_group: bool) -> Iterator[LineNote]:
    if not in_group:
        yield LineNote(line, "outside-group", "A rule before any User-agent line is ignored (RFC 9309 §2.2.2).")
    if value and value[0] not in "/*":
        what = "a URL" if "://" in value else "a path without its leading '/'"
        yield LineNote(line, "no-path", f"{value[:80]!r} is {what}; it matches nothing (RFC 9309 §2.2.2).")
    elif " " in value or "\t" in value:
        yield LineNote(line, "space", "A pattern cannot hold white space; it was read as %20 or %09.")


def _of_extension(line: int, record: Record, value: str) -> Iterator[LineNote]:
    parse = {ext.CRAWL_DELAY: ext.parse_delay, ext.REQUEST_RATE: ext.parse_rate, ext.VISIT_TIME: ext.parse_visit_time}
    if record.name in parse and parse[record.name](value) is None:
        yield LineNote(line, "bad-value", f"{value[:80]!r} is no value for {record.name}; it was ignored.")
    elif ext.is_bare_sitemap(record.name, value):
        yield LineNote(line, "bare-sitemap", "An address without a field name; it was read as a sitemap.")
    elif record.name not in known_fields():
        yield LineNote(line, "unknown-record", f"{record.written[:80]!r} is an unknown field, kept as an extension.")


def _of_comments(found: Iterable[Comment]) -> Iterator[LineNote]:
    for comment in found:
        said = _notices().search(comment.text[:_MAX_COMMENT].lower())
        if said:
            yield LineNote(comment.line, "notice", f"A comment says: {' '.join(comment.text.split())[:500]}")
        if comment.urls and (said or any(_is_terms(url) for url in comment.urls)):
            yield LineNote(comment.line, "link", f"A comment links to {', '.join(comment.urls[:5])}")


def _comments_may_tell(body: bytes) -> bool:
    """False where `_of_comments` gives nothing."""
    text = b"\n".join(comment_texts(body)).decode("utf-8", "replace").lower()
    if any(phrase in text for phrase in _phrases()):
        return True
    return ("://" in text or "www." in text) and any(word in text for word in _TERMS_WORDS)


def _is_terms(url: str) -> bool:
    return any(word in url.lower() for word in _TERMS_WORDS)
