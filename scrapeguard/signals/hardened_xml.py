"""XML from outside, read without what makes XML dangerous: no DTD, no entity, no external fetch, bounded size, depth, nodes.

XML 1.0 §2.8 and §4 give a document the means to expand itself without end and to name other files; none of the formats read
here needs a document type declaration, so its presence refuses the document (expat reports it before the internal subset).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_XML = 1_048_576
MAX_DEPTH = 64
MAX_NODES = 20_000


class RefusedXml(ValueError):
    """Not well-formed, or with a construct that is refused; the message says which."""


@dataclass(slots=True)
class Element:
    """An element: expanded name, attributes by name (those with a namespace as ``"uri name"``), children, text, place.

    ``start`` and ``end`` are offsets of its octets in the document.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    line: int
    start: int
    end: int = 0
    children: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own character data, without that of its children."""
        return "".join(self.parts)

    def iter(self) -> Iterator[Element]:
        """It and its descendants in document order."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            stack += reversed(element.children)

    def find_all(self, namespace: str, name: str) -> list[Element]:
        """Its children of that name."""
        return [c for c in self.children if c.name == name and c.namespace == namespace]


def read_xml(body: bytes) -> Element:
    """The root element of a document.

    Raises `RefusedXml`.

    >>> read_xml(b'<a xmlns="urn:x"><b c="1">t</b></a>').find_all("urn:x", "b")[0].text
    't'
    >>> read_xml(b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>')
    Traceback (most recent call last):
    ...
    scrapeguard.signals.hardened_xml.RefusedXml: line 1: a document type declaration is refused
    """
    if len(body) > MAX_XML:
        raise RefusedXml(f"longer than {MAX_XML} octets")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    root: list[Element] = []
    stack: list[Element] = []
    nodes = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal nodes
        nodes += 1
        if len(stack) >= MAX_DEPTH or nodes > MAX_NODES:
            raise RefusedXml(f"line {parser.CurrentLineNumber}: nested or repeated beyond measure")
        namespace, _, local = name.rpartition(" ")
        element = Element(namespace, local, attributes, parser.CurrentLineNumber, parser.CurrentByteIndex)
        (stack[-1].children if stack else root).append(element)
        stack.append(element)

    def end(_name: str) -> None:
        element = stack.pop()
        close = body.find(b">", parser.CurrentByteIndex)
        element.end = close + 1 if close >= 0 else len(body)

    def text(data: str) -> None:
        if stack:
            stack[-1].parts.append(data)

    def doctype(*_: object) -> None:
        raise RefusedXml(f"line {parser.CurrentLineNumber}: a document type declaration is refused")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, RefusedXml):
            raise
        raise RefusedXml(f"is no well-formed XML ({error})") from None
    return root[0]
