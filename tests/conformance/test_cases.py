"""Every shared case through the public API.

A ``rfc9309`` case is answered as its source and the RFC agree. A ``google-ext`` or ``contested`` one is answered as
the RFC's literal reading or as Google's matcher does; where scrapeguard does neither, `stances.toml` names the case
and the reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jwm.robotstxt.googlebot import RobotsMatcher

from scrapeguard.robots import RobotsTxt, parse_robots

STANCES = Path(__file__).with_name("stances.toml")


def test_rfc9309_every_case_on_which_its_source_and_the_rfc_agree(cases):
    wrong = [
        case
        for case in cases
        if case.kind == "rfc9309" and parse_robots(case.robots).allowed(case.url, case.agent) is not case.allowed
    ]
    assert sum(case.kind == "rfc9309" for case in cases) == 2247
    assert wrong == []


def test_choice_contested_cases_follow_the_rfc_or_google_and_every_other_answer_has_its_reason(cases):
    stances = {entry["case"]: entry for entry in tomllib.loads(STANCES.read_text(encoding="utf-8"))["stance"]}
    contested = [case for case in cases if case.kind in {"google-ext", "contested"}]
    assert len(contested) == 525 + 89
    other = {}
    for case in contested:
        answer = parse_robots(case.robots).allowed(case.url, case.agent)
        google = RobotsMatcher().OneAgentAllowedByRobots(case.robots, case.agent, case.url)
        if answer not in {case.rfc, google}:
            other[case.number] = answer
    assert other == {number: entry["allowed"] for number, entry in stances.items()}
    assert all(entry["reason"].strip() for entry in stances.values())


def _records(robots: RobotsTxt, name: str, agent: str) -> list[str] | None:
    """A record's values for one crawler; for the whole site where no agent is given or it belongs to no group."""
    own = robots.ungrouped if not agent else (*robots.ungrouped, *robots.extensions_for(agent))
    if name in {"llm-policy", "host", "clean-param", "content-signal"}:  # what crawler-commons keeps for the whole file
        own = robots.extensions
    return [record.value for record in own if record.name == name] or None


def _at(name: str) -> Callable[[RobotsTxt, str], Any]:
    return lambda robots, agent: _records(robots, name, agent)


def _rate(robots: RobotsTxt, agent: str) -> dict[str, Any] | None:
    rate = robots.request_rate(agent)
    return rate and {
        "requests": rate.requests,
        "seconds": rate.seconds,
        "start": rate.start and str(rate.start),
        "end": rate.end and str(rate.end),
    }


def _content_signal(robots: RobotsTxt, agent: str) -> dict[str, str] | None:
    record = next(iter(robots.governing("content-signal", agent)), None)
    pairs = (pair.partition("=") for pair in record.value.lower().split(",")) if record else ()
    return record and {key.strip(): value.strip() for key, _, value in pairs}


def _trains(robots: RobotsTxt, agent: str) -> bool:
    return (_content_signal(robots, agent) or {}).get("ai-train", "yes") not in {"no", "false", "0"}


READ: dict[str, Callable[[RobotsTxt, str], Any]] = {
    "crawl_delay": lambda robots, agent: robots.crawl_delay(agent),
    # nzrsky/robotstxt counts a record that holds no number as there, and its value as 0.
    "crawl_delay.has_value": lambda robots, agent: bool(robots.governing("crawl-delay", agent)),
    "request_rate": _rate,
    "request_rate.has_value": lambda robots, agent: robots.request_rate(agent) is not None,
    "request_rate.requests": lambda robots, agent: robots.request_rate(agent).requests,
    "request_rate.seconds": lambda robots, agent: robots.request_rate(agent).seconds,
    "visit_time": lambda robots, agent: (times := robots.visit_time(agent)) and [str(time) for time in times],
    "sitemaps": lambda robots, agent: list(robots.sitemaps),
    "sitemaps.len": lambda robots, agent: len(robots.sitemaps),
    "host": lambda robots, agent: robots.host,
    "content_signal.has_value": lambda robots, agent: _content_signal(robots, agent) is not None,
    "content_signal.ai_train": _trains,
    "content_signal.allows_ai_train": _trains,
    "ext:REQUEST_RATE": _at("request-rate"),
    "ext:VISIT_TIME": _at("visit-time"),
    "ext:LLM_POLICY": _at("llm-policy"),
    "ext:CONTENT_SIGNALS": _at("content-signal"),
    "ext:COMMENT": _at("comment"),
    "ext:CLEAN_PARAM": _at("clean-param"),
    "ext:HOST": _at("host"),
    "ext:NO_INDEX": _at("noindex"),
    "ext:ROBOT_VERSION": _at("robot-version"),
}

# How a source writes «there is none»: rep-cpp's delay of -1, nzrsky's of 0; rep-cpp asserts that a list is empty.
NOTHING = {("seomoz/rep-cpp", "crawl_delay"): -1, ("nzrsky/robotstxt", "crawl_delay"): 0}


# crawler-commons reads extensions only where its caller switches them on; this case asserts that it did not.
SWITCHED_OFF = 1315


def _value(case: Any) -> Any:
    robots, prop = parse_robots(case.robots), case.prop
    if case.number == SWITCHED_OFF:
        return None if READ[prop](robots, case.agent) == ["/llms.txt"] else "not read"
    if case.source == "seomoz/rep-cpp" and prop == "sitemaps" and case.expect is True:
        return robots.sitemaps == ()
    base, bracket, index = prop.partition("[")
    if bracket:
        values = list(robots.sitemaps) if base == "sitemaps" else READ[base](robots, case.agent)
        value = values[int(index.rstrip("]"))]
        # The source asserts that an address in mixed case is not its lower-case form.
        return value == value.lower() if case.expect is False else value
    if prop.startswith("ext:") and prop.endswith(".len"):
        return len(READ[prop[:-4]](robots, case.agent))
    value = READ[prop](robots, case.agent)
    return NOTHING.get((case.source, prop)) if value is None else value


@pytest.mark.parametrize(("kind", "count"), [("crawl-delay", 146), ("sitemap", 70), ("content-signal", 23)])
def test_choice_every_case_about_other_records(cases, kind, count):
    asked = [case for case in cases if case.kind == kind]
    assert len(asked) == count
    wrong = [(case.number, case.prop, case.expect, value) for case in asked if (value := _value(case)) != case.expect]
    assert wrong == []
