"""Checking a Decision as a third party: whatever was changed is found, and named."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision
from scrapeguard.model.exchange import FetchFailure, Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.transport.archive import Record, read_records
from scrapeguard.transport.memory import MemoryTransport
from scrapeguard.transport.warc import WarcTransport
from scrapeguard.verify import verify
from tests.real_sites import write_sites

TERMS = (
    "<h1>Terms of Use</h1><p>You agree not to:<ul><li>use robots to access our website;<li>train AI models on our content;"
    "<li>identify people in our pictures.</ul>"
)
SITE: dict[str, Response | FetchFailure | bytes | str] = {
    "https://example.com/robots.txt": "\ufeff# hello\r\nUser-agent: *\rDisallow: /private\n"
    "Content-Signal: ai-train=no\nCrawl-delay: 2",
    "https://example.com/": '<p>Hello.<footer><a href="/moved">Terms of Use</a></footer>',
    "https://example.com/moved": Response("https://example.com/moved", 302, {"Location": "/terms"}),
    "https://example.com/terms": Response("https://example.com/terms", 200, {"Content-Type": "text/html"}, TERMS.encode()),
    "https://example.com/.well-known/tdmrep.json": '[{"location": "/", "tdm-reservation": 1, "tdm-policy": "/policy.json"}]',
    "https://example.com/policy.json": '{"uid": "x", "permission": [{"action": "tdm:mine", '
    '"duty": [{"action": "obtainConsent"}]}]}',
    "https://example.com/ai.txt": "User-Agent: *\nDisallow: /\n",
    "https://example.com/trust.txt": "datatrainingallowed=no\n",
}
PAGE = Response(
    "https://example.com/p",
    200,
    (("Content-Type", "text/html"), ("X-Robots-Tag", "noai"), ("X-Robots-Tag", "otherbot: none"), ("tdm-reservation", "1")),
    b'<meta name="robots" content="noindex, nosnippet"><link rel="license" href="https://example.com/l?a=1&amp;b=2">'
    b'<script type="application/ld+json">{"license": "https://example.com/l\\u00e9"}</script><p>Hello <b data-nosnippet>you</b>',
)


def record(path: Path) -> list[Decision]:
    with Guard("examplebot/1.0", transport=MemoryTransport(SITE), record=path) as guard:
        found = [guard.allowed("https://example.com/private", p) for p in Purpose]
        found += [guard.decide(PAGE, p, assets={"plus:DataMining": "DMI-PROHIBITED"}) for p in Purpose]
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Decision]]:
    path = tmp_path_factory.mktemp("evidence") / "a.warc"
    return path, record(path)


def test_choice_every_kind_of_evidence_holds(made: tuple[Path, list[Decision]]) -> None:
    path, decisions = made
    results = [verify(d, path) for d in decisions]
    assert [str(r) for r in results if not r] == []
    assert max(r.quotes for r in results) > 10
    from scrapeguard.model.evidence import Evidence
    from scrapeguard.verify import _within

    kinds = {type(e.place).__name__ for d in decisions for e in _within(d, Evidence) if e.quote}
    assert kinds >= {"LineRef", "HeaderRef", "Span", "ElementRef", "PointerRef"}


def test_choice_a_decision_read_from_json_holds(made: tuple[Path, list[Decision]]) -> None:
    path, decisions = made
    assert verify(Decision.from_dict(json.loads(json.dumps(decisions[0].to_dict()))), path)


def test_choice_a_byte_changed_in_any_payload_is_found(made: tuple[Path, list[Decision]], tmp_path: Path) -> None:
    """In every record the first, the last and each 17th byte of its block; the reading stops at the first fault."""
    source, decisions = made
    whole = source.read_bytes()
    changed = tmp_path / "changed.warc"
    records, start, flips = list(read_records(source)), 0, 0
    for found in records:
        begin = whole.index(b"\r\n\r\n", start) + 4
        assert whole[begin : begin + len(found.block)] == found.block
        places = {0, len(found.block) - 1, *range(0, len(found.block), 17)} if found.block else set()
        for place in places:
            tampered = bytearray(whole)
            tampered[begin + place] ^= 0x01
            changed.write_bytes(tampered)
            result = verify(decisions[0], changed)
            assert not result, f"record {found.number} ({found.kind}), byte {place}"
            assert f"record {found.number} " in result.fault
            flips += 1
        start = begin + len(found.block) + 4
    assert len({r.kind for r in records}) == 5
    assert flips > 400


def test_choice_a_byte_changed_in_a_compressed_archive_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    decision = record(path)[0]
    whole = path.read_bytes()
    missed = []
    for place in range(0, len(whole), 97):
        tampered = bytearray(whole)
        tampered[place] ^= 0x10
        path.write_bytes(tampered)
        # The time and system of a gzip head (RFC 1952 §2.3.1) and the bits that fill a stream's last octet (RFC 1951 §3.1)
        # carry nothing: with them changed, the records are the same to the byte.
        if verify(decision, path) and gzip.decompress(tampered) != gzip.decompress(whole):
            missed.append(place)
    assert missed == []


Tamper = Callable[[Record], tuple[dict[str, str], bytes]]


def rewritten(source: Path, target: Path, change: Tamper) -> Path:
    """The archive with records changed and all their digests made good again, as a forger would."""
    out = b""
    for found in read_records(source):
        fields, block = change(found)
        payload = block.partition(b"\r\n\r\n")[2] if found.kind in {"response", "request"} else block
        fields = {**fields, "content-length": str(len(block)), "warc-block-digest": f"sha256:{hashlib.sha256(block).hexdigest()}",
                  "warc-payload-digest": f"sha256:{hashlib.sha256(payload).hexdigest()}"}
        out += b"WARC/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()).encode() + b"\r\n" + block + b"\r\n\r\n"
    target.write_bytes(out)
    return target


def forge(url: str, old: bytes, new: bytes, kind: str = "response") -> Tamper:
    def change(found: Record) -> tuple[dict[str, str], bytes]:
        if found.url == url and found.kind == kind:
            assert old in found.block
            return found.fields, found.block.replace(old, new)
        return found.fields, found.block

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (forge("https://example.com/robots.txt", b"/private", b"/public!"), "robots.txt: no answer with the digest"),
        (forge("https://example.com/terms", b"robots", b"people"), "no answer with the digest"),
        (forge("https://example.com/p", b"noai", b"all!"), "«noai» does not stand at"),
        (forge("https://example.com/moved", b"/terms", b"/other"), "no answer with the digest"),
        (forge("https://example.com/robots.txt", b"HTTP/1.1 200", b"HTTP/1.1 404"), "no answer with status 200"),
    ],
)
def test_choice_a_forgery_with_digests_made_good_is_found(
    made: tuple[Path, list[Decision]], tmp_path: Path, change: Tamper, says: str
) -> None:
    source, decisions = made
    path = rewritten(source, tmp_path / "forged.warc", change)
    found = next(d for d in reversed(decisions) if d.purpose is Purpose.AI_TRAIN)
    assert verify(found, rewritten(source, tmp_path / "honest.warc", lambda r: (r.fields, r.block)))
    result = verify(found, path)
    assert not result
    assert says in result.fault


def test_choice_a_forged_text_convinces_nobody(made: tuple[Path, list[Decision]], tmp_path: Path) -> None:
    """Where this library has the reader the text is drawn from the body; where not, no text with the named digest is left."""
    source, decisions = made
    path = rewritten(source, tmp_path / "forged.warc", forge("https://example.com/moved", b"train", b"feed!", "conversion"))
    assert verify(decisions[0], path)

    def change(data: Any) -> None:
        while evidence := first_place(data, "span"):
            evidence["place"] |= {"kind": "other", "reader": "scrapeguard-html/999"}
        json_text = json.dumps(data).replace('"other"', '"span"')
        data.clear()
        data.update(json.loads(json_text))

    assert "is not recorded" in verify(altered(decisions[0], change), path).fault


def altered(decision: Decision, change: Callable[[Any], Any]) -> Decision:
    """The Decision with something changed in its JSON."""
    data = json.loads(json.dumps(decision.to_dict()))
    change(data)
    return Decision.from_dict(data)


def first_place(data: Any, kind: str) -> Any:
    """The first evidence of that kind in the JSON of a Decision."""
    if isinstance(data, dict):
        if isinstance(data.get("place"), dict) and data["place"].get("kind") == kind and data.get("quote"):
            return data
        data = list(data.values())
    if isinstance(data, list):
        return next((found for value in data if (found := first_place(value, kind)) is not None), None)
    return None


@pytest.mark.parametrize("kind", ["line", "header", "span", "element", "pointer"])
def test_choice_a_quote_that_was_changed_is_named(made: tuple[Path, list[Decision]], kind: str) -> None:
    path, decisions = made
    decision = next(d for d in reversed(decisions) if first_place(d.to_dict(), kind))

    def change(data: Any) -> None:
        first_place(data, kind)["quote"] = "words that stand nowhere"

    result = verify(altered(decision, change), path)
    assert "«words that stand nowhere» does not stand at" in result.fault


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [("line", "line", 1), ("line", "line", 10_000), ("header", "index", 7), ("header", "name", "x-other"), ("span", "start", 0),
     ("span", "text_sha256", "0" * 64), ("span", "reader", "scrapeguard-html/999")],
)
def test_choice_a_place_that_was_changed_is_found(
    made: tuple[Path, list[Decision]], kind: str, field: str, value: object
) -> None:
    path, decisions = made
    decision = next(d for d in reversed(decisions) if first_place(d.to_dict(), kind))

    def change(data: Any) -> None:
        first_place(data, kind)["place"][field] = value

    result = verify(altered(decision, change), path)
    if field == "reader":  # another version's text cannot be drawn here; the recorded one is still checked
        assert result
    else:
        assert not result


@pytest.mark.parametrize(("field", "value"), [("sha256", "1" * 64), ("status", 201), ("fetched_at", "2020-01-01T00:00:00+00:00"),
                                              ("url", "https://example.com/elsewhere")])
def test_choice_a_source_that_was_changed_is_found(made: tuple[Path, list[Decision]], field: str, value: object) -> None:
    path, decisions = made

    def change(data: Any) -> None:
        data["sources"][0][field] = value

    assert not verify(altered(decisions[0], change), path)


def test_choice_another_archive_proves_nothing(made: tuple[Path, list[Decision]], tmp_path: Path) -> None:
    _, decisions = made
    with Guard("examplebot/1.0", transport=MemoryTransport({}), record=tmp_path / "b.warc.gz") as guard:
        guard.allowed("https://example.com/private", "search")
    assert not verify(decisions[0], tmp_path / "b.warc.gz")
    (tmp_path / "c.warc").write_bytes(b"")
    assert not verify(decisions[0], tmp_path / "c.warc")
    assert "cannot be read" in verify(decisions[0], tmp_path / "none.warc").fault
    (tmp_path / "d.warc").write_bytes(b"no archive")
    assert "no WARC record" in verify(decisions[0], tmp_path / "d.warc").fault


def test_choice_a_decision_from_an_archive_of_others_is_checked_against_it(tmp_path: Path, shared: Path) -> None:
    path = write_sites(shared, tmp_path / "sites.warc.gz")
    guard = Guard("examplebot", transport=WarcTransport(path))
    for url in ("https://www.youtube.com/watch?v=x", "https://www.facebook.com/someone"):
        for purpose in Purpose:
            result = verify(guard.allowed(url, purpose), path)
            assert result, f"{url} {purpose}: {result}"
            assert result.quotes
    decision = guard.allowed("https://www.youtube.com/watch?v=x", "ai-train")
    assert not verify(replace(decision, outcome=guard.allowed("https://x.com/", "ai-train").outcome), tmp_path / "none")
