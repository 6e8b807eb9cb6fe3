"""RSL 1.0 documents (Recommendation of 2025-12-10, §3): reading them. What they mean for a question is `rsl`.

::

    rsl      = element rsl (?max-age) { content+ }
    content  = element content (url, ?server, ?encrypted, ?lastmod) { license+ & schema* & alternate* & copyright? & terms? }
    license  = { permits* & prohibits* & payment* & reporting* & legal* }

The primary text could only be read through secondary sources that cite its sections; everything that rests on it stands in
these two modules. Elements of other namespaces are ignored; unknown ones of RSL's own are ignored with a note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scrapeguard._pattern import Pattern, compile_pattern
from scrapeguard._url import parse_url
from scrapeguard.errors import InvalidUrl
from scrapeguard.model.statement import ConditionKind
from scrapeguard.signals.hardened_xml import Element, RefusedXml, read_xml
from scrapeguard.signals.vocabulary import vocabulary

MAX_CONTENTS = 2_000
_KNOWN = {"permits", "prohibits", "payment", "reporting", "legal", "license", "schema", "alternate", "copyright", "terms",
          "standard", "custom", "amount", "accepts", "content", "rsl"}
_SEPARATORS = re.compile(r"[\s,]+")  # white space; commas are tolerated


class InvalidRsl(ValueError):
    """The document is no RSL; the message says why."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What a licence asks in return: its type and what it names (amount with currency, standard or custom terms)."""

    type: str
    amount: str = ""
    terms_url: str = ""

    @property
    def kind(self) -> ConditionKind:
        """The kind of condition it is; an unknown type is a payment."""
        known = vocabulary().rsl.payments.get(self.type)
        return known[0] if known else ConditionKind.PAYMENT


@dataclass(frozen=True, slots=True)
class Licence:
    """One offer. ``permits`` and ``prohibits`` hold the tokens by type (usage, user, geo); a type that is absent has no key."""

    permits: dict[str, frozenset[str]]
    prohibits: dict[str, frozenset[str]]
    payments: tuple[Payment, ...] = ()
    reporting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What the licences hold for: a pattern on one origin ('' is the asset's own), a licence server, encryption.

    ``pattern`` None means: as far as the association reaches. ``place`` and ``quote`` say where it stands.
    """

    url: str
    pattern: Pattern | None
    origin: str
    server: str
    encrypted: bool
    licences: tuple[Licence, ...]
    line: int
    selector: str
    quote: str


@dataclass(frozen=True, slots=True)
class RslDocument:
    """A document: its content entries, and what in it was not understood."""

    contents: tuple[Content, ...]
    notes: tuple[str, ...] = ()


def parse_rsl(body: bytes, *, embedded: bool = False) -> RslDocument:
    """Read a document whose root is ``rsl``, or that holds it somewhere (``embedded``: an XMP packet).

    Raises `InvalidRsl`.
    """
    root = _xml(body)
    words = vocabulary().rsl
    found = (e for e in root.iter() if (e.namespace, e.name) == (words.namespace, "rsl"))
    rsl = next(found, None) if embedded else root
    if rsl is None or (rsl.namespace, rsl.name) != (words.namespace, "rsl"):
        raise InvalidRsl(f"the root element is {root.name[:40]!r}, not rsl of {words.namespace}")
    return _document(rsl, rsl.find_all(words.namespace, "content"), body)


def parse_feed(body: bytes) -> RslDocument | None:
    """The ``rsl:content`` elements in the items of an RSS feed, or None where it has none (§4, RSS association).

    Raises `InvalidRsl` where the feed is no XML.
    """
    root = _xml(body)
    namespace = vocabulary().rsl.namespace
    contents = [e for e in root.iter() if (e.namespace, e.name) == (namespace, "content")]
    return _document(root, contents, body) if contents else None


def _xml(body: bytes) -> Element:
    try:
        return read_xml(body.lstrip())
    except RefusedXml as refused:
        raise InvalidRsl(str(refused)) from None


def _document(root: Element, elements: Sequence[Element], body: bytes) -> RslDocument:
    body = body.lstrip()
    notes: list[str] = []
    namespace = vocabulary().rsl.namespace
    contents = []
    for number, element in enumerate(elements[:MAX_CONTENTS], 1):
        content = _content(element, number, body, notes)
        if content is not None:
            contents.append(content)
    if len(elements) > MAX_CONTENTS:
        raise InvalidRsl(f"more than {MAX_CONTENTS} content elements")
    if not contents:
        raise InvalidRsl("no content element that can be read")
    notes += [f"line {e.line}: unknown element {e.name[:40]!r}" for e in root.iter()
              if e.namespace == namespace and e.name not in _KNOWN]
    return RslDocument(tuple(contents), tuple(dict.fromkeys(notes)))


def _content(element: Element, number: int, body: bytes, notes: list[str]) -> Content | None:
    namespace = vocabulary().rsl.namespace
    url = element.attributes.get("url")
    if url is None:
        notes.append(f"line {element.line}: a content element without url is left out")
        return None
    url = url.strip()
    origin, path = "", url
    if url and not url.startswith(("/", "*")):
        try:
            parsed = parse_url(url)
        except InvalidUrl:
            notes.append(f"line {element.line}: url {url[:60]!r} is neither a path pattern nor an absolute URL")
            return None
        origin, path = parsed.authority, parsed.target
    licences = tuple(_licence(child, notes) for child in element.find_all(namespace, "license")[:100])
    quote = body[element.start:element.end].decode("utf-8", "replace")
    return Content(url, compile_pattern(path) if path else None, origin, element.attributes.get("server", "").strip(),
                   element.attributes.get("encrypted", "").strip().lower() == "true", licences, element.line,
                   f"content:nth-of-type({number})", quote)


def _licence(element: Element, notes: list[str]) -> Licence:
    namespace = vocabulary().rsl.namespace
    permits: dict[str, frozenset[str]] = {}
    prohibits: dict[str, frozenset[str]] = {}
    payments: list[Payment] = []
    reporting: list[str] = []
    for child in element.children:
        if child.namespace != namespace:
            continue
        if child.name in {"permits", "prohibits"}:
            _terms(child, permits if child.name == "permits" else prohibits, notes)
        elif child.name == "payment":
            payments.append(_payment(child))
        elif child.name == "reporting":
            reporting.append(" ".join(v for k in ("type", "profile", "endpoint")
                                      if (v := child.attributes.get(k, "").strip()))[:300])
    return Licence(permits, prohibits, tuple(payments[:20]), tuple(reporting[:20]))


def _terms(element: Element, into: dict[str, frozenset[str]], notes: list[str]) -> None:
    kind = element.attributes.get("type", "").strip().lower()
    where = f"line {element.line}: {element.name}"
    if kind not in {"usage", "user", "geo"}:
        notes.append(f"{where}: type {kind[:40]!r} is none of usage, user, geo and is ignored")
        return
    words = vocabulary().rsl
    tokens = [t for t in _SEPARATORS.split(element.text.strip()) if t][:500]
    if kind == "geo":
        found = {t.upper() for t in tokens}
    else:
        known = set(words.covers) if kind == "usage" else words.users
        found = set()
        for token in (t.lower() for t in tokens):
            name = token
            # Words of drafts before 1.0 are read where they prohibit; a permission is not made out of them.
            if kind == "usage" and element.name == "prohibits":
                name = words.legacy.get(token, token)
            if name in known:
                found.add(name)
            else:
                notes.append(f"{where}: {token[:40]!r} is no known {kind} and covers nothing")
    if kind in into and element.name == "permits":
        notes.append(f"{where}: a second list of {kind} is ignored; at most one of a type is allowed")
        return
    into[kind] = into.get(kind, frozenset()) | found


def _payment(element: Element) -> Payment:
    namespace = vocabulary().rsl.namespace
    amounts = element.find_all(namespace, "amount")
    amount = ""
    if amounts:
        amount = f"{amounts[0].text.strip()[:40]} {amounts[0].attributes.get('currency', '').strip()[:10]}".strip()
    terms = [*element.find_all(namespace, "standard"), *element.find_all(namespace, "custom")]
    kind = element.attributes.get("type", "").strip().lower()[:40]
    return Payment(kind, amount, terms[0].text.strip()[:300] if terms else "")
