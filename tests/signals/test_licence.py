"""rel=license, Link and schema.org license: about reuse and nothing else."""

from __future__ import annotations

import json

import pytest

from scrapeguard.model.exchange import Response
from scrapeguard.model.statement import ConditionKind
from tests.signals.reference import Site

PAGE = "https://site.example/page"


def linked(href: str) -> Response:
    return Response(PAGE, body=f'<a rel="license" href="{href}">licence</a>'.encode())


@pytest.mark.parametrize(("href", "expected"), [
    ("https://creativecommons.org/publicdomain/zero/1.0/", "allow"),
    ("http://www.creativecommons.org/publicdomain/mark/1.0", "allow"),
    ("https://creativecommons.org/licenses/by/4.0/", "conditional"), ("/terms", "conditional"),
    ("https://creativecommons.org.evil.example/publicdomain/zero/1.0/", "conditional"),
    ("https://creativecommons.org/publicdomain/zeroed/", "conditional"), ("mailto:x@site.example", "silent"),
    ("//creativecommons.org/publicdomain/zero/1.0/", "allow"),
])
def test_a_licence_link_speaks_of_reuse(href: str, expected: str) -> None:
    assert Site().verdict("reuse", linked(href)) == expected
    assert {Site().verdict(p, linked(href)) for p in ("ai-train", "tdm", "search", "archive")} == {"silent"}


def test_the_elements_of_a_creative_commons_licence_are_conditions() -> None:
    [statement] = Site().statements("reuse", linked("https://creativecommons.org/licenses/by-nc-sa/4.0/"))
    kinds = [c.kind for c in statement.means[0].conditions]
    assert kinds == [ConditionKind.ATTRIBUTION, ConditionKind.NON_COMMERCIAL, ConditionKind.OTHER]


def test_rfc8288_a_link_field_speaks_and_one_with_another_anchor_does_not() -> None:
    zero = "<https://creativecommons.org/publicdomain/zero/1.0/>; rel=license"
    assert Site().verdict("reuse", Response(PAGE, headers={"Link": zero})) == "allow"
    assert Site().verdict("reuse", Response(PAGE, headers={"Link": f'{zero}; anchor="/other"'})) == "silent"


def ld(data: object) -> Response:
    return Response(PAGE, body=f'<script type="application/ld+json">{json.dumps(data)}</script>'.encode())


ZERO = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.parametrize(("data", "expected"), [
    ({"@type": "Article", "license": ZERO}, "allow"), ([{"@type": "WebPage", "license": {"@id": ZERO}}], "allow"),
    ({"@graph": [{"@type": ["Thing", "Dataset"], "license": [ZERO]}]}, "allow"),
    ({"@type": "ImageObject", "license": ZERO}, "conditional"),  # the image's own, so it grants the page nothing
    ({"@type": "Article", "image": {"@type": "ImageObject", "license": ZERO}}, "silent"),
    ({"@type": "Article", "license": 7}, "silent"), ("text", "silent"), (None, "silent"),
    ({"@type": "Article", "license": "\ud800"}, "conditional"),
])
def test_schema_org_license_of_the_page_itself(data: object, expected: str) -> None:
    assert Site().verdict("reuse", ld(data)) == expected


def test_an_unreadable_script_says_nothing() -> None:
    assert Site().verdict("reuse", Response(PAGE, body=b'<script type="application/ld+json">{"license": </script>')) == "silent"
