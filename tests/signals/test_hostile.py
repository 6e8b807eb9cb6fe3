"""Whatever a site sends: no exception, no permission out of garbage, bounded work, and a note or a gap that says so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapeguard._html import draw
from scrapeguard.model.evidence import SourceState
from scrapeguard.model.exchange import Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.signals.tdm_policy import PROFILE
from tests.signals.reference import Site, combine

PAGE = "https://site.example/page"
HEADERS = [
    "Content-Usage",
    "content-signal",
    "X-Robots-Tag",
    "tdm-reservation",
    "tdm-policy",
    "Link",
    "crawler-price",
    "crawler-error",
    "WWW-Authenticate",
    "Retry-After",
    "Content-Type",
    "crawler-charged",
]
FILES = ["/.well-known/tdmrep.json", "/trust.txt", "/.well-known/trust.txt", "/ai.txt", "/l.xml", "/p.json"]
ROBOTS = "License: https://site.example/l.xml\nUser-agent: *\nAllow: /\n"
MEBIBYTE = 1_048_576
fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Pieces of real signals, so that the readers are reached deeply; restrictive ones only, where no permission may come out.
pieces = st.sampled_from(
    [
        "train-ai=n",
        "search=n",
        "ai-train=no",
        "use=reference",
        "noindex",
        "examplebot:",
        "unavailable_after: Fri, 25 Jun",
        "max-snippet:",
        "nosnippet",
        "1",
        ",",
        ";",
        "=",
        "(",
        ")",
        '"',
        "\\",
        "<",
        ">",
        "%",
        "*",
        "$",
        "/",
        "\t",
        " ",
        "?1",
        ":",
        "rel=license",
        'type="application/rsl+xml"',
        "USD",
        "License",
        "License realm=",
        "CrawlerForbidden",
        "\x00",
        "é",
        "\u2028",
        "99999999999999999999",
        "-1",
        "@",
        "a" * 50,
    ]
)
values = st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=12).map("".join)


def verdicts(site: Site, response: Response | None = None, **context: Any) -> set[str]:
    found = set()
    for retain in (False, True):
        for purpose in Purpose:
            found.add(
                combine(
                    site.statements(purpose, response, retain=retain, user="education", country="DE", **context),
                    purpose,
                )[0]
            )
    return found


@fuzz
@given(
    st.lists(st.tuples(st.sampled_from(HEADERS), values), max_size=6),
    st.sampled_from([200, 304, 401, 402, 403, 429, 500]),
)
def test_garbage_in_fields_never_permits(headers: list[tuple[str, str]], status: int) -> None:
    assert "allow" not in verdicts(Site(), Response(PAGE, status, headers))


@fuzz
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Content-Usage", "Content-Signal", "License", "Noindex", "DisallowAITraining"]), values
        ),
        max_size=6,
    )
)
def test_garbage_in_robots_records_never_permits(records: list[tuple[str, str]]) -> None:
    lines = "".join(f"{name}: {value}\n" for name, value in records)
    assert "allow" not in verdicts(Site(f"User-agent: *\n{lines}Allow: /\n\n{lines}"))


@fuzz
@given(st.sampled_from(FILES), st.one_of(st.binary(max_size=200), values.map(str.encode)))
def test_garbage_in_files_never_permits(path: str, body: bytes) -> None:
    site = Site(
        ROBOTS,
        {
            path: body,
            "/.well-known/tdmrep.json": body
            if path.endswith("tdmrep.json")
            else b'[{"location": "/", "tdm-reservation": 1, "tdm-policy": "/p.json"}]',
        },
    )
    assert "allow" not in verdicts(site)


names = st.sampled_from(
    [
        "location",
        "tdm-reservation",
        "tdm-policy",
        "permission",
        "action",
        "duty",
        "constraint",
        "profile",
        "leftOperand",
        "operator",
        "rightOperand",
        "target",
        "assigner",
        "@type",
        "@graph",
        "license",
        "@id",
        "entries",
        "manifests",
        "active_manifest",
        "assertions",
        "cawg.ai_training",
        "use",
        "prohibition",
    ]
)
words = st.sampled_from(
    [
        "/",
        "*",
        "tdm:mine",
        "tdm:research",
        "purpose",
        "eq",
        "notAllowed",
        "constrained",
        PROFILE,
        "\ud800",
        "https://site.example/p.json",
        "http://[",
        "Article",
    ]
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(1, 3), st.floats(1), words, st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(names, st.text(max_size=5)), inner, max_size=5)
    ),
    max_leaves=12,
)


@fuzz
@given(anything, anything, anything)
def test_json_of_any_shape_is_read_without_an_exception(rules: object, policy: object, data: object) -> None:
    files = {
        "/.well-known/tdmrep.json": json.dumps(
            [rules, {"location": "/", "tdm-reservation": 1, "tdm-policy": "/p.json"}]
        ),
        "/p.json": json.dumps(policy),
    }
    html = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    site = Site(None, files)
    found = verdicts(
        site, Response(PAGE, body=html.encode()), assets={"cawg": data, "c2pa": data, "plus:DataMining": data}
    )
    assert found <= {"deny", "conditional", "silent", "allow"}


tags = st.sampled_from(["rsl", "content", "license", "permits", "prohibits", "payment", "amount", "reporting", "x"])
attributes = st.sampled_from(
    [
        'url="/"',
        'url=""',
        'url="https://site.example/*"',
        'type="usage"',
        'type="geo"',
        'type="crawl"',
        'server="s"',
        'max-age="9"',
        'xmlns="https://rslstandard.org/rsl"',
        'encrypted="true"',
        "",
    ]
)
markup = st.recursive(
    st.one_of(
        st.sampled_from(["ai-train", "&amp;", "&x;", "<![CDATA[a]]>", "<!-- -->", "<?pi?>", "]]>"]), st.text(max_size=3)
    ),
    lambda inner: st.builds(
        lambda t, a, i: f"<{t} {a}>{''.join(i)}</{t}>", tags, attributes, st.lists(inner, max_size=4)
    ),
    max_leaves=15,
)


@fuzz
@given(markup)
def test_xml_of_any_shape_is_read_without_an_exception(body: str) -> None:
    wrapped = f'<rsl xmlns="https://rslstandard.org/rsl">{body}</rsl>'.encode("utf-8", "replace")
    verdicts(Site(ROBOTS, {"/l.xml": wrapped}))
    page = Response(PAGE, 200, {"Content-Type": "text/xml"}, wrapped)
    verdicts(Site(), page)


@fuzz
@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_searched_without_an_exception(body: bytes) -> None:
    for head in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8<x:xmpmeta ", b"%PDF-1.7 <x:xmpmeta>"):
        response = Response(
            "https://site.example/a.png", 200, {"Content-Type": "image/png"}, head + body + b"</x:xmpmeta>"
        )
        assert "allow" not in verdicts(Site(), response)


@fuzz
@given(
    st.lists(
        st.tuples(st.sampled_from(["robots", "examplebot", "tdm-reservation", "tdm-policy", "x"]), values), max_size=6
    )
)
def test_garbage_in_meta_elements_never_permits(metas: list[tuple[str, str]]) -> None:
    escaped = ((n, v.replace("&", "&amp;").replace('"', "&quot;")) for n, v in metas)
    html = "".join(f'<meta name="{n}" content="{v}">' for n, v in escaped)
    assert "allow" not in verdicts(Site(), Response(PAGE, body=f"<head>{html}</head>".encode("utf-8", "replace")))


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize(
    "unit", ["noindex,", "train-ai=y,", "<a>;rel=license,", "a=(", '"', ";", "examplebot: ", "%41", '\\"', "1"]
)
def test_fields_of_a_mebibyte_are_read_in_bounds(name: str, unit: str) -> None:
    value = unit * (MEBIBYTE // len(unit))
    response = Response(PAGE, 200, [(name, value), (name, value)])
    site = Site()
    # The purposes share one reading; two suffice.
    assert site.verdict("ai-train", response) != "allow"
    assert site.verdict("search", response) != "allow"


@pytest.mark.parametrize("name", ["Content-Usage", "Content-Signal", "Noindex", "License"])
def test_robots_records_by_the_thousand_are_read_in_bounds(name: str) -> None:
    lines = "".join(f"{name}: /{i}* ai-train=no\n" for i in range(10_000))
    site = Site(f"User-agent: *\n{lines}")
    assert site.verdict("ai-train") in {"silent", "deny"}


def test_a_tdmrep_file_of_a_hundred_thousand_rules_is_read_as_far_as_the_bound_and_is_a_gap() -> None:
    rules = [{"location": f"/{i}", "tdm-reservation": 0} for i in range(100_000)]
    site = Site(None, {"/.well-known/tdmrep.json": json.dumps(rules)})
    [source] = [s for s in site.signals.sources if s.url.endswith("tdmrep.json")]
    assert source.state is SourceState.UNREADABLE
    assert "rules" in source.note
    assert site.verdict("tdm") == "silent"
    assert site.verdict("tdm", url="https://site.example/3") == "allow"
    reserved = [{"location": "/", "tdm-reservation": 1}, *rules]
    assert Site(None, {"/.well-known/tdmrep.json": json.dumps(reserved)}).verdict("tdm") == "deny"


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><rsl>&b;</rsl>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><rsl/>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
        "<a>" * 100_000,
        "<a/>" * 200_000,
        "<r>" + "<a/>" * 200_000 + "</r>",
        "<a " + "b" * MEBIBYTE,
        "<r>" + "&#65;" * 200_000 + "</r>",
        "<?xml version='1.0' encoding='utf-7'?><rsl/>",
        "<?xml version='1.0' encoding='\xff'?><rsl/>",
        "\x00" * 1000,
        "<![CDATA[" * 1000,
    ],
    ids=[
        "bomb",
        "external-dtd",
        "external-entity",
        "deep",
        "roots",
        "wide",
        "attribute",
        "references",
        "utf-7",
        "encoding",
        "nul",
        "cdata",
    ],
)
def test_xml_that_attacks_is_refused_with_a_note(body: str) -> None:
    site = Site(ROBOTS, {"/l.xml": body})
    assert site.verdict("ai-train") == "deny"
    [source] = [s for s in site.signals.sources if s.url.endswith("/l.xml")]
    assert source.note


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '[{"location":' * 20_000,
        "[" + "1" * 100_000 + "]",
        "[" + " " * MEBIBYTE,
        '["' + "\\ud800" * 10_000 + '"]',
        "[1e999, -0, NaN, Infinity]",
    ],
)
def test_json_that_attacks_is_as_if_absent(body: str) -> None:
    site = Site(None, {"/.well-known/tdmrep.json": body, "/trust.txt": body, "/ai.txt": body})
    assert site.verdict("tdm") == "silent"


def test_a_policy_that_attacks_gives_no_conditions() -> None:
    for body in ("[" * 100_000, '{"a":' * 100_000, "{" + '"permission": ' + "[" * 90_000):
        files = {"/.well-known/tdmrep.json": '[{"location":"/","tdm-reservation":1,"tdm-policy":"/p"}]', "/p": body}
        assert Site(None, files).verdict("tdm") == "deny"


def test_a_page_of_a_hundred_thousand_tags_is_read_in_bounds() -> None:
    html = '<meta name="robots" content="nofollow">' * 20_000 + '<a rel="license" href="/l">x</a>' * 20_000
    page = Site().page(Response(PAGE, body=html.encode()), draw(html))
    assert page.gaps


signals = st.sampled_from(
    [
        ("robots", "Content-Usage: train-ai=y"),
        ("robots", "Content-Signal: ai-train=yes, search=yes, ai-input=yes"),
        ("header", ("tdm-reservation", "0")),
        ("header", ("Content-Usage", "search=y")),
        ("file", ("/trust.txt", "datatrainingallowed=yes")),
        ("file", ("/ai.txt", "User-agent: *\nAllow: /")),
        ("robots", "Content-Signal: use=reference"),
        ("header", ("X-Robots-Tag", "max-snippet:20")),
        ("header", ("X-Robots-Tag", "nosnippet")),
    ]
)
refusals = st.sampled_from(
    [
        ("robots", "Content-Usage: train-ai=n"),
        ("robots", "Content-Signal: ai-train=no, use=immediate"),
        ("header", ("tdm-reservation", "1")),
        ("header", ("X-Robots-Tag", "noindex, noai")),
        ("header", ("X-Robots-Tag", "nosnippet")),
        ("file", ("/trust.txt", "datatrainingallowed=no")),
        ("file", ("/ai.txt", "User-agent: *\nDisallow: /")),
        ("robots", "License: https://site.example/missing.xml"),
        ("robots", "Noindex: /"),
    ]
)


@fuzz
@given(st.lists(signals, max_size=5), refusals, st.sampled_from(list(Purpose)))
def test_adding_a_refusal_never_makes_an_answer_more_permissive(said: list[Any], added: Any, purpose: Purpose) -> None:
    def ask(parts: list[Any]) -> str:
        robots = "User-agent: *\n" + "".join(f"{value}\n" for kind, value in parts if kind == "robots")
        files = dict(value for kind, value in parts if kind == "file")
        headers = [value for kind, value in parts if kind == "header"]
        return Site(robots, files).verdict(purpose, Response(PAGE, 200, headers))

    rank = ["deny", "conditional", "silent", "allow"]
    assert rank.index(ask([*said, added])) <= rank.index(ask(said))
