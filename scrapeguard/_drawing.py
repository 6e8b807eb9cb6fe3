"""The target of the parser's events: tags and words in, a drawn page out. Knows no parser.

What a browser shows is drawn, and also what it shows only after a click (``hidden``, ``display: none``, closed
``<details>``, ``<noscript>``, ``<textarea>``), since terms stand there too. Scripts, styles, templates, images and
embedded documents are not text. A list item's marker is drawn before its block, so that a block holds the page's own
words only.
"""

from __future__ import annotations

import re
from typing import Any

from scrapeguard._htmlpage import MAX_LINKS, Anchor, HtmlPage, Meta, Relation, Script, Stretch, TextBlock

_MAX_LABEL = 400
_BREAK = "\x01"
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "noscript", "ol", "p", "pre", "search",
    "section", "select", "summary", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "ul"})
_UNSEEN = frozenset({
    "script", "style", "template", "svg", "math", "iframe", "object", "canvas", "audio", "video", "applet", "noembed",
    "noframes", "title"})
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_KINDS = {"td": "cell", "th": "cell", "caption": "cell", "dt": "term", "dd": "definition", "blockquote": "quote",
          "p": "paragraph"}
_REGIONS = {"nav": "navigation", "header": "header", "footer": "footer", "aside": "navigation", "select": "navigation"}
_ROLES = {"navigation": "navigation", "banner": "header", "contentinfo": "footer", "complementary": "navigation",
          "menu": "navigation", "menubar": "navigation"}
_CONTENT = frozenset({"main", "article"})
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BOLD = frozenset({"b", "strong"})
_LINKS, _HEAD, _PREFORMATTED = frozenset({"a", "area"}), frozenset({"meta", "link"}), frozenset({"pre", "textarea"})
_APART = frozenset({"option", "button", "label"})
_BOLD_LEVEL = 7
_NAVIGATION_NAME = re.compile(
    r"(?:[a-z0-9]{1,12}[-_]{1,2})?(?:nav|navbar|navigation|menu|breadcrumbs?|sidebar)(?:$|[-_])")
_ITEM_LINE = re.compile(r"(?:[*\-•·–▪●○]|\(?[a-zA-Z0-9]{1,4}[.)])\s")
_DATA_TYPES = frozenset({"application/ld+json", "application/rsl+xml"})
_INVISIBLE = re.compile("[\xad\u200b\u2060\ufeff]")
_WORD = re.compile(r"[^\W_]")
_DEEPEST_INDENT = 8
_TITLE_WORDS = 15


class Drawing:
    """The parser's target: takes tags and words in order, keeps the block being drawn and what is open around it."""

    def __init__(self, lines: dict[str, list[int]]) -> None:
        self._lines = {name: iter(places) for name, places in lines.items()}
        self._parts: list[str] = []
        self._pos = 0
        self._blocks: list[TextBlock] = []
        self._anchors: list[Anchor] = []
        self._placed = 0
        self._metas: list[Meta] = []
        self._relations: list[Relation] = []
        self._scripts: list[Script] = []
        self._stretches: dict[str, list[Stretch]] = {"lang": [], "nosnippet": [], "noscript": []}
        self._base: str | None = None
        self._lang: str | None = None
        self._title = ""
        self._scripts_seen = self._passwords = 0
        self._depth = 0
        self._restore: list[tuple[int, str, Any]] = []  # what to set back when the element at that depth ends
        self._buffer: list[str] = []
        self._region, self._kind, self._heading_level, self._content, self._pre = "body", "paragraph", 0, False, False
        self._names: dict[str, str] = {}
        self._lists: list[list[Any]] = []
        self._marker = ""
        self._bold = 0
        self._plain = self._bold_seen = False
        self._heading = ""
        self._unseen = 0
        self._capture: list[str] | None = None
        self._link: tuple[str, tuple[str, ...], str] | None = None
        self._link_text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._unseen:
            return
        if tag in _BLOCKS:
            self._flush()
            self._open_block(tag, attributes)
        elif tag in _LINKS:
            self._open_link(attributes)
        elif tag == "br":
            self._buffer.append(_BREAK)
        elif tag in _BOLD:
            self._bold += 1
        elif tag == "img":
            if self._link and (label := attributes.get("alt")):
                self._link_text.append(f" {label[:_MAX_LABEL]} ")
        elif tag in _UNSEEN:
            self._open_unseen(tag, attributes)
        elif tag in _HEAD:
            self._head_element(tag, attributes)
        elif tag == "base":
            self._base = self._base or attributes.get("href")
        elif tag == "input":
            self._passwords += attributes.get("type", "").lower() == "password"
        elif tag in _APART or "-" in tag:  # a hyphen marks custom elements (HTML §4.13.3)
            self._buffer.append(" ")
        if attributes and "data-nosnippet" in attributes:
            self._flush()
            self._keep("nosnippet", ("", self._pos))

    def end(self, tag: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        if self._unseen:
            if depth == self._unseen:
                self._unseen = 0
                self._close_unseen(tag)
            return
        if tag in _BLOCKS:
            self._flush()
            if tag in _LISTS and self._lists:
                self._lists.pop()
        elif tag in _LINKS:
            self._close_link()
        elif tag in _BOLD:
            self._bold -= 1
        restore = self._restore
        while restore and restore[-1][0] >= depth:
            _, name, value = restore.pop()
            if name in self._stretches:
                self._flush()
                words, since = value
                if self._pos > since:  # the blank line before its first block is not part of it
                    self._stretches[name].append(Stretch(since + 2 if since else 0, self._pos, words))
            else:
                setattr(self, name, value)

    def data(self, words: str) -> None:
        if self._unseen:
            if self._capture is not None:
                self._capture.append(words)
            return
        self._buffer.append(words)
        if self._link:
            self._link_text.append(words)
        if self._bold:
            self._bold_seen = True
        elif not self._plain and not words.isspace():
            self._plain = True

    def comment(self, words: str) -> None:
        """Comments are not shown."""

    def close(self) -> None:
        self._close_link()
        self._flush()

    def _keep(self, name: str, value: Any) -> None:
        self._restore.append((self._depth, name, value))

    def _set(self, name: str, value: Any) -> None:
        self._restore.append((self._depth, name, getattr(self, name)))
        setattr(self, name, value)

    def _open_block(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _HEADINGS:
            self._set("_heading_level", _HEADINGS[tag])
        elif tag in _LISTS:
            step = -1 if "reversed" in attributes else 1
            counted = tag == "ol" and (step > 0 or "start" in attributes)  # who counts down knows the end; we do not
            self._lists.append([counted, _integer(attributes.get("start"), 1) - step, attributes.get("type", "1"), step])
        elif tag == "li":
            self._marker = self._next_marker(attributes.get("value"))
            self._set("_kind", "paragraph")
        elif tag in _KINDS:
            self._set("_kind", _KINDS[tag])
        elif tag in _PREFORMATTED:
            self._set("_pre", True)
        elif tag in _CONTENT:
            self._set("_content", True)
            self._set("_region", "body")
        elif tag == "noscript":
            self._keep("noscript", ("", self._pos))
        if region := _REGIONS.get(tag):
            if not (self._content and tag in {"header", "footer"}):  # HTML-AAM: those of an article are no landmarks
                self._set("_region", region)
        elif attributes:
            self._attributes(tag, attributes)

    def _attributes(self, tag: str, attributes: dict[str, str]) -> None:
        role = attributes.get("role")
        if role:
            if region := _ROLES.get(role):
                self._set("_region", region)
            elif role == "heading":
                self._set("_heading_level", min(max(_integer(attributes.get("aria-level", "2"), 2), 1), 6))
            elif role == "main":
                self._set("_content", True)
        if lang := attributes.get("lang") or attributes.get("xml:lang"):
            if tag == "html":
                self._lang = self._lang or lang[:40]
            else:
                self._keep("lang", (lang[:40], self._pos))
        if self._region == "body" and not self._content and tag not in {"html", "body"}:
            name = f"{attributes.get('id', '')} {attributes.get('class', '')}"
            if len(name) > 1 and (region := self._named(name)):
                self._set("_region", region)

    def _named(self, name: str) -> str:
        """The region that an element's id and classes name, or ''."""
        if (known := self._names.get(name)) is None:
            known = ""
            for word in name[:300].lower().split():
                if word.startswith(("has-", "with-", "no-", "is-", "not-")):
                    continue
                if "footer" in word or word == "colophon":
                    known = "footer"
                    break
                if _NAVIGATION_NAME.match(word):
                    known = "navigation"
                    break
            self._names[name] = known
        return known

    def _next_marker(self, value: str | None) -> str:
        if not self._lists or not self._lists[-1][0]:
            return "•"
        current = self._lists[-1]
        current[1] = _integer(value, current[1] + current[3]) if value else current[1] + current[3]
        return numeral(current[1], current[2]) + "."

    def _open_unseen(self, tag: str, attributes: dict[str, str]) -> None:
        self._unseen = self._depth
        self._capture = None
        if tag == "script":
            self._scripts_seen += 1
            line = next(self._lines["script"], None)
            kind = attributes.get("type", "").partition(";")[0].strip().lower()
            if kind in _DATA_TYPES:
                self._capture = []
                self._scripts.append(Script(kind, "", line))
        elif tag == "title" and not self._title:
            self._capture = []

    def _close_unseen(self, tag: str) -> None:
        if self._capture is not None:
            words = "".join(self._capture)
            if tag == "title":
                self._title = " ".join(words.split())[:_MAX_LABEL]
            else:
                self._scripts[-1] = self._scripts[-1]._replace(body=words)
            self._capture = None

    def _open_link(self, attributes: dict[str, str]) -> None:
        self._close_link()
        href = attributes.get("href")
        if href and len(self._anchors) < MAX_LINKS:
            label = attributes.get("aria-label") or attributes.get("title") or attributes.get("alt") or ""
            self._link = (href, tuple(attributes.get("rel", "").lower().split()), label[:_MAX_LABEL])
        if self._buffer:
            self._buffer.append(" " if self._buffer[-1] == "" else "")

    def _close_link(self) -> None:
        if self._link:
            href, rel, label = self._link
            words = " ".join("".join(self._link_text)[: 4 * _MAX_LABEL].replace(_BREAK, " ").split())[:_MAX_LABEL]
            self._anchors.append(Anchor(href, words or " ".join(label.split()), rel, self._region, -1, self._heading))
            self._link = None
            self._link_text = []
            self._buffer.append("")  # two links side by side are two words

    def _head_element(self, tag: str, attributes: dict[str, str]) -> None:
        line = next(self._lines[tag], None)
        if tag == "link":
            if attributes.get("rel") and attributes.get("href"):
                self._relations.append(Relation(tuple(attributes["rel"].lower().split()), attributes["href"].strip(),
                                                attributes.get("type", "").strip().lower(), line))
            return
        for attribute in ("name", "property", "http-equiv"):
            if name := attributes.get(attribute):
                self._metas.append(Meta(name.strip().lower(), attributes.get("content", ""), attribute, line))

    def _flush(self) -> None:
        """End the block being drawn: its words, white space folded as a browser folds it, become one or more blocks."""
        if not self._buffer:
            return
        raw = "".join(self._buffer)
        self._buffer = []
        all_bold = self._bold_seen and not self._plain
        self._plain = self._bold_seen = False
        if raw.isspace() or not raw:
            return
        if not raw.isascii():
            raw = _INVISIBLE.sub("", raw)
        if self._pre:
            chunks = [c.strip() for c in _BLANK_LINE.split(raw.replace(_BREAK, "\n").expandtabs(4))]
        elif _BREAK in raw:
            chunks = _paragraphs(raw.split(_BREAK))
        else:
            chunks = [" ".join(raw.split())]
        for chunk in chunks:
            if _WORD.search(chunk):
                self._emit(chunk, all_bold)

    def _emit(self, words: str, all_bold: bool) -> None:
        if self._pos:
            self._parts.append("\n\n")
            self._pos += 2
        level = len(self._lists)
        marker, self._marker = self._marker, ""
        if self._heading_level:
            kind, level = "heading", self._heading_level
        elif marker:
            kind, level = "item", max(level, 1)
        else:
            kind = self._kind
            if all_bold and kind == "paragraph" and words[-1] not in ".;,!" and len(words.split()) <= _TITLE_WORDS:
                kind, level = "heading", _BOLD_LEVEL
        if marker:
            indent = "  " * min(len(self._lists) - 1, _DEEPEST_INDENT)
            self._parts.append(f"{indent}{marker} ")
            self._pos += len(indent) + len(marker) + 1
        start = self._pos
        self._parts.append(words)
        self._pos += len(words)
        self._blocks.append(TextBlock(start, self._pos, kind, level, self._region, marker))
        if kind == "heading":
            self._heading = words[:_MAX_LABEL]
        for i in range(self._placed, len(self._anchors)):
            self._anchors[i] = self._anchors[i]._replace(position=start)
        self._placed = len(self._anchors)

    def page(self, encoding: str, truncated: bool, notes: list[str]) -> HtmlPage:
        text = "".join(self._parts)
        anchors = [a if a.position >= 0 else a._replace(position=len(text)) for a in self._anchors]
        if len(anchors) == MAX_LINKS:
            notes.append(f"only the first {MAX_LINKS} links were read")
        noscript = "\n\n".join(text[s.start:s.end] for s in self._stretches["noscript"])
        return HtmlPage(
            text, tuple(self._blocks), tuple(anchors), tuple(self._metas), tuple(self._relations), tuple(self._scripts),
            self._base, self._lang, tuple(self._stretches["lang"]), tuple(self._stretches["nosnippet"]), self._title,
            noscript, self._scripts_seen, self._passwords, encoding, truncated, tuple(notes))


_BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n\s*)")


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines between ``<br>`` as paragraphs: an empty line ends one; a list marker, or a colon before, begins one."""
    chunks: list[list[str]] = []
    fresh = True
    for line in lines:
        words = " ".join(line.split())
        if not words:
            fresh = True
            continue
        if fresh or _ITEM_LINE.match(words) or chunks[-1][-1][-1] in ":;":
            chunks.append([words])
        else:
            chunks[-1].append(words)
        fresh = False
    return ["\n".join(c) for c in chunks]


def _integer(value: str | None, default: int) -> int:
    try:
        return int(value[:9]) if value else default
    except ValueError:
        return default


def numeral(value: int, style: str) -> str:
    """The list number as HTML's ``type`` attribute writes it.

    >>> [numeral(4, s) for s in "1aAiI"], numeral(28, "a")
    (['4', 'd', 'D', 'iv', 'IV'], 'ab')
    """
    if style in {"a", "A"} and 0 < value < 10_000:
        letters = ""
        while value:
            value, rest = divmod(value - 1, 26)
            letters = chr(97 + rest) + letters
        return letters if style == "a" else letters.upper()
    if style in {"i", "I"} and 0 < value < 4_000:
        out = ""
        for worth, sign in _ROMAN:
            while value >= worth:
                out, value = out + sign, value - worth
        return out if style == "i" else out.upper()
    return str(value)


_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
