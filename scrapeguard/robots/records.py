"""The lines of a robots.txt: which are records, and of which field (RFC 9309 §2.2, §2.2.4).

The spellings that are read as a field are data (``records.toml``). A record is ``field : value``; for the fields the
library knows the colon may be missing (``Disallow /x``), as Google's parser reads it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

_COMMENT = re.compile(rb"#[ \t]*([^\n]*)")
_LINE_END = r"[ \t]*+(?:#[^\n]*+)?(?=\n)"
_BLANK = rf"\n{_LINE_END}"
_PLAIN_RULE = rf"\n[ \t]*+(?i:disallow|allow)[ \t]*+:[ \t]*+(?:[/*][^ \t\n#]*+)?{_LINE_END}"
# Rules in their plain form, line after line: the bulk of most files, and nothing for those who look for anything else.
_PLAIN_RULES = re.compile(rf"(?:(?:{_BLANK})*+{_PLAIN_RULE})++".encode())


ADDRESSES = frozenset({"sitemap", "host", "clean-param"})
"""Fields that speak of addresses: what they say matters to no decision."""

_WITH_VALUES = ("crawl-delay", "request-rate", "visit-time")  # fields whose value may be bad


class Record(NamedTuple):
    """One line that has a field name. ``pos`` is where its line begins, ``end`` where the last line begins to end that was
    taken with it; ``colon`` is False where it was missing.

    ``name`` is the field's own name, ``written`` what stands in the file; both lower case. ``value`` is what follows,
    without comment and outer white space.
    """

    name: str
    written: str
    value: bytes
    pos: int
    colon: bool
    end: int


class Grammar(NamedTuple):
    """The compiled expressions. Each begins with the line feed before a line, and none can backtrack past that line.

    ``agent`` captures the value of a User-agent line. ``rule`` finds an Allow or Disallow line. ``lines`` takes any
    line, so that its matches count the lines, and captures of a rule: Allow, Disallow, a pattern in normal form, any
    other value. ``root`` finds the rules that match the path ``/``, with captures of Allow and of the pattern.
    ``bare`` is a known field without its colon. ``canonical`` maps every spelling to its field. ``ordinary`` takes
    whole groups from the beginning as long as nothing in them is odd, ``silent`` as long as they also hold no record but
    addresses.
    """

    agent: re.Pattern[bytes]
    rule: re.Pattern[bytes]
    lines: re.Pattern[str]
    root: re.Pattern[bytes]
    ordinary: re.Pattern[bytes]
    silent: re.Pattern[bytes]
    bare: re.Pattern[bytes]
    canonical: dict[str, str]


def _any_of(names: list[str]) -> str:
    # The usual spelling first, and only the names without case: a class of characters is slower to try without it.
    return f"(?i:{'|'.join(map(re.escape, names))})"


def _one_of(names: list[str]) -> str:
    """The same before a colon or white space: a line that does not begin so is left at its first letter, and of one that does
    no other spelling is tried where what follows does not fit."""
    letters = "".join(sorted({letter for name in names for letter in (name[0], name[0].upper())}))
    return rf"(?=[{letters}])(?>{_any_of(names)}(?=[ \t:]))"


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """The expressions built from ``records.toml`` at first use."""
    table = tomllib.loads(files("scrapeguard.robots").joinpath("records.toml").read_text(encoding="utf-8"))["field"]
    names = {field["name"]: [field["name"], *field["spellings"]] for field in table}
    agent, allow, disallow = (_one_of(names[name]) for name in ("user-agent", "allow", "disallow"))
    every = _any_of([name for spellings in names.values() for name in spellings])
    # A missing colon: white space, then a value on a line that has no colon at all before its comment.
    after_agent, after_rule = (rf"(?:[ \t]*+:[ \t]*+|[ \t]++(?=[{first}][^:\n#]*+[#\n]))" for first in (r"^:\n#", "/*"))
    value = r"([^ \t\n#]*+(?:[ \t]++[^ \t\n#]++)*+)"
    # No wildcard, no anchor, no escape, and nothing that `normalise_pattern` would change.
    plain = r"(/[A-Za-z0-9._~!&'()+,;=:@/?\[\]-]*+)(?=[ \t]*+[\n#])"
    root = r"(/\**+\$?+|\*++/?+\**+\$?+)"
    return Grammar(
        agent=re.compile(rf"\n[ \t]*+{agent}{after_agent}{value}".encode()),
        rule=re.compile(rf"\n[ \t]*+(?:{allow}|{disallow}){after_rule}".encode()),
        lines=re.compile(rf"\n(?:[ \t]*+(?:({allow})|({disallow})){after_rule}(?:{plain}|{value}))?[^\n]*+", re.ASCII),
        root=re.compile(rf"\n[ \t]*+(?:({allow})|{disallow}){after_rule}{root}(?=[ \t]*+[\n#])".encode()),
        ordinary=_ordinary([name for name in names if name not in {"user-agent", "allow", "disallow", *_WITH_VALUES}]),
        silent=_ordinary(sorted(ADDRESSES), delays=False),
        bare=re.compile(rf"({every})[ \t]++([^:\n#]++)\Z".encode()),
        canonical={spelling: name for name, spellings in names.items() for spelling in spellings},
    )


def _ordinary(free: list[str], *, delays: bool = True) -> re.Pattern[bytes]:
    """``free`` are the fields that may hold any value; ``delays`` lets a Crawl-delay in seconds pass."""
    agent = rf"\n[ \t]*+(?i:user-agent)[ \t]*+:[ \t]*+(?:\*|[A-Za-z0-9._-]++){_LINE_END}"
    delay = rf"(?i:crawl-delay)[ \t]*+:[ \t]*+[0-9]{{1,9}}+(?:\.[0-9]{{0,9}}+)?{_LINE_END}"
    other = rf"\n[ \t]*+(?:{_any_of(free)}[ \t]*+:[^\n]*+{f'|{delay}' if delays else ''})"
    head = rf"{agent}(?:{_BLANK}|{agent})*+(?:{_BLANK}|{other})*+"
    group = rf"{head}{_PLAIN_RULE}(?:{_PLAIN_RULE}|{_BLANK}|{other})*+"
    return re.compile(rf"(?:{_BLANK}|{other})*+(?:{group})*+(?:(?:{head})?+\n\Z)?+".encode())


@lru_cache(maxsize=16)
def _beginning_with(names: frozenset[str]) -> re.Pattern[bytes]:
    words = {*names, *(spelling for spelling, name in grammar().canonical.items() if name in names)}
    if "sitemap" in names:
        words |= {"http", "https"}  # an address alone is read as one
    space = r"[\t\x0b-\x0d\x1c-\x20]"  # what `str.split` takes out of a name
    beginnings: dict[str, list[str]] = {}  # of a line that begins with a letter only the words with that one are tried
    for word in sorted(words):
        beginnings.setdefault(word[0], []).append(word[1:])
    letters = "".join(f"{letter}{letter.upper()}" for letter in beginnings)
    trees = "|".join(f"[{letter}{letter.upper()}]{_any_of(rests)}" for letter, rests in beginnings.items())
    return re.compile(rf"\n{space}*+(?=[{letters}])(?:{trees})".replace("\\ ", f"{space}+").encode())


def find_field(body: bytes, names: frozenset[str]) -> int:
    """Where the first line is that begins with a spelling of one of these fields, -1 where none does: told without reading
    the lines. Only `records` can tell whether the line is a record of that field.

    >>> find_field(b"\\nUser-agent: *\\nCrawl-delay: 1\\n", frozenset({"crawl-delay"}))
    14
    """
    found = _beginning_with(names).search(body)
    return found.start() if found else -1


@lru_cache(maxsize=1024)
def _field(name: bytes) -> tuple[str, str]:
    """The field that a name before a colon means, and the name as written."""
    written = " ".join(name.decode("ascii", "replace").lower().split())
    return grammar().canonical.get(written, written), written


@lru_cache(maxsize=1)
def known_fields() -> frozenset[str]:
    """The fields the library knows."""
    return frozenset(grammar().canonical.values())


def records(body: bytes, start: int = 0, end: int | None = None, *, skim: bool = False) -> Iterator[Record]:
    """Every record of ``body`` (lines that end with a line feed, the first character a line feed too).

    ``skim`` takes plain rules that follow a rule of the same group together with it, comments and blank lines between included.
    """
    language = grammar()
    end = len(body) if end is None else end
    grouped = False
    rules = {"allow", "disallow"}
    while start < end - 1:
        stop = body.find(b"\n", start + 1)
        if stop < 0:
            stop = len(body)
        line = body[start + 1:stop]
        pos, start = start, stop
        if b"#" in line:
            line = line.partition(b"#")[0]
        line = line.strip(b" \t")
        if not line:
            continue
        name, colon, value = line.partition(b":")
        if colon and not name.strip(b" \t"):
            continue
        if colon:
            field, written = _field(name)
            grouped = grouped or field == "user-agent"
            if skim and grouped and field in rules and (plain := _PLAIN_RULES.match(body, start, end)):
                start = plain.end()
            yield Record(field, written, value.strip(b" \t"), pos, True, start)
        elif bare := language.bare.match(line):
            written = bare[1].decode().lower()
            field = language.canonical[written]
            if field not in {"allow", "disallow"} or bare[2][:1] in {b"/", b"*"}:
                yield Record(field, written, bare[2].strip(b" \t"), pos, False, start)


def comment_texts(body: bytes) -> list[bytes]:
    """What follows the mark of every comment, as it stands there: for a first look."""
    return _COMMENT.findall(body)


def comments(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Position and text of every comment that says something."""
    for found in _COMMENT.finditer(body):
        text = found[1].strip(b" \t#-=*")
        if text:
            yield found.start(), text
