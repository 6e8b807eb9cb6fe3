"""Status and fields: 402, 401 License, 403 CrawlerForbidden; everything else is a failed fetch and no permission."""

from __future__ import annotations

import pytest

from scrapeguard._headers import parse_links
from scrapeguard.model.evidence import SourceState
from scrapeguard.model.exchange import Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import ConditionKind
from tests.signals.reference import Site, combine

PAGE = "https://site.example/page"


def answer(status: int, **headers: str) -> Response:
    return Response(PAGE, status, {k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize("purpose", list(Purpose))
def test_402_makes_every_purpose_conditional_on_payment(purpose: Purpose) -> None:
    statements = Site().statements(purpose, answer(402, crawler_price="USD 0.01"))
    assert combine(statements, purpose) == ("conditional", "http-402")
    [meaning] = [m for s in statements for m in s.means if m.purpose is purpose]
    assert (meaning.conditions[0].kind, meaning.conditions[0].value) == (ConditionKind.PAYMENT, "0.01 USD")


@pytest.mark.parametrize("price", ["", "free", "USD", "USD -1", "USD 0.01; DROP", "usd 1", "USD " + "9" * 1000])
def test_a_price_that_cannot_be_read_is_still_a_price(price: str) -> None:
    statements = Site().statements("access", answer(402, crawler_price=price))
    assert combine(statements, Purpose.ACCESS)[0] == "conditional"
    assert statements[0].means[0].conditions[0].value is None


def test_401_with_the_license_scheme_asks_for_a_token() -> None:
    response = answer(401, www_authenticate='Basic realm="x", License server="https://lic.example"')
    statements = Site().statements("search", response)
    assert combine(statements, Purpose.SEARCH) == ("conditional", "http-402")
    assert statements[0].means[0].conditions[0].value == "https://lic.example"


@pytest.mark.parametrize("challenge", ["Basic", 'Basic realm="License"', "LicenseX", "Bearer scope=License"])
def test_another_401_is_a_failed_fetch(challenge: str) -> None:
    assert Site().verdict("access", answer(401, www_authenticate=challenge)) == "silent"


def test_403_crawler_forbidden_denies_every_purpose() -> None:
    response = answer(403, crawler_error="crawlerforbidden")
    assert {Site().verdict(p, response) for p in Purpose} == {"deny"}
    assert combine(Site().statements("search", response), Purpose.SEARCH)[1] == "http-status"


@pytest.mark.parametrize("status", [400, 401, 403, 407, 418, 429, 451, 500, 503, 599])
def test_a_page_that_could_not_be_had_is_a_gap_and_says_nothing(status: int) -> None:
    response = answer(status, content_usage="train-ai=y", crawler_error="PaymentFailed")
    assert Site().verdict("ai-train", response) == "silent"
    [gap] = Site().page(response).gaps
    assert gap.state in {SourceState.BLOCKED, SourceState.UNREACHABLE}


def test_a_page_that_is_not_there_leaves_nothing_open() -> None:
    assert not Site().page(answer(404)).gaps
    assert Site().page(answer(410)).sources[0].state is SourceState.ABSENT


def test_a_redirect_is_a_gap() -> None:
    assert Site().page(answer(302)).gaps[0].state is SourceState.UNREADABLE


def test_304_carries_the_fields_of_the_page() -> None:
    assert Site().verdict("search", answer(304, x_robots_tag="noindex")) == "deny"


def test_a_charge_is_recorded_and_restricts_nothing() -> None:
    statements = Site().statements("ai-train", answer(200, crawler_charged="USD 0.01"))
    assert combine(statements, Purpose.AI_TRAIN) == ("silent", "none")
    assert "USD 0.01" in statements[0].text


@pytest.mark.parametrize(
    ("status", "value", "kind", "found"),
    [
        (429, "120", ConditionKind.CRAWL_DELAY, 120),
        (503, "Fri, 25 Jun 2027 15:00:00 GMT", ConditionKind.CRAWL_DELAY, "Fri, 25 Jun 2027 15:00:00 GMT"),
        (429, None, ConditionKind.EXCESSIVE_LOAD, None),
    ],
)
def test_retry_after_is_an_obligation(status: int, value: str | None, kind: ConditionKind, found: object) -> None:
    statements = Site().statements("access", answer(status, **({"retry_after": value} if value else {})))
    assert [(c.kind, c.value) for s in statements for c in s.conditions] == [(kind, found)]


@pytest.mark.parametrize(
    ("value", "targets"),
    [
        ('<a>; rel="x y"; rel=z, <b> ; title="a, <c>; \\" d"', ["a", "b"]),
        ("a", []),
        ("", []),
        ("<a", []),
        ("<>;;;,<b>", ["", "b"]),
        ('<a>; x="unclosed, <b>', ["a", "b"]),
        (",,, <a>", ["a"]),
    ],
)
def test_rfc8288_3_the_links_of_a_field_are_found(value: str, targets: list[str]) -> None:
    assert [link.target for link in parse_links(value)] == targets
