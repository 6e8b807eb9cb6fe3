"""What an answer for robots.txt means (RFC 9309 §2.3.1, §2.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scrapeguard.model.exchange import FailureReason, FetchFailure, Response
from scrapeguard.robots import MAX_BYTES
from scrapeguard.robots.availability import AvailabilityOptions, RobotsState, judge_availability

URL = "https://example.com/robots.txt"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def response(
    status: int = 200, body: bytes = b"", truncated: bool = False, at: datetime = NOW, **headers: str
) -> Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(URL, status, headers=fields, body=body, fetched_at=at, truncated=truncated)


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "available"), (204, "available"), (206, "available"), (302, "unavailable"), (304, "unavailable")]
    + [(status, "unavailable") for status in (400, 401, 403, 404, 410, 418, 451, 499)]
    + [(status, "unreachable") for status in (429, 500, 502, 503, 504, 599, 600, 100)],
)
def test_rfc9309_2_3_1_every_status_has_one_outcome(status, state):
    found = judge_availability(response(status))
    assert found.state == state
    assert str(status) in found.reason
    assert (found.copy is not None) is (state == "available")


@pytest.mark.parametrize("reason", list(FailureReason))
def test_rfc9309_2_3_1_4_every_failure_of_the_network_is_unreachable(reason):
    found = judge_availability(FetchFailure(URL, reason, "no route", NOW))
    assert (found.state, found.copy) == (RobotsState.UNREACHABLE, None)
    assert found.expires_at == NOW + timedelta(hours=1)


def test_rfc9309_2_3_1_4_a_body_that_came_incomplete_is_unreachable_unless_what_counts_is_there():
    assert judge_availability(response(body=b"User-agent: *\n", truncated=True)).state == "unreachable"
    assert judge_availability(response(body=b"#" * MAX_BYTES, truncated=True)).state == "available"


def test_rfc9309_2_3_1_2_a_redirect_beyond_the_fifth_is_unavailable():
    assert "redirects" in judge_availability(response(301)).reason


def test_choice_forbidden_is_closed_only_where_the_caller_says_so():
    options = AvailabilityOptions(forbidden_is_closed=True)
    assert [judge_availability(response(s), options=options).state.value for s in (401, 403, 404)] == [
        "unreachable",
        "unreachable",
        "unavailable",
    ]


@pytest.mark.parametrize(
    ("headers", "life"),
    [
        ({}, timedelta(hours=24)),
        ({"Cache_Control": "max-age=60"}, timedelta(seconds=60)),
        ({"Cache_Control": "public, Max-Age=3600", "Age": "600"}, timedelta(seconds=3000)),
        ({"Cache_Control": "max-age=31536000"}, timedelta(hours=24)),
        ({"Cache_Control": "max-age=0"}, timedelta(minutes=1)),
        ({"Cache_Control": "no-store"}, timedelta(minutes=1)),
        ({"Cache_Control": "max-age=soon"}, timedelta(hours=24)),
        ({"Cache_Control": "max-age=" + "9" * 400}, timedelta(hours=24)),
        ({"Cache_Control": "max-age=60, max-age=30"}, timedelta(minutes=1)),
    ],
)
def test_rfc9309_2_4_a_copy_lives_at_most_24_hours_and_cache_control_may_shorten_that(headers, life):
    assert judge_availability(response(**headers)).expires_at == NOW + life
    assert judge_availability(response(404, **headers)).expires_at == NOW + life


def test_nobody_who_gave_no_time_gets_one_back():
    assert judge_availability(Response(URL, 200)).expires_at is None
    assert judge_availability(FetchFailure(URL, FailureReason.DNS)).expires_at is None


@pytest.mark.parametrize(("value", "wait"), [("120", 120), ("864000", 86400), ("soon", 3600), ("0", 60)])
def test_a_server_that_says_when_to_come_back_is_believed_for_a_day_at_most(value, wait):
    assert judge_availability(response(503, Retry_After=value)).expires_at == NOW + timedelta(seconds=wait)


def test_not_modified_lets_the_previous_copy_speak():
    previous = response(body=b"User-agent: *\nDisallow: /", at=NOW - timedelta(days=1))
    found = judge_availability(response(304), previous=previous)
    assert (found.state, found.copy) == (RobotsState.AVAILABLE, previous)


def test_rfc9309_2_4_an_unreachable_file_may_be_spoken_for_by_its_last_copy_where_the_caller_says_so():
    previous = response(body=b"x", at=NOW - timedelta(days=3))
    options = AvailabilityOptions(use_previous=True)
    assert judge_availability(response(503), previous=previous).copy is None
    assert judge_availability(response(503), previous=previous, options=options).copy is previous
    old = response(body=b"x", at=NOW - timedelta(days=31))
    assert judge_availability(response(503), previous=old, options=options).copy is None


def test_rfc9309_2_3_1_4_after_30_days_it_stays_closed_unless_the_caller_says_otherwise():
    since = NOW - timedelta(days=30)
    assert judge_availability(response(503), unreachable_since=since).state == "unreachable"
    options = AvailabilityOptions(open_after_30_days=True)
    found = judge_availability(response(503), unreachable_since=since, options=options)
    assert found.state == "unavailable"
    assert "30 days" in found.reason
    assert (
        judge_availability(response(503), unreachable_since=NOW - timedelta(days=29), options=options).state
        == "unreachable"
    )
