"""PLUS Data Mining in XMP (IPTC 2025.1) and CAWG training-mining assertions (1.1)."""

from __future__ import annotations

import zlib

import pytest

from scrapeguard.model.exchange import Response
from scrapeguard.signals.assets import MAX_PACKET, xmp_packets
from tests.signals.reference import Site

URL = "https://site.example/p.jpg"
NAMESPACES = (
    'xmlns:x="adobe:ns:meta/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:p="http://ns.useplus.org/ldf/xmp/1.0/"'
)
KEY = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"


def packet(inner: str, attributes: str = "") -> bytes:
    return (
        f"<x:xmpmeta {NAMESPACES}><rdf:RDF><rdf:Description {attributes}>{inner}</rdf:Description></rdf:RDF>"
        "</x:xmpmeta>"
    ).encode()


FORMS = {
    "attribute": packet("", f'p:DataMining="{KEY}"'),
    "element": packet(f"<p:DataMining>{KEY}</p:DataMining>"),
    "resource": packet(f'<p:DataMining rdf:resource="{KEY}"/>'),
    "bag": packet(f"<p:DataMining><rdf:Bag><rdf:li>{KEY}</rdf:li></rdf:Bag></p:DataMining>"),
}


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def png(xmp: bytes, *, compressed: bool) -> bytes:
    text = zlib.compress(xmp) if compressed else xmp
    data = b"XML:com.adobe.xmp\x00" + (b"\x01\x00" if compressed else b"\x00\x00") + b"\x00\x00" + text
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"iTXt", data) + chunk(b"IEND", b"")


def jpeg(xmp: bytes) -> bytes:
    segment = b"http://ns.adobe.com/xap/1.0/\x00" + xmp
    return b"\xff\xd8\xff\xe1" + (len(segment) + 2).to_bytes(2) + segment + b"\xff\xd9"


def webp(xmp: bytes) -> bytes:
    return b"RIFF" + (len(xmp) + 12).to_bytes(4, "little") + b"WEBPXMP " + len(xmp).to_bytes(4, "little") + xmp


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "wrap",
    [jpeg, webp, lambda x: png(x, compressed=False), lambda x: png(x, compressed=True)],
    ids=["jpeg", "webp", "png", "png-compressed"],
)
def test_the_property_is_found_in_every_form_and_container(form: str, wrap: object) -> None:
    response = Response(URL, body=wrap(FORMS[form]))  # type: ignore[operator] # a function
    assert Site().verdict("ai-train", response) == "deny"
    assert Site().verdict("search", response) == "silent"


@pytest.mark.parametrize(
    ("key", "purpose", "expected"),
    [
        ("dmi-prohibited", "tdm", "deny"),
        ("DMI-PROHIBITED", "search", "deny"),
        ("DMI-PROHIBITED-NEW", "ai-train", "conditional"),
        ("DMI-PROHIBITED-NEW", "search", "silent"),
        ("DMI-UNSPECIFIED", "ai-train", "silent"),
        ("DMI-WHATEVER", "ai-train", "silent"),
        ("DMI-ALLOWED", "research", "allow"),
        ("DMI-ALLOWED", "search", "silent"),
        ("", "tdm", "silent"),
    ],
)
def test_keys_are_compared_without_case_and_unknown_prohibitions_are_conditions(
    key: str, purpose: str, expected: str
) -> None:
    assert Site().verdict(purpose, Response(URL), assets={"plus:DataMining": key}) == expected


def test_the_constraint_beside_the_key_is_quoted() -> None:
    body = packet("<p:OtherConstraints>ask us</p:OtherConstraints>", 'p:DataMining="DMI-PROHIBITED-SEECONSTRAINT"')
    [statement] = Site().statements("tdm", Response(URL, body=jpeg(body)))
    assert "ask us" in statement.means[0].conditions[0].text


def test_a_packet_in_a_html_page_is_a_pictures() -> None:
    html = b"<html><svg><metadata>" + FORMS["element"] + b"</metadata></svg></html>"
    assert Site().verdict("ai-train", Response("https://site.example/", body=html)) == "silent"


@pytest.mark.parametrize(
    ("entry", "purpose", "expected"),
    [
        ({"cawg.ai_inference": {"use": "constrained"}}, "ai-input", "deny"),
        ({"cawg.ai_inference": {"use": "constrained", "constraint_info": "ask"}}, "ai-input", "conditional"),
        ({"c2pa.ai_generative_training": {"use": "notAllowed"}}, "ai-train", "deny"),
        ({"cawg.data_mining": {"use": "notAllowed"}}, "research", "conditional"),
        ({"cawg.ai_training": {"use": "allowed"}}, "tdm", "allow"),
        ({"cawg.ai_training": {"use": "allowed"}}, "ai-train", "silent"),
        ({"cawg.ai_training": {"use": "Allowed"}}, "tdm", "silent"),
        ({"x.ai_training": {"use": "allowed"}}, "tdm", "silent"),
        ({"cawg.unheard_of": {"use": "allowed"}}, "tdm", "silent"),
        ({"cawg.ai_training": "allowed"}, "tdm", "silent"),
    ],
)
def test_cawg_entries(entry: dict[str, object], purpose: str, expected: str) -> None:
    assert Site().verdict(purpose, Response(URL), assets={"cawg": {"entries": entry}}) == expected


def store(use: str, **more: object) -> dict[str, object]:
    data = {"entries": {"cawg.ai_generative_training": {"use": use}}}
    return {
        "active_manifest": "urn:a/b",
        "manifests": {
            "urn:a/b": {"assertions": [{"label": "c2pa.actions"}, {"label": "cawg.training-mining", "data": data}]},
            "old": {
                "assertions": [
                    {"label": "cawg.training-mining", "data": {"entries": {"cawg.data_mining": {"use": "notAllowed"}}}}
                ]
            },
        },
    } | more


def test_only_the_active_manifest_speaks_and_only_where_it_validates() -> None:
    assert Site().verdict("ai-train", Response(URL), assets={"c2pa": store("notAllowed")}) == "deny"
    assert Site().verdict("tdm", Response(URL), assets={"c2pa": store("notAllowed")}) == "silent"
    invalid = {"validation_status": [{"code": "claimSignature.mismatch"}]}
    assert Site().verdict("ai-train", Response(URL), assets={"c2pa": store("allowed", **invalid)}) == "silent"
    hints = Site().statements("ai-train", Response(URL), assets={"c2pa": store("notAllowed", **invalid)})
    assert "a hint" in hints[0].text
    assert not hints[0].means


def test_the_search_for_packets_is_bounded() -> None:
    assert list(xmp_packets(b"<x:xmpmeta " + b" " * (MAX_PACKET + 10) + b"</x:xmpmeta>")) == []
    assert len(list(xmp_packets(b"<x:xmpmeta></x:xmpmeta>" * 100))) == 8
    bomb = png(zlib.compress(b" " * 50_000_000), compressed=True)
    assert list(xmp_packets(bomb)) == []
