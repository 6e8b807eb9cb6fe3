"""HTTP field values, read without knowing what they say."""

from __future__ import annotations

import re
from typing import NamedTuple


def media_type(content_type: str | None) -> tuple[str, str | None]:
    """Media type in lower case and the charset parameter, if any (RFC 9110 §8.3).

    >>> media_type('Text/HTML; Charset="UTF-8"')
    ('text/html', 'utf-8')
    >>> media_type(None)
    ('', None)
    """
    if not content_type:
        return "", None
    kind, *params = content_type.split(";")
    charset = None
    for param in params:
        name, _, value = param.partition("=")
        if name.strip().lower() == "charset" and charset is None:
            charset = value.strip().strip("\"'").lower() or None
    return kind.strip().lower(), charset


class Link(NamedTuple):
    """One link of a ``Link`` field: target as written, parameters by lower-case name (the first of a name counts)."""

    target: str
    parameters: dict[str, str]

    @property
    def rels(self) -> frozenset[str]:
        """Its relation types in lower case (RFC 8288 §3.3)."""
        return frozenset(self.parameters.get("rel", "").lower().split())


_LINK_TARGET = re.compile(r"[\s,]*<([^>]*)>")
# link-param = token BWS [ "=" BWS ( token / quoted-string ) ]                                             RFC 8288 §3
_LINK_PARAMETER = re.compile(r'[ \t]*;[ \t]*(?:([^\s=;,"<>]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)?')


def parse_links(value: str, *, limit: int = 200) -> list[Link]:
    """The links of one ``Link`` field line (RFC 8288 §3, appendix B.2), up to ``limit`` of them; what is no link is left out.

    >>> parse_links('<https://example.com/l>; rel="license"; type="application/rsl+xml", </a>; rel=next')[0].target
    'https://example.com/l'
    """
    links: list[Link] = []
    at = 0
    while len(links) < limit and (match := _LINK_TARGET.match(value, at)):
        target, at = match[1].strip(), match.end()
        parameters: dict[str, str] = {}
        while match := _LINK_PARAMETER.match(value, at):
            at = match.end()
            if match[1]:
                text = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3] or ""
                parameters.setdefault(match[1].lower(), text)
        links.append(Link(target, parameters))
        comma = value.find(",", at)
        if comma < 0:
            break
        at = comma
    return links
