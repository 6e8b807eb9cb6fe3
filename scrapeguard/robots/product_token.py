"""The crawler's name in robots.txt, taken from what the caller or the file wrote (RFC 9309 §2.2.1)."""

from __future__ import annotations

import re
from functools import lru_cache

from scrapeguard.errors import InvalidAgent

# RFC 9309 allows letters, "_" and "-". Real crawlers are called AI2Bot, MJ12bot, panscient.com: a token ends where a
# version, a comment or a list begins, and nowhere else. "<" ends it too, for files that were served as HTML.
_TOKEN = re.compile(r"[^\s/*;(),<]+")
_LITERAL = re.compile(r"[A-Za-z_-]+")
_WORD = re.compile(r"([^\s/*;(),<]+)(/\S*)?")
_COMMENT = re.compile(r"\(([^()]*)\)")
_NUMBER = re.compile(r"[\d.]+")
_BROWSER = frozenset({
    "mozilla", "applewebkit", "khtml", "like", "gecko", "chrome", "chromium", "crios", "fxios", "safari", "firefox",
    "version", "mobile", "edge", "edg", "edga", "edgios", "opr", "opera", "presto", "trident", "msie", "iemobile",
    "samsungbrowser", "ucbrowser", "vivaldi", "yabrowser", "headlesschrome", "build", "compatible",
})
_MAX_AGENT = 4096


def file_token(value: bytes) -> str:
    """The token that a User-agent line names, lower case; ``*`` for everyone, '' where it names nobody.

    ``*`` is everyone only alone or before white space (Google's reading).

    >>> file_token(b"ExampleBot/2.1"), file_token(b"*"), file_token(b"*bot"), file_token(b"A, B")
    ('examplebot', '*', '', 'a')
    """
    if value[:1] == b"*":
        return "*" if not value[1:2].strip(b" \t<") else ""
    found = _TOKEN.match(value.decode("utf-8", "replace"))
    return found[0].lower() if found else ""


short_file_token = lru_cache(maxsize=2048)(file_token)
"""The same remembered, for values of bounded length."""


@lru_cache(maxsize=256)
def product_token(agent: str) -> str:
    """The product token, lower case, of a crawler's name or of its whole User-Agent header.

    ``*`` stands for a crawler that no group names. In a header that begins as a browser's the crawler's own product is
    looked for; raises `InvalidAgent` where there is none, or more than one.

    >>> product_token("ExampleBot/1.0 (+https://example.com/bot)")
    'examplebot'
    >>> product_token("Mozilla/5.0 (compatible; ExampleBot/2.1; +https://example.com/bot)")
    'examplebot'
    >>> product_token("Mozilla/5.0 (X11) Firefox/140.0")
    Traceback (most recent call last):
    ...
    scrapeguard.errors.InvalidAgent: 'Mozilla/5.0 (X11) Firefox/140.0' names a browser, no crawler; give a product token
    """
    text = agent.strip()[:_MAX_AGENT]
    if text == "*":
        return "*"
    if _LITERAL.fullmatch(text):
        return text.lower()
    found = _TOKEN.match(text)
    if not found:
        raise InvalidAgent(f"{agent!r} names no crawler; give a product token such as 'examplebot'")
    first = found[0].lower()
    if first != "mozilla":
        return first
    crawlers = _crawlers_in(text)
    if len(crawlers) == 1:
        return crawlers[0]
    if not crawlers:
        raise InvalidAgent(f"{agent!r} names a browser, no crawler; give a product token")
    raise InvalidAgent(f"{agent!r} could mean {' or '.join(crawlers)}; give the product token alone")


def _crawlers_in(header: str) -> list[str]:
    """What is no browser: products outside comments, parts of comments with a version or after «compatible»."""
    found: dict[str, None] = {}
    for word, _version in _WORD.findall(_COMMENT.sub(" ", header)):
        found[word.lower()] = None
    for comment in _COMMENT.findall(header):
        compatible = False
        for part in comment.split(";"):
            word = _WORD.match(part.strip())
            if word and (word[2] or compatible):
                found[word[1].lower()] = None
            compatible = part.strip().lower() == "compatible"
    return [word for word in found
            if word not in _BROWSER and not _NUMBER.fullmatch(word) and not word.startswith(("+", "http"))]
