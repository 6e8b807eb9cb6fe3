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


class Record(NamedTuple):
    """One line that has a field name. ``pos`` is where its line begins; ``colon`` is False where it was missing.

    ``name`` is the field's own name, ``written`` what stands in the file; both lower case. ``value`` is what follows,
    without comment and outer white space.
    """

    name: str
    written: str
    value: bytes
    pos: int
    colon: bool


class Grammar(NamedTuple):
    """The compiled expressions. Each begins with the line feed before the line, and none of them can backtrack past a
    line.

    ``agent`` captures the value of a User-agent line; ``rule`` the name and the value of an Allow or Disallow line.
    """

    agent: re.Pattern[bytes]
    rule: re.Pattern[bytes]
    bare: re.Pattern[bytes]
    canonical: dict[str, str]


def _alternatives(names: list[str]) -> bytes:
    # Longest first: "disallowed" must not be read as "disallow" with a missing colon.
    return b"|".join(re.escape(name.encode()) for name in sorted(names, key=len, reverse=True))


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """The expressions built from ``records.toml`` at first use."""
    table = tomllib.loads(files("scrapeguard.robots").joinpath("records.toml").read_text(encoding="utf-8"))["field"]
    names = {field["name"]: [field["name"], *field["spellings"]] for field in table}
    # A missing colon: white space, then a value on a line that has no colon at all before its comment.
    no_colon = rb"[ \t]++(?=%b[^:\n#]*+[#\n])"
    line = rb"\n[ \t]*+%b(?:[ \t]*+:[ \t]*+|%b)([^\n#]*+)"
    agent = _alternatives(names["user-agent"])
    rule = _alternatives([*names["allow"], *names["disallow"]])
    every = _alternatives([name for spellings in names.values() for name in spellings])
    return Grammar(
        agent=re.compile(line % (b"(?:%b)" % agent, no_colon % rb"[^:\n#]"), re.IGNORECASE),
        rule=re.compile(line % (b"(%b)" % rule, no_colon % rb"[/*]"), re.IGNORECASE),
        bare=re.compile(rb"(%b)[ \t]++([^:\n#]++)\Z" % every, re.IGNORECASE),
        canonical={spelling: name for name, spellings in names.items() for spelling in spellings},
    )


def records(body: bytes, start: int = 0, end: int | None = None) -> Iterator[Record]:
    """Every record of ``body`` (lines that end with a line feed, the first character a line feed too)."""
    language = grammar()
    end = len(body) if end is None else end
    while start < end - 1:
        stop = body.find(b"\n", start + 1)
        if stop < 0:
            stop = len(body)
        line = body[start + 1:stop].partition(b"#")[0].strip(b" \t")
        pos, start = start, stop
        if not line:
            continue
        name, colon, value = line.partition(b":")
        if colon:
            written = " ".join(name.decode("ascii", "replace").lower().split())
            yield Record(language.canonical.get(written, written), written, value.strip(b" \t"), pos, True)
        elif bare := language.bare.match(line):
            written = bare[1].decode().lower()
            field = language.canonical[written]
            if field not in {"allow", "disallow"} or bare[2][:1] in {b"/", b"*"}:
                yield Record(field, written, bare[2].strip(b" \t"), pos, False)


def comments(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Position and text of every comment that says something."""
    for found in _COMMENT.finditer(body):
        text = found[1].strip(b" \t#-=*")
        if text:
            yield found.start(), text
