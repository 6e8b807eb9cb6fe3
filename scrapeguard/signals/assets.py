"""What a file says about itself: PLUS/IPTC Data Mining in XMP (IPTC 2025.1), CAWG training and data mining (1.1) in C2PA.

The scope is that file alone. Metadata is often stripped, so its absence means nothing. An XMP packet is searched for in the
octets, within bounds; a C2PA manifest is taken as the JSON that a validator made of it (its ``validation_status`` counts),
since this library checks no signatures.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scrapeguard.model.evidence import Evidence, Place, PointerRef, Source
from scrapeguard.model.statement import Condition, ConditionKind, Effect, Family, Statement
from scrapeguard.signals.documents import quoted
from scrapeguard.signals.hardened_xml import RefusedXml, read_xml
from scrapeguard.signals.vocabulary import vocabulary

PLUS = "plus-datamining"
CAWG = "cawg"
MAX_SEARCHED = 16 * 1_048_576
"""Octets of a file searched for packets."""
MAX_PACKETS = 8
MAX_PACKET = 1_048_576
MAX_CHUNKS = 20_000
_PLUS_NAMESPACE = "http://ns.useplus.org/ldf/xmp/1.0/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TDM = "http://www.w3.org/ns/tdmrep/"
_PREFIXES = ("cawg.", "c2pa.")
_USES = {"allowed", "notAllowed", "constrained"}
MAX_ENTRIES = 100


def xmp_packets(body: bytes) -> Iterator[bytes]:
    """The XMP packets of a file: plain ones in any container (JPEG APP1, WebP chunk, PDF), and PNG's compressed iTXt.

    >>> list(xmp_packets(b"...<x:xmpmeta xmlns:x='adobe:ns:meta/'/></x:xmpmeta>..."))
    [b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/></x:xmpmeta>"]
    """
    window = body[:MAX_SEARCHED]
    at = 0
    for _ in range(MAX_PACKETS):
        start = window.find(b"<x:xmpmeta", at)
        if start < 0:
            break
        end = window.find(b"</x:xmpmeta>", start, start + MAX_PACKET)
        if end < 0:
            break
        at = end + len(b"</x:xmpmeta>")
        yield window[start:at]
    if window.startswith(b"\x89PNG\r\n\x1a\n"):
        yield from _compressed_itxt(window)


def _compressed_itxt(body: bytes) -> Iterator[bytes]:
    """PNG §11.3.4.5: keyword NUL compressed(1) method(0) language NUL translated NUL text."""
    keyword = b"XML:com.adobe.xmp\x00\x01\x00"
    at = 8
    found = 0
    for _ in range(MAX_CHUNKS):
        if at + 8 > len(body) or found >= MAX_PACKETS:
            return
        length = int.from_bytes(body[at:at + 4])
        if body[at + 4:at + 8] == b"iTXt" and body.startswith(keyword, at + 8):
            data = body[at + 8 + len(keyword):at + 8 + length]
            text = data.split(b"\x00", 2)[-1]
            found += 1
            try:
                packet = zlib.decompressobj().decompress(text, MAX_PACKET)
            except zlib.error:
                packet = b""
            start, end = packet.find(b"<x:xmpmeta"), packet.rfind(b"</x:xmpmeta>")
            if 0 <= start < end:
                yield packet[start:end + len(b"</x:xmpmeta>")]
        at += 12 + length


def read_packet(packet: bytes) -> dict[str, list[str]]:
    """Values of ``plus:DataMining``, ``plus:OtherConstraints``, ``tdm:reservation`` and ``tdm:policy`` in a packet.

    Attribute, element and ``rdf:resource`` forms are read. Raises `RefusedXml`.
    """
    wanted = {(_PLUS_NAMESPACE, "DataMining"): "plus:DataMining", (_PLUS_NAMESPACE, "OtherConstraints"): "constraint",
              (_TDM, "reservation"): "tdm:reservation", (_TDM, "policy"): "tdm:policy"}
    found: dict[str, list[str]] = {}
    for element in read_xml(packet).iter():
        for name, value in element.attributes.items():
            namespace, _, local = name.rpartition(" ")
            if (namespace, local) in wanted:
                found.setdefault(wanted[namespace, local], []).append(value.strip())
        name_ = wanted.get((element.namespace, element.name))
        if name_:
            texts = [element.attributes.get(f"{_RDF} resource", ""), *(e.text for e in element.iter())]
            found.setdefault(name_, []).extend(t.strip() for t in texts if t.strip())
    return found


def plus_statement(value: str, evidence: Evidence, *, constraint: str = "") -> Statement | None:
    """What a ``plus:DataMining`` value says: compared without case after its last slash.

    A key that begins ``DMI-PROHIBITED-`` is a restriction even where it is not known; other unknown keys say nothing.
    """
    words = vocabulary()
    key = value.strip().rpartition("/")[2].upper()
    if key == "DMI-UNSPECIFIED":
        return None
    entry = words.get(f"{PLUS}/{key}") if key else None
    if entry is None and key.startswith("DMI-PROHIBITED-"):
        entry = words[f"{PLUS}/unknown-prohibition"]
    if entry is None:
        return None
    conditions: tuple[Condition, ...] = ()
    if constraint and key == "DMI-PROHIBITED-SEECONSTRAINT":
        conditions = (Condition(ConditionKind.LICENCE, f"keep the constraint: {constraint[:300]}", None, (evidence,)),)
    return entry.statement(evidence, conditions=conditions, text=f"plus:DataMining {key[:80]}: {entry.text}")


def from_packets(packets: Sequence[bytes], source: Source,
                 ) -> tuple[list[Statement], list[dict[str, list[str]]], list[str]]:
    """Statements of the XMP packets in a file, the packets' values, and what could not be read."""
    statements: list[Statement] = []
    values: list[dict[str, list[str]]] = []
    notes: list[str] = []
    for packet in packets:
        try:
            found = read_packet(packet)
        except RefusedXml as refused:
            notes.append(f"XMP packet: {refused}")
            continue
        values.append(found)
        more, odd = _plus(found.get("plus:DataMining", ()), " ".join(found.get("constraint", ())), source, None)
        statements += more
        notes += odd
    return statements, values, notes


def _plus(values: Sequence[object], constraint: str, source: Source, place: Place | None,
          ) -> tuple[list[Statement], list[str]]:
    statements: list[Statement] = []
    notes: list[str] = []
    for value in values[:MAX_ENTRIES]:
        if not isinstance(value, str):
            continue
        said = plus_statement(value, quoted(source, value, place), constraint=constraint)
        if said:
            statements.append(said)
        elif not value.strip().upper().endswith("DMI-UNSPECIFIED"):
            notes.append(f"plus:DataMining {value[:80]!r} is no known value and says nothing")
    return statements, notes


def from_metadata(assets: Mapping[str, Any], source: Source) -> tuple[list[Statement], list[str]]:
    """Statements of metadata that the caller read: ``plus:DataMining`` (one value or several), ``cawg`` or ``c2pa``."""
    given = assets.get("plus:DataMining")
    statements, notes = _plus(given if isinstance(given, list | tuple) else [given],
                              str(assets.get("plus:OtherConstraints", "")), source, PointerRef("/plus:DataMining"))
    for key in ("cawg", "c2pa"):
        manifest = assets.get(key)
        if isinstance(manifest, Mapping):
            for pointer, entries, valid in _assertions(manifest, f"/{key}"):
                found, odd = _entries(entries, pointer, source, valid=valid)
                statements += found
                notes += odd
    return statements, notes


def _assertions(manifest: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """The assertion itself, or the training-mining assertions of a manifest store's active manifest."""
    if isinstance(manifest.get("entries"), Mapping):
        yield f"{pointer}/entries", manifest["entries"], manifest.get("validated", True) is not False
        return
    stores = manifest.get("manifests")
    active = manifest.get("active_manifest")
    chosen = stores.get(active) if isinstance(stores, Mapping) and isinstance(active, str) else None
    valid = not manifest.get("validation_status") and manifest.get("validation_state") != "Invalid"
    if not isinstance(chosen, Mapping):
        return
    assertions = chosen.get("assertions")
    for index, assertion in enumerate(assertions[:MAX_ENTRIES] if isinstance(assertions, list) else ()):
        label = assertion.get("label") if isinstance(assertion, Mapping) else None
        data = assertion.get("data") if isinstance(assertion, Mapping) else None
        if isinstance(label, str) and label.startswith(tuple(f"{p}training-mining" for p in _PREFIXES)) \
                and isinstance(data, Mapping) and isinstance(data.get("entries"), Mapping):
            name = str(active).replace("~", "~0").replace("/", "~1")  # RFC 6901 §3
            yield f"{pointer}/manifests/{name}/assertions/{index}/data/entries", data["entries"], valid


def _entries(entries: Mapping[str, Any], pointer: str, source: Source, *, valid: bool,
             ) -> tuple[list[Statement], list[str]]:
    words = vocabulary()
    statements: list[Statement] = []
    notes: list[str] = []
    for key, given in list(entries.items())[:MAX_ENTRIES]:
        prefix = next((p for p in _PREFIXES if str(key).startswith(p)), None)
        use = given.get("use") if isinstance(given, Mapping) else None
        evidence = quoted(source, f"{key}: {use}", PointerRef(f"{pointer}/{key}"))
        information = given.get("constraint_info") if isinstance(given, Mapping) else None
        # «constrained» without more information is notAllowed (CAWG 1.1, assertion definition).
        meant = "notAllowed" if use == "constrained" and not information else use
        entry = words.get(f"{CAWG}/{str(key)[len(prefix):]}={meant}") if prefix and use in _USES else None
        if entry is None:
            notes.append(f"{str(key)[:60]}: {str(use)[:40]} is no known entry and says nothing")
        elif valid:
            conditions: tuple[Condition, ...] = ()
            if meant == "constrained":
                conditions = (Condition(ConditionKind.LICENCE, f"keep the constraint: {str(information)[:300]}", None,
                                        (evidence,)),)
            statements.append(entry.statement(evidence, conditions=conditions,
                                              text=f"{str(key)[:60]} {use}: {entry.text}"))
        elif entry.effect is Effect.FORBID:
            # Only a manifest whose signature validates is its signer's statement; a refusal is kept as a hint.
            statements.append(Statement(CAWG, Family.SIGNALS, Effect.FORBID,
                                        f"{str(key)[:60]} {use}, in a manifest that does not validate: a hint, no statement",
                                        (evidence,)))
        else:
            notes.append(f"{str(key)[:60]}: {use} in a manifest that does not validate says nothing")
    return statements, notes
