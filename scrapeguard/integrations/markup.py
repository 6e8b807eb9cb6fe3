"""HTML that cannot be injected into: text is escaped unless a builder of this module made it."""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources


class Markup(str):
    """A piece of HTML made by `tag`; every other string is text and is escaped."""

    __slots__ = ()


def text(value: object) -> Markup:
    """The value as HTML: itself when it is `Markup`, else escaped.

    >>> text("<b>")
    '&lt;b&gt;'
    """
    return value if isinstance(value, Markup) else Markup(html.escape(str(value), quote=True))


def join(parts: Iterable[object]) -> Markup:
    """The pieces one after the other, each escaped unless it is `Markup`; None and empty ones fall away."""
    return Markup("".join(text(p) for p in parts if p is not None and p != ""))


def tag(name: str, *children: object, cls: str = "", **attributes: str) -> Markup:
    """An element with its children.

    >>> tag("p", "a < b", cls="x")
    '<p class="x">a &lt; b</p>'
    """
    if cls:
        attributes = {"class": cls, **attributes}
    written = "".join(f' {k.replace("_", "-")}="{html.escape(v, quote=True)}"' for k, v in attributes.items())
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def link(url: str, words: str = "") -> Markup:
    """A link where the address is http or https; any other address is shown as text.

    >>> link("javascript:alert(1)")
    'javascript:alert(1)'
    """
    if not url.lower().startswith(("https://", "http://")):
        return text(words or url)
    return tag("a", words or url, href=url, rel="noreferrer nofollow")


def details(summary: object, *children: object) -> Markup:
    """A part that opens on demand."""
    return tag("details", tag("summary", summary), *children)


def table(head: Iterable[object], rows: Iterable[Iterable[object]], *, label: str) -> Markup:
    """A table that scrolls within itself on a narrow screen; the first cell of a row heads it."""
    top = tag("tr", *(tag("th", h, scope="col") for h in head))
    body = [
        tag("tr", *(tag("td", cell) if at else tag("th", cell, scope="row") for at, cell in enumerate(row)))
        for row in rows
    ]
    inner = tag("table", tag("thead", top), tag("tbody", *body))
    return tag("div", inner, cls="sg-wide", role="region", aria_label=label, tabindex="0")


def page_part(*children: object) -> Markup:
    """A block that stands by itself in any page: style and content."""
    return tag("div", tag("style", Markup(style())), *children, cls="scrapeguard")


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet, light and dark."""
    return (resources.files("scrapeguard.integrations") / "markup.css").read_text(encoding="utf-8")
