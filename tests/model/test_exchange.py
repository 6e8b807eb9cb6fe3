"""Requests and responses as data."""

from __future__ import annotations

import hashlib

from scrapeguard.model.exchange import Request, RequestKind, Response


def test_rfc9110_5_1_field_names_are_compared_without_case() -> None:
    response = Response("https://example.com/", headers=[("X-Robots-Tag", "noai"), ("x-robots-tag", "noindex")])
    assert response.header("X-ROBOTS-TAG") == "noai"
    assert response.header_values("x-Robots-tag") == ("noai", "noindex")
    assert response.header("missing") is None


def test_choice_headers_may_be_a_mapping_with_lists_and_the_body_text() -> None:
    response = Response("https://example.com/", headers={"A": "1", "B": ["2", "3"]}, body="ü")  # type: ignore[arg-type] # as documented
    assert response.headers == (("A", "1"), ("B", "2"), ("B", "3"))
    assert response.body == "ü".encode()
    assert response.sha256 == hashlib.sha256("ü".encode()).hexdigest()


def test_choice_a_request_remembers_where_it_was_first_looked_for() -> None:
    request = Request("https://b.example/x", RequestKind.TERMS, origin="https://a.example/", hop=1)
    assert request.asked == "https://a.example/"
    assert Request("https://a.example/", RequestKind.TERMS).asked == "https://a.example/"
