"""What robots.txt says as statements: gate, control tokens, AI crawlers."""

from __future__ import annotations

import json

import pytest

from scrapeguard._url import parse_url
from scrapeguard.model.evidence import LineRef, Source, SourceState
from scrapeguard.model.exchange import FailureReason, FetchFailure, RequestKind, Response
from scrapeguard.model.ports import Voice
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.model.statement import ConditionKind, Effect, Family, Verdict
from scrapeguard.robots import parse_robots, product_token
from scrapeguard.robots.agents import agent_table, find_agent
from scrapeguard.robots.availability import judge_availability
from scrapeguard.robots.statements import RobotsVoice

URL = "https://site.example/robots.txt"
CLOSED = "User-agent: *\nDisallow: /"
BOTS = ("GPTBot", "CCBot", "Google-Extended", "Bytespider")


def voice(answer, agent: str = "examplebot") -> RobotsVoice:
    if isinstance(answer, str):
        answer = Response(URL, body=answer)
    found = judge_availability(answer)
    source = Source(URL, RequestKind.ROBOTS, SourceState.READ, getattr(answer, "status", None))
    return RobotsVoice(found, parse_robots(found.copy.body) if found.copy else None, source, product_token=agent)


def says(speaker: RobotsVoice, target: str = "/page", purpose: Purpose = Purpose.AI_TRAIN):
    return speaker.says(Query("https://site.example" + target, target, purpose, speaker.product_token))


def training_file(*tokens: str, path: str = "/") -> str:
    return "User-agent: *\nDisallow: /private\n\n" + "\n\n".join(f"User-agent: {t}\nDisallow: {path}" for t in tokens)


def test_its_answer_depends_on_the_url():
    speaker: Voice = voice("User-agent: *\nDisallow: /page")
    assert speaker.scoped is True
    assert says(speaker, "/page") != says(speaker, "/other")


def test_a_disallow_closes_every_purpose_with_its_line_as_evidence():
    (gate,) = says(voice("User-agent: *\nDisallow: /page # no"))
    assert (gate.signal, gate.family, gate.effect, gate.gate) == ("robots", Family.ROBOTS, Effect.FORBID, True)
    assert {(m.purpose, m.verdict) for m in gate.means} == {(purpose, Verdict.DENY) for purpose in Purpose}
    assert (gate.evidence[0].quote, gate.evidence[0].place) == ("Disallow: /page # no", LineRef(2))


@pytest.mark.parametrize("answer", ["User-agent: *\nAllow: /", "", Response(URL, 404, body=CLOSED)])
def test_an_allow_no_rule_and_no_file_open_access_and_nothing_else(answer):
    (gate,) = says(voice(answer))
    assert (gate.signal, gate.effect, gate.gate) == ("robots", Effect.PERMIT, True)
    assert [(m.purpose, m.verdict) for m in gate.means] == [(Purpose.ACCESS, Verdict.ALLOW)]
    assert gate.evidence


@pytest.mark.parametrize("answer", [Response(URL, 503), Response(URL, 429), FetchFailure(URL, FailureReason.TIMEOUT)])
def test_rfc9309_2_3_1_4_an_unreachable_file_closes_everything(answer):
    speaker = voice(answer)
    (gate,) = says(speaker)
    assert (gate.signal, gate.effect, gate.gate) == ("robots-status", Effect.FORBID, True)
    assert len(gate.means) == len(Purpose)
    assert not speaker.may_fetch("/terms")


def test_an_allow_out_of_a_page_of_html_says_so():
    (gate,) = says(voice("<html><body>Page not found</body></html>"))
    assert gate.effect is Effect.PERMIT
    assert "HTML" in gate.text


def test_statements_are_shared_by_the_urls_a_rule_decides():
    speaker = voice("User-agent: *\nDisallow: /page")
    assert says(speaker, "/page/1")[0] is says(speaker, "/page/2")[0]


def test_may_fetch_takes_a_url_or_a_target():
    speaker = voice("User-agent: *\nDisallow: /t/")
    assert not speaker.may_fetch("https://site.example/t/terms")
    assert not speaker.may_fetch("/t/terms")
    assert speaker.may_fetch("https://site.example/terms")


def test_pace_comes_as_conditions_with_their_lines():
    (gate,) = says(voice("User-agent: *\nCrawl-delay: 5\nRequest-rate: 1/10\nVisit-time: 0200-0600\nDisallow: /x"))
    assert [(c.kind, c.value, c.evidence[0].place.line) for c in gate.conditions] == [
        (ConditionKind.CRAWL_DELAY, 5.0, 2),
        (ConditionKind.REQUEST_RATE, "1/10", 3),
        (ConditionKind.VISIT_TIME, "0200-0600", 4),
    ]
    assert gate.conditions[0].evidence[0].quote == "Crawl-delay: 5"


@pytest.mark.parametrize(
    ("agent", "text", "allowed"),
    [
        ("adsbot-google", "User-agent: *\nDisallow: /", True),
        ("adsbot-google", "User-agent: AdsBot-Google\nDisallow: /", False),
        ("examplebot", "User-agent: *\nDisallow: /", False),
        ("googlebot-image", "User-agent: Googlebot\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("googlebot-image", "User-agent: Googlebot-Image\nAllow: /\n\nUser-agent: Googlebot\nDisallow: /", True),
        ("applebot", "User-agent: Googlebot\nDisallow: /", False),
        ("examplebot-image", "User-agent: examplebot\nDisallow: /", True),
    ],
)
def test_operators_readings_hold_for_their_own_crawlers_only(agent, text, allowed):
    assert voice(text, agent).may_fetch("/page") is allowed


@pytest.mark.parametrize(
    ("agent", "text", "purposes"),
    [
        ("googlebot", "User-agent: Google-Extended\nDisallow: /", {"ai-train", "ai-input"}),
        ("applebot", "User-agent: Applebot-Extended\nDisallow: /", {"ai-train"}),
        ("googlebot", "User-agent: Google-Extended\nDisallow: /docs", set()),
        ("examplebot", "User-agent: Google-Extended\nDisallow: /", set()),
        ("googlebot", "User-agent: Google-Extended\nAllow: /", set()),
    ],
)
def test_a_control_token_answers_for_its_operators_crawler(agent, text, purposes):
    spoken = [s for s in says(voice(text, agent)) if s.signal == "control-token"]
    assert {m.purpose.value for s in spoken for m in s.means} == purposes
    assert all(m.verdict is Verdict.DENY for s in spoken for m in s.means)
    assert says(voice(text, agent))[0].effect is Effect.PERMIT


def test_a_file_that_refuses_three_training_crawlers_says_so_to_others():
    speaker = voice(training_file(*BOTS))
    gate, said = says(speaker)
    assert gate.effect is Effect.PERMIT
    assert (said.signal, said.family, said.effect, said.uncertain) == (
        "robots-agents",
        Family.SIGNALS,
        Effect.FORBID,
        False,
    )
    ((purpose, verdict, direct, conditions),) = said.means
    assert (purpose, verdict, direct) == (Purpose.AI_TRAIN, Verdict.CONDITIONAL, False)
    assert conditions[0].kind is ConditionKind.PERMISSION
    assert [e.place.line for e in said.evidence] == [5, 8, 11, 14]
    assert says(speaker)[1] is said


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (training_file(*BOTS[:2]), "/page"),
        (training_file(*BOTS[:2], "GPTBot"), "/page"),
        (training_file(*BOTS, path="/docs"), "/page"),
        (training_file(*BOTS), "/private"),
        (training_file(*BOTS) + "\n\nUser-agent: examplebot\nAllow: /", "/page"),
        (training_file("AhrefsBot", "Twitterbot", "SemrushBot", "DotBot"), "/page"),
        ("User-agent: *\nDisallow: /", "/page"),
    ],
    ids=["two", "one twice", "elsewhere", "closed anyway", "named itself", "no training crawlers", "everyone"],
)
def test_it_says_nothing_where_that_does_not_hold(text, target):
    assert [s.signal for s in says(voice(text), target)] == ["robots"]


def test_one_group_that_names_them_all_counts_each_of_them():
    text = "\n".join(f"User-agent: {bot}" for bot in BOTS) + "\nDisallow: /\n"
    assert len(says(voice(text))) == 2


def test_the_agent_table_is_whole():
    table = agent_table()
    assert len(table.agents) == 166
    assert table.threshold == 3
    for agent in table.agents.values():
        assert agent.operator
        assert agent.source
        assert agent.purposes
        assert agent.respects_robots in {"yes", "no", "partial", "unknown"}
        for token in (*agent.purpose_tokens.values(), *agent.fallback_groups):
            assert find_agent(token) is not None
        assert all(table.agents[token].control_token for token in agent.purpose_tokens.values())


def test_the_agent_table_has_what_the_shared_list_has(shared):
    theirs = {
        entry["token"].lower(): entry for entry in json.loads((shared / "specs" / "agents.json").read_text("utf-8"))
    }
    assert theirs.keys() == agent_table().agents.keys()
    for token, entry in theirs.items():
        ours = agent_table().agents[token]
        assert [p.value for p in ours.purposes] == entry["purposes"]
        assert ours.control_token is entry["control_token"]
        assert ours.ignores_star_group is entry.get("ignores_star_group", False)
        assert {p.value: t for p, t in ours.purpose_tokens.items()} == {
            p: t.lower() for p, t in entry.get("purpose_tokens", {}).items()
        }


def test_shared_cases_about_robots_its_paths_its_fetching_and_the_gate(shared):
    asked = 0
    for line in (shared / "specs" / "signal_cases.jsonl").read_text(encoding="utf-8").strip().split("\n"):
        case = json.loads(line)
        if case["id"].split("-")[0] not in {"rep", "path", "fetch", "gate"}:
            continue
        asked += 1
        status = case.get("robots_status") or (404 if case["robots"] is None else 200)
        body = case["robots"] or ""
        while len(body) < case.get("robots_pad_to", 0):
            body += "# padding\n"
        body += case.get("robots_tail", "")
        answer = (
            FetchFailure(URL, FailureReason.TIMEOUT) if status == "unreachable" else Response(URL, status, body=body)
        )
        spoken = says(
            voice(answer, product_token(case["agent"])), parse_url(case["url"]).target, Purpose(case["purpose"])
        )
        found = {(m.verdict.value, s.signal) for s in spoken for m in s.means if m.purpose == case["purpose"]}
        verdicts = {verdict for verdict, _ in found}
        verdict = "deny" if "deny" in verdicts else "allow" if "allow" in verdicts else "silent"
        assert verdict == case["expect"], case["id"]
        assert case["signal"] == "none" or (verdict, case["signal"]) in found, case["id"]
    assert asked == 44
