"""Really Simple Licensing 1.0: associations (§4), vocabulary (§3.4), evaluation."""

from __future__ import annotations

import pytest

from scrapeguard.model.evidence import LineRef, SourceState
from scrapeguard.model.exchange import Response
from scrapeguard.model.statement import ConditionKind
from tests.signals.reference import Site

PAGE = "https://site.example/page"
ROBOTS = "License: https://site.example/l.xml\nUser-agent: *\nAllow: /\n"
USES = ("search", "ai-input", "ai-train", "tdm", "research", "archive", "reuse", "personal-data", "access")


def rsl(*contents: str) -> str:
    return f'<rsl xmlns="https://rslstandard.org/rsl">{"".join(contents)}</rsl>'


def content(*licences: str, url: str = "/", more: str = "") -> str:
    return f'<content url="{url}" {more}>{"".join(f"<license>{x}</license>" for x in licences)}</content>'


def permits(tokens: str, kind: str = "usage") -> str:
    return f'<permits type="{kind}">{tokens}</permits>'


def prohibits(tokens: str, kind: str = "usage") -> str:
    return f'<prohibits type="{kind}">{tokens}</prohibits>'


def pay(kind: str, inner: str = "") -> str:
    return f'<payment type="{kind}">{inner}</payment>'


def site(*licences: str, **more: str) -> Site:
    return Site(ROBOTS, {"/l.xml": rsl(content(*licences, **more))})


def verdicts(found: Site, *purposes: str) -> list[str]:
    return [found.verdict(p) for p in purposes]


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        (permits("all"), "allow allow allow allow allow allow silent silent silent"),
        (permits("ai-all"), "deny allow allow deny deny deny silent silent silent"),
        (permits("search"), "allow deny deny deny deny deny silent silent silent"),
        (prohibits("ai-train"), "silent silent deny silent silent silent silent silent silent"),
        (prohibits("all"), "deny deny deny deny deny deny silent silent silent"),
        (permits("ai-input") + prohibits("all"), "deny allow deny deny deny deny silent silent silent"),
        (permits("ai-input") + prohibits("ai-all"), "deny deny deny deny deny deny silent silent silent"),
        (permits("all") + prohibits("ai-train"), "allow allow deny allow allow allow silent silent silent"),
        (permits("search") + pay("free"), "allow deny deny deny deny deny silent silent silent"),
        (permits("ai-train") + pay("training"), "deny deny conditional deny deny deny silent silent silent"),
        (
            prohibits("ai-train") + pay("crawl"),
            "conditional conditional deny conditional conditional conditional silent silent conditional",
        ),
        (permits(""), "deny deny deny deny deny deny silent silent silent"),
    ],
)
def test_rsl_3_5_one_licence_means(licence: str, expected: str) -> None:
    assert verdicts(site(licence), *USES) == expected.split()


def test_rsl_3_1_each_licence_is_an_offer_and_a_prohibition_wins() -> None:
    two = site(permits("search ai-input"), permits("ai-train") + pay("attribution"))
    assert verdicts(two, "ai-input", "ai-train", "tdm") == ["allow", "conditional", "deny"]
    assert verdicts(site(permits("ai-train"), prohibits("ai-train")), "ai-train") == ["deny"]


def test_rsl_3_1_1_the_narrowest_entry_decides_whatever_the_order() -> None:
    entries = [content(permits("search")), content(permits("all"), url="/open/")]
    for order in (entries, entries[::-1]):
        found = Site(ROBOTS, {"/l.xml": rsl(*order)})
        assert found.verdict("ai-train", url="https://site.example/open/x") == "allow"
        assert found.verdict("ai-train", url="https://site.example/x") == "deny"


def test_rsl_3_1_1_entries_of_the_same_scope_are_read_together() -> None:
    found = Site(ROBOTS, {"/l.xml": rsl(content(permits("all")), content(prohibits("ai-train")))})
    assert verdicts(found, "search", "ai-train") == ["allow", "deny"]


def test_entries_on_one_line_are_told_apart() -> None:
    found = Site(ROBOTS, {"/l.xml": rsl(content(permits("all"), url="/a"), content(prohibits("all"), url="/b"))})
    assert found.verdict("search", url="https://site.example/a") == "allow"
    assert found.verdict("search", url="https://site.example/b") == "deny"


def test_an_absolute_url_holds_on_its_own_origin_only() -> None:
    assert site(prohibits("all"), url="https://site.example/page").verdict("search") == "deny"
    assert site(prohibits("all"), url="https://www.site.example/").verdict("search") == "silent"


@pytest.mark.parametrize(
    ("term", "user", "country", "expected"),
    [
        (permits("education", "user"), None, None, "conditional"),
        (permits("education", "user"), "education", None, "allow"),
        (permits("education", "user"), "commercial", None, "deny"),
        (prohibits("commercial", "user"), "education", None, "allow"),
        (prohibits("commercial", "user"), "commercial", None, "deny"),
        (permits("US EU", "geo"), None, "DE", "allow"),
        (permits("us", "geo"), None, "US", "allow"),
        (permits("US", "geo"), None, "DE", "deny"),
        (prohibits("EU", "geo"), None, "FR", "deny"),
        (permits("US", "geo"), None, None, "conditional"),
    ],
)
def test_rsl_3_4_user_and_geo_are_checked_where_the_caller_says(
    term: str, user: str | None, country: str | None, expected: str
) -> None:
    found = site(permits("search") + term)
    assert found.verdict("search", user=user, country=country) == expected


def test_conditions_name_payment_server_reporting_and_key() -> None:
    licence = (
        permits("ai-train")
        + pay("purchase", '<amount currency="USD">5</amount><custom>https://x.example/o</custom>')
        + '<reporting type="telemetry" profile="https://p.example/x"/>'
    )
    found = site(licence, more='server="https://lic.example" encrypted="true"')
    [meaning] = [m for s in found.statements("ai-train") for m in s.means if m.purpose == "ai-train"]
    assert [(c.kind, c.value) for c in meaning.conditions] == [
        (ConditionKind.PAYMENT, "5 USD"),
        (ConditionKind.REPORT, "telemetry https://p.example/x"),
        (ConditionKind.SERVER, "https://lic.example"),
        (ConditionKind.LICENCE, "https://lic.example"),
    ]
    assert found.verdict("access") == "conditional"


def test_stored_retrieval_needs_ai_index_as_well() -> None:
    assert site(permits("ai-input")).verdict("ai-input", retain=True) == "deny"
    assert site(permits("ai-input ai-index")).verdict("ai-input", retain=True) == "allow"
    assert site(permits("ai-all")).verdict("ai-input", retain=True) == "allow"
    assert site(permits("ai-all") + prohibits("ai-index")).verdict("ai-input", retain=True) == "deny"


def test_choice_words_of_drafts_are_read_where_they_prohibit_only() -> None:
    assert site(prohibits("train-ai")).verdict("ai-train") == "deny"
    assert site(permits("train-ai")).verdict("ai-train") == "deny"  # a closed list that holds no known word
    assert site(permits("search,ai-input")).verdict("ai-input") == "allow"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><p>not found",
        "<rsl/>",
        '<rsl xmlns="https://rslstandard.org/rsl"/>',
        "{}",
        rsl("<content/>"),
        rsl("<content url='x y'><license/></content>"),
        '<!DOCTYPE rsl [<!ENTITY a "b">]>' + rsl(content(permits("all"))),
        rsl(content(permits("all")))[:-3],
        '<rsl xmlns="urn:other"><content url="/"><license><permits type="usage">all</permits></license></content></rsl>',
    ],
)
def test_a_declared_document_that_is_no_rsl_leaves_the_asset_unlicensed(body: str) -> None:
    found = Site(ROBOTS, {"/l.xml": body})
    assert verdicts(found, "ai-train", "ai-input", "search", "archive", "access") == [
        "deny",
        "deny",
        "deny",
        "silent",
        "silent",
    ]
    assert [s.note for s in found.signals.sources if s.url.endswith("/l.xml")] != [""]


def test_a_declared_document_that_cannot_be_had_leaves_the_asset_unlicensed() -> None:
    for status, state in ((404, SourceState.ABSENT), (503, SourceState.UNREACHABLE), (403, SourceState.BLOCKED)):
        found = Site(ROBOTS, {"/l.xml": Response("https://site.example/l.xml", status)})
        assert found.verdict("ai-train") == "deny"
        assert state in {s.state for s in found.signals.sources if s.url.endswith("/l.xml")}


def test_an_entry_without_licence_licenses_nothing() -> None:
    assert Site(ROBOTS, {"/l.xml": rsl('<content url="/"/>')}).verdict("ai-train") == "deny"


FILES = {"/l.xml": rsl(content(prohibits("all"))), "/mine.xml": rsl(content(permits("ai-train")))}


@pytest.mark.parametrize(
    ("robots", "expected"),
    [
        (
            "License: https://site.example/l.xml\nUser-agent: ExampleBot\nAllow: /\nLicense: https://site.example/mine.xml\n",
            "allow",
        ),
        (
            "License: https://site.example/mine.xml\nUser-agent: *\nAllow: /\nLicense: https://site.example/l.xml\n",
            "deny",
        ),
        (
            "License: https://site.example/mine.xml\nUser-agent: Other\nLicense: https://site.example/l.xml\nDisallow: /\n",
            "allow",
        ),
        ("User-agent: Other\nDisallow: /\n\nLicense: https://site.example/l.xml\n", "deny"),
        (
            "User-agent: Other\nDisallow: /\nSitemap: https://site.example/s.xml\nLicense: https://site.example/l.xml\n",
            "deny",
        ),
        ("User-agent: Other\nDisallow: /\nLicense: https://site.example/l.xml\n", "silent"),
        ("User-agent: *\nAllow: /\nLicense: /l.xml\n", "silent"),
        ("User-agent: *\nAllow: /\nLicense: l.xml\n", "silent"),
        ("User-agent: *\nLicense: https://site.example/mine.xml\nLicense: https://site.example/l.xml\n", "deny"),
    ],
)
def test_rsl_4_4_the_group_licence_replaces_the_global_ones(robots: str, expected: str) -> None:
    assert Site(robots, FILES).verdict("ai-train") == expected


INLINE = rsl(content(permits("ai-train"), url=""))


@pytest.mark.parametrize(
    "response",
    [
        Response(PAGE, 200, {"Link": '</mine.xml>; rel="license"; type="application/rsl+xml"'}),
        Response(PAGE, 200, {"Link": '</x>; rel=next, </mine.xml>; rel="nofollow license"; type=application/rsl+xml'}),
        Response(PAGE, body=b'<link rel="license" type="application/rsl+xml" href="/mine.xml">'),
        Response(PAGE, body=f'<head><script type="application/rsl+xml">{INLINE}</script></head>'.encode()),
    ],
    ids=["field", "fields", "link", "script"],
)
def test_rsl_4_a_page_names_or_holds_its_licence(response: Response) -> None:
    assert Site(None, FILES).verdict("ai-train", response) == "allow"
    assert Site(None, FILES).verdict("search", response) == "deny"


def test_rsl_4_9_where_scopes_are_equal_the_most_restrictive_combination_holds() -> None:
    robots = "User-agent: *\nLicense: https://site.example/mine.xml\n"
    page = Response(PAGE, body=b'<link rel="license" type="application/rsl+xml" href="/l.xml">')
    assert Site(robots, FILES).verdict("ai-train", page) == "deny"


def test_rsl_4_9_a_narrower_page_licence_stands_before_the_site_licence() -> None:
    files = FILES | {"/p.xml": rsl(content(permits("ai-train"), url="/page"))}
    page = Response(PAGE, body=b'<link rel="license" type="application/rsl+xml" href="/p.xml">')
    assert Site(ROBOTS, files).verdict("ai-train", page) == "allow"
    broken = Response(PAGE, body=b'<script type="application/rsl+xml"><rsl></script>')
    assert Site("User-agent: *\nLicense: https://site.example/mine.xml\n", files).verdict("ai-train", broken) == "deny"


def test_rsl_4_6_a_refusal_may_name_the_licence_that_opens() -> None:
    body = rsl(content(permits("all") + pay("purchase"), url=""))
    response = Response(PAGE, 402, {"Content-Type": "application/rsl+xml"}, body.encode())
    assert Site().verdict("ai-train", response) == "conditional"
    response = Response(
        PAGE, 401, {"WWW-Authenticate": "License", "Link": '</l.xml>; rel=license; type="application/rsl+xml"'}
    )
    assert Site(None, FILES).verdict("ai-train", response) == "deny"


def test_rsl_4_the_items_of_a_feed_carry_their_own_licences() -> None:
    feed = (
        f'<rss xmlns:rsl="https://rslstandard.org/rsl"><channel><item><rsl:content url="{PAGE}"><rsl:license>'
        '<rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license></rsl:content></item></channel></rss>'
    )
    response = Response("https://site.example/feed", 200, {"Content-Type": "application/rss+xml"}, feed.encode())
    added = Site().page(response)
    from scrapeguard.model.purpose import Purpose
    from scrapeguard.model.query import Query

    [voice] = added.voices
    [said] = voice.says(Query(PAGE, "/page", Purpose.AI_TRAIN, "examplebot"))
    assert said.means[0].verdict == "deny"
    assert Site().verdict("ai-train", response) == "silent"


def test_a_feed_whose_licences_cannot_be_read_is_a_gap() -> None:
    feed = b'<!DOCTYPE rss><rss xmlns:rsl="https://rslstandard.org/rsl"/>'
    assert Site().page(Response(f"{PAGE}.rss", 200, {"Content-Type": "application/rss+xml"}, feed)).gaps


def test_licences_by_the_hundred_are_read_as_far_as_the_bound_and_the_rest_cannot_be_had() -> None:
    files = {f"/{i}.xml": rsl(content(permits("all"))) for i in range(100)}
    robots = "User-agent: *\n" + "".join(f"License: https://site.example/{i}.xml\n" for i in range(100))
    found = Site(robots, files)
    assert (found.verdict("ai-train"), len(found.signals.licences), len(found.statements("search"))) == ("deny", 8, 10)
    html = "".join(f'<link rel="license" type="application/rsl+xml" href="/{i}.xml">' for i in range(100))
    assert Site(None, files).verdict("ai-train", Response(PAGE, body=html.encode())) == "deny"


def test_a_licence_in_xmp_holds_for_the_file() -> None:
    packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{rsl(content(prohibits("ai-train"), url="/a.jpg"))}</x:xmpmeta>'
    assert (
        Site().verdict("ai-train", Response("https://site.example/a.jpg", body=b"\xff\xd8" + packet.encode())) == "deny"
    )


def test_foreign_elements_are_ignored_and_unknown_ones_noted() -> None:
    found = Site(ROBOTS, {"/l.xml": rsl('<x xmlns="urn:x">hi</x>', content(permits("search") + "<maybe/>"))})
    assert found.verdict("search") == "allow"
    assert [s.note for s in found.signals.sources if "maybe" in s.note]


def test_evidence_is_the_robots_line_and_the_entry() -> None:
    [statement] = site(prohibits("ai-train")).statements("ai-train")
    declared, entry = statement.evidence
    assert declared.place == LineRef(1)
    assert entry.quote == content(prohibits("ai-train")).replace('" >', '" >')


def test_a_licence_for_everything_needs_no_url() -> None:
    assert not site(permits("all")).signals.voices[-1].scoped
    assert site(permits("search"), url="/a").signals.voices[-1].scoped
    assert site(permits("ai-input")).signals.voices[-1].scoped  # storing makes a difference
