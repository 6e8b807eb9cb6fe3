"""What one fetched page says: status, header fields, HTML head, embedded metadata. One function a place.

A field of a redirect or of an error answer concerns that answer's own body (AIPREF attach §2), so only 2xx and 304 speak for
the page; 401 and 402 may name the licence that would open it (RSL 1.0 §4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from scrapeguard._headers import media_type, parse_links
from scrapeguard._html import HtmlPage, draw
from scrapeguard._url import join
from scrapeguard.model.evidence import ElementRef, Evidence, Source, SourceState
from scrapeguard.model.exchange import Exchange, Request, RequestKind, Response
from scrapeguard.model.ports import Voice
from scrapeguard.model.statement import Statement
from scrapeguard.signals import assets as asset_readers
from scrapeguard.signals import content_signal, content_usage, http, licence, llms_txt, robots_tag, rsl, tdmrep
from scrapeguard.signals.documents import Document, header_evidence, page_source, quoted
from scrapeguard.signals.prefilter import may_speak
from scrapeguard.signals.robots_tag import Directive, RobotsTagVoice
from scrapeguard.signals.rsl_document import InvalidRsl, parse_feed
from scrapeguard.signals.site_level import MAX_NAMED, SiteSignals, association, named_documents
from scrapeguard.signals.tdm_policy import TdmPolicy
from scrapeguard.signals.tdmrep import Property
from scrapeguard.signals.voices import FixedVoice, Notes, Said

_RSL_NAMESPACE = b"rslstandard.org/rsl"
_ABSENT = {404, 410}
_HTML = {"text/html", "application/xhtml+xml"}


@dataclass(frozen=True, slots=True)
class PageSignals:
    """What a page adds: ``voices`` join those of the site, except the ones in ``replaces``.

    ``wanted`` are documents the page names that were not given; ``gaps`` what could not be read of the page or of them.
    """

    voices: tuple[Voice, ...] = ()
    replaces: tuple[Voice, ...] = ()
    wanted: tuple[Request, ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def gaps(self) -> tuple[Source, ...]:
        """Sources that may say something nobody could read."""
        return tuple(s for s in self.sources if s.state.is_gap)


def speaks(response: Response) -> bool:
    """Whether the answer's fields and body are about the page itself."""
    return 200 <= response.status < 300 or response.status == 304


def is_html(response: Response) -> bool:
    """Whether the body is an HTML page: by its media type; without one, where it begins with markup.

    >>> is_html(Response("https://example.com/", body=b"<!doctype html>")), is_html(Response("https://example.com/", body=b"x"))
    (True, False)
    """
    kind = media_type(response.header("content-type"))[0]
    if kind or not response.body:
        return bool(response.body) and kind in _HTML
    return response.body[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


_FIELDS = frozenset({content_usage.NAME, content_signal.NAME, tdmrep.FIELD, tdmrep.POLICY, "x-robots-tag", "link",
                     "crawler-charged"})
"""The header fields by which an answer of status 200 can speak."""


def is_silent(url: str, status: int, *, names: Iterable[str], content_type: str, body: bytes) -> bool:
    """True where an HTML page has nothing to say of its use, found out without drawing it: what most pages are.

    ``names`` are those of its header fields, in lower case.

    >>> is_silent("https://example.com/", 200, names=["date"], content_type="text/html", body=b"<title>A river</title>")
    True
    >>> is_silent("https://example.com/", 200, names=["x-robots-tag"], content_type="text/html", body=b"")
    False
    """
    kind, charset = media_type(content_type)
    if status != 200 or kind not in _HTML or not _FIELDS.isdisjoint(names):
        return False
    return not may_speak(body, charset) and not llms_txt.describes(urlsplit(url).path)


def _says_nothing(response: Response) -> bool:
    names = [name.lower() for name, _ in response.headers]
    kind = response.header("content-type") or ""
    return is_silent(response.url, response.status, names=names, content_type=kind, body=response.body)


def source_of(response: Response) -> Source:
    """The page as a source; a gap where it could not be had."""
    status = response.status
    if speaks(response):
        return page_source(response)
    if 300 <= status < 400:
        return page_source(response, state=SourceState.UNREADABLE, note="a redirect says nothing about its target")
    state = (SourceState.ABSENT if status in _ABSENT else SourceState.BLOCKED if 400 <= status < 500
             else SourceState.UNREACHABLE)
    return page_source(response, state=state, note=f"answered with status {status}")


def base_of(response: Response, html: HtmlPage | None) -> str:
    """What relative links resolve against (HTML §4.2.3)."""
    base = html.base if html else None
    return (join(response.url, base) if base else None) or response.url


def robots_tags(response: Response, html: HtmlPage | None, source: Source) -> tuple[RobotsTagVoice | None, list[str], bool]:
    """X-Robots-Tag and the robots meta elements as one voice; notes; whether there were too many to read all."""
    directives: list[Directive] = robots_tag.from_header(response, source)
    for meta in html.metas if html else ():
        # Which names are crawlers is not known here; a crawler only hears its own, and «robots».
        if meta.attribute == "name" and len(meta.name) <= 100 and len(directives) <= robots_tag.MAX_DIRECTIVES:
            agent = "" if meta.name == "robots" else meta.name
            evidence = quoted(source, meta.content, ElementRef(f"meta[name={meta.name}]", meta.line))
            found = list(robots_tag.parse_tag(meta.content, evidence, agent=agent))
            # A description or viewport is no robots tag: other names count where a word is a directive.
            if not agent or any(d.name in robots_tag.KNOWN for d in found):
                directives += found
    cut = len(directives) > robots_tag.MAX_DIRECTIVES
    strip = None
    if html and html.nosnippet:
        first = html.nosnippet[0]
        strip = quoted(source, html.text[first.start:first.end], ElementRef("[data-nosnippet]"))
    if not directives and strip is None:
        return None, [], cut
    voice = RobotsTagVoice(directives[:robots_tag.MAX_DIRECTIVES], image=robots_tag.is_image(response), strip=strip)
    return voice, robots_tag.notes_of(directives), cut


def tdm_places(response: Response, html: HtmlPage | None, packets: Sequence[Mapping[str, list[str]]], source: Source,
               ) -> list[tdmrep.Place]:
    """Where the page itself sets TDM properties, in their order: header fields, meta elements, XMP."""

    def fields(name: str) -> list[Property]:
        values = response.header_values(name)[:20]
        return [Property(value, header_evidence(source, name, i, value)) for i, value in enumerate(values)]

    def metas(name: str) -> list[Property]:
        found = [m for m in (html.metas if html else ()) if m.name == name and m.attribute == "name"][:20]
        return [Property(m.content, quoted(source, m.content, ElementRef(f"meta[name={name}]", m.line))) for m in found]

    def embedded(name: str) -> list[Property]:
        values = [value for packet in packets for value in packet.get(name, ())][:20]
        return [Property(value, quoted(source, value, ElementRef(name))) for value in values]

    places = [(fields(tdmrep.FIELD), fields(tdmrep.POLICY)), (metas(tdmrep.FIELD), metas(tdmrep.POLICY)),
              (embedded("tdm:reservation"), embedded("tdm:policy"))]
    return [place for place in places if any(place)]


def rsl_links(response: Response, html: HtmlPage | None, source: Source) -> Iterator[tuple[str, Evidence]]:
    """RSL documents that the page names: Link fields and ``<link rel=license type=application/rsl+xml>``."""
    for url, kind, evidence in _licence_links(response, html, source):
        if kind == rsl.MEDIA_TYPE:
            yield url, evidence


def _licence_links(response: Response, html: HtmlPage | None, source: Source) -> Iterator[tuple[str, str, Evidence]]:
    """Address, media type and evidence of every licence link; a field's is relative to the page, an element's to its base."""
    for index, value in enumerate(response.header_values("link")[:50]):
        for link in parse_links(value):
            # With an anchor of its own a link is about another resource (RFC 8288 §3.2).
            here = join(response.url, link.parameters.get("anchor", "")) == join(response.url, "")
            if here and "license" in link.rels and (url := join(response.url, link.target)):
                yield url, media_type(link.parameters.get("type"))[0], header_evidence(source, "link", index, value)
    if html is None:
        return
    base = base_of(response, html)
    for relation in html.relations:
        if "license" in relation.rel and (url := join(base, relation.href)):
            evidence = quoted(source, relation.href, ElementRef("link[rel=license]", relation.line))
            yield url, media_type(relation.type)[0], evidence
    for anchor in html.anchors:
        if any(rel.lower() == "license" for rel in anchor.rel) and (url := join(base, anchor.href)):
            yield url, "", quoted(source, anchor.href, ElementRef("a[rel=license]"))


def licences(response: Response, html: HtmlPage | None, source: Source) -> list[Statement]:
    """What the page says of its licence: rel=license without the RSL type, and schema.org."""
    links = (link for link in _licence_links(response, html, source) if link[1] != rsl.MEDIA_TYPE)
    found = [licence.licence_statement(url, evidence) for url, _, evidence in islice(links, licence.MAX_LICENCES)]
    base = base_of(response, html)
    for script in html.scripts if html else ():
        if media_type(script.type)[0] == "application/ld+json":
            for target, pointer, sure in licence.json_ld_licences(script.body):
                place = ElementRef(f"script[type=application/ld+json] {pointer}", script.line)
                if len(found) < licence.MAX_LICENCES and (url := join(base, target)):
                    found.append(licence.licence_statement(url, quoted(source, target, place), sure=sure))
    return found


def metadata(response: Response, given: Mapping[str, Any] | None, source: Source, *, is_file: bool,
             ) -> tuple[list[Statement], list[bytes], list[dict[str, list[str]]], list[str]]:
    """Metadata in the octets of a file, and what the caller read of it elsewhere: statements, packets, their values, notes.

    A packet inside an HTML page belongs to a picture in it, not to the page.
    """
    packets = list(asset_readers.xmp_packets(response.body)) if is_file else []
    statements, values, notes = asset_readers.from_packets(packets, source)
    if given:
        more, odd = asset_readers.from_metadata(given, source)
        statements += more
        notes += odd
    return statements, packets, values, notes


def page(found: SiteSignals, response: Response, *, html: HtmlPage | None = None,
         assets: Mapping[str, Any] | None = None,
         documents: Mapping[str, Exchange] = MappingProxyType({})) -> PageSignals:
    """What ``response`` adds to the signals of its site.

    ``html`` is the drawn page where the caller has it; otherwise an HTML body is drawn. ``assets`` is metadata read elsewhere,
    ``documents`` are answers for what an earlier call wanted. A licence that the page names and that is not given counts as
    one that cannot be had.
    """
    if html is None and is_html(response):
        if assets is None and _says_nothing(response):
            return PageSignals(sources=(source_of(response),))
        html = draw(response.body, charset_hint=media_type(response.header("content-type"))[1])
    source = source_of(response)
    voices: list[Voice] = [*http.from_response(response, source)]
    sources: list[Source] = []
    notes = Notes(source)
    description = llms_txt.describes(urlsplit(response.url).path)
    if description:
        notes.add("llms-txt", description)
    replaces: list[Voice] = []
    speaking = speaks(response)
    places: list[tdmrep.Place] = []
    packets: list[bytes] = []
    if speaking:
        for name, (more, odd) in ((content_usage.NAME, content_usage.from_header(response, source)),
                                  (content_signal.NAME, content_signal.from_header(response, source))):
            voices += more
            notes.add(name, *odd)
        tags, odd, cut = robots_tags(response, html, source)
        notes.add(robots_tag.SIGNAL, *odd)
        if cut:
            source = page_source(response, state=SourceState.UNREADABLE, note="more robots tags than are read")
        statements, packets, values, odd = metadata(response, assets, source, is_file=html is None)
        notes.add("asset-metadata", *odd)
        statements += licences(response, html, source)
        voices += [tags] if tags else []
        voices += [FixedVoice(Said(s, s) for s in statements)] if statements else []
        places = tdm_places(response, html, values, source)
    wanted, policies, associations = _named(found, response, html, source, places, packets, documents, sources)
    if places:
        voices.append(tdmrep.TdmVoice(found.tdm_file, policies, places))
        replaces += [found.tdm_voice] if found.tdm_voice else []
    if associations:
        voices.append(rsl.RslVoice((*found.associations, *associations)))
        replaces += [found.rsl_voice] if found.rsl_voice else []
    voices += notes.voices()
    return PageSignals(tuple(voices), tuple(replaces), tuple(wanted), (source, *sources), notes.texts)


def _named(found: SiteSignals, response: Response, html: HtmlPage | None, source: Source,
           places: Sequence[tdmrep.Place], packets: Sequence[bytes], documents: Mapping[str, Exchange],
           sources: list[Source],
           ) -> tuple[list[Request], Mapping[str, TdmPolicy], list[rsl.Association]]:
    """Documents the page names or holds: requests for those not given, policies, licences."""
    # One more than are read: what is beyond the bound shows as a licence that cannot be had.
    naming = speaks(response) or response.status in {401, 402}
    links = dict(islice(dict(rsl_links(response, html, source)).items(), MAX_NAMED + 1)) if naming else {}
    named = [(url, RequestKind.RSL, "the page's licence link") for url in links if url not in found.licences]
    named += [(url, RequestKind.TDM_POLICY, "the page's tdm-policy")
              for url in tdmrep.policies_named(places) if url not in found.policies]
    policies, read = named_documents(named[:MAX_NAMED], documents, sources)
    wanted = [Request(url, kind, via=via) for url, kind, via in named[:MAX_NAMED] if url not in documents]
    licences = {**found.licences, **read}
    associations = [association(url, evidence, licences, page=True) for url, evidence in links.items()]
    associations += _held_licences(response, html, source, packets, sources)
    return wanted, {**found.policies, **policies}, associations


def _held_licences(response: Response, html: HtmlPage | None, source: Source, packets: Sequence[bytes],
                   sources: list[Source]) -> Iterator[rsl.Association]:
    """RSL inside the page: scripts, the body of a 401 or 402, XMP packets, the items of a feed."""
    body_source = page_source(response)
    kind = media_type(response.header("content-type"))[0]
    bodies: list[tuple[bytes, Evidence]] = [
        (script.body.encode(), quoted(source, "", ElementRef(f"script[type={rsl.MEDIA_TYPE}]", script.line)))
        for script in (html.scripts if html and speaks(response) else ()) if media_type(script.type)[0] == rsl.MEDIA_TYPE]
    if response.status in {401, 402} and kind == rsl.MEDIA_TYPE:
        bodies.append((response.body, quoted(source, "", None)))
    bodies += [(packet, quoted(source, "", ElementRef("x:xmpmeta"))) for packet in packets if _RSL_NAMESPACE in packet]
    for body, evidence in bodies[:MAX_NAMED]:
        document, held = rsl.read_licence(Document(body_source, "", body), embedded=True)
        if document is None:
            sources.append(held.source)
        yield rsl.Association((evidence,), held.source, document, True)
    if kind in {"application/rss+xml", "application/xml", "text/xml"} and _RSL_NAMESPACE in response.body[:1_048_576]:
        try:
            feed = parse_feed(response.body)
        except InvalidRsl as fault:
            sources.append(page_source(response, state=SourceState.UNREADABLE, note=f"licences of its items: {fault}"))
            return
        if feed is not None:
            yield rsl.Association((quoted(source, "", None),), source, feed, True)
