"""SiteAudit: what is asked in which order, what robots.txt keeps from us, and that answers may come in any order."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest

from scrapeguard.decide.policy import SitePolicy
from scrapeguard.guard import same_site
from scrapeguard.inquiry import MAX_HOPS
from scrapeguard.model.evidence import Source, SourceState
from scrapeguard.model.exchange import FailureReason, FetchFailure, Request, RequestKind, Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.plan import SiteAudit
from scrapeguard.transport.memory import MemoryTransport

HOME = '<p>Welcome to our site of useful things.<footer><a href="/legal/terms">Terms of Service</a></footer>'
TERMS = "<h1>Terms of Service</h1><p>You may not access this site with robots, scrapers or other automated means."
SITE: dict[str, Response | FetchFailure | bytes | str] = {
    "https://example.com/robots.txt": "User-agent: *\nDisallow: /private",
    "https://example.com/": Response(
        "https://example.com/", headers=(("Content-Type", "text/html"),), body=HOME.encode()
    ),
    "https://example.com/legal/terms": Response(
        "https://example.com/legal/terms", headers=(("Content-Type", "text/html"),), body=TERMS.encode()
    ),
}


def page(body: str, status: int = 200, **fields: str) -> Response:
    return Response(
        "https://example.com/", status, tuple({"Content-Type": "text/html", **fields}.items()), body.encode()
    )


def audited(
    site: Mapping[str, Response | FetchFailure | bytes | str],
    url: str = "https://example.com/p",
    *,
    order: int = 0,
    **options: object,
) -> tuple[SitePolicy, list[str]]:
    transport = MemoryTransport(site)
    audit = SiteAudit(url, "examplebot", same_site=same_site, **options)  # type: ignore[arg-type] # a test varies any option
    while requests := audit.pending():
        chosen = requests[order % len(requests)]
        audit.receive(chosen, transport.send(chosen))
    return audit.policy(), [r.url for r in transport.requests]


def source_of(policy: SitePolicy, url: str) -> Source:
    return next(s for s in policy.sources if s.url == url)


def verdict(policy: SitePolicy, purpose: Purpose = Purpose.AI_TRAIN, target: str = "/p") -> tuple[str, bool]:
    decision = policy.decide(Query("https://example.com" + target, target, purpose, "examplebot"))
    return decision.verdict.value, decision.allowed


def test_design_2_2_robots_first_then_home_then_the_terms_it_links() -> None:
    policy, asked = audited(SITE)
    assert asked[0] == "https://example.com/robots.txt"
    assert asked.index("https://example.com/") < asked.index("https://example.com/legal/terms")
    assert source_of(policy, "https://example.com/legal/terms").state is SourceState.READ
    assert not policy.gaps
    assert verdict(policy) == ("deny", False)


@pytest.mark.parametrize("order", [0, 1, 2, -1])
def test_design_2_3_answers_may_come_in_any_order(order: int) -> None:
    policy, asked = audited(SITE, order=order)
    reference, _ = audited(SITE)
    assert sorted(asked) == sorted(set(asked))
    assert {(s.url, s.state) for s in policy.sources} == {(s.url, s.state) for s in reference.sources}
    assert verdict(policy) == verdict(reference)


def test_design_2_4_a_terms_page_that_robots_keeps_from_us_is_not_fetched_and_blocked() -> None:
    policy, asked = audited(SITE | {"https://example.com/robots.txt": "User-agent: *\nDisallow: /legal"})
    assert "https://example.com/legal/terms" not in asked
    terms = source_of(policy, "https://example.com/legal/terms")
    assert terms.state is SourceState.BLOCKED
    assert "line 2: Disallow: /legal" in terms.note
    assert policy.gaps == (terms,)
    assert verdict(policy) == ("silent", False)
    assert verdict(policy, Purpose.SEARCH) == ("silent", True)


def test_design_2_4_always_reads_it_and_says_so() -> None:
    policy, asked = audited(
        SITE | {"https://example.com/robots.txt": "User-agent: *\nDisallow: /legal"}, policy_fetch="always"
    )
    assert "https://example.com/legal/terms" in asked
    terms = source_of(policy, "https://example.com/legal/terms")
    assert terms.state is SourceState.READ
    assert "caller's own decision" in terms.note
    assert verdict(policy) == ("deny", False)


def test_design_2_4_what_the_caller_holds_is_read_whatever_robots_says() -> None:
    held = Response("https://example.com/legal/terms", headers=(("Content-Type", "text/html"),), body=TERMS.encode())
    policy, asked = audited({"https://example.com/robots.txt": "User-agent: *\nDisallow: /"}, documents=[held])
    assert "https://example.com/legal/terms" not in asked
    assert source_of(policy, "https://example.com/legal/terms").state is SourceState.READ
    assert verdict(policy, target="/robots.txt") == ("deny", False)


def test_choice_terms_on_another_authority_obey_that_authoritys_robots() -> None:
    home = (
        '<p>Hello there, dear visitor.<footer><a href="https://legal.example.com/terms">Terms of Service</a></footer>'
    )
    site = {
        "https://example.com/robots.txt": "",
        "https://example.com/": page(home),
        "https://legal.example.com/terms": page(TERMS),
    }
    open_policy, asked = audited(site)
    assert asked.index("https://legal.example.com/robots.txt") < asked.index("https://legal.example.com/terms")
    assert verdict(open_policy) == ("deny", False)
    shut, asked = audited(site | {"https://legal.example.com/robots.txt": "User-agent: *\nDisallow: /"})
    assert "https://legal.example.com/terms" not in asked
    assert source_of(shut, "https://legal.example.com/terms").state is SourceState.BLOCKED
    assert verdict(shut) == ("silent", False)


def test_choice_the_known_table_comes_before_the_home_page() -> None:
    policy, asked = audited({"https://www.linkedin.com/robots.txt": ""}, "https://www.linkedin.com/in/x")
    assert "https://www.linkedin.com/legal/user-agreement" in asked
    assert source_of(policy, "https://www.linkedin.com/legal/user-agreement").via == "known table"


def test_choice_usual_paths_are_tried_one_by_one_when_no_link_leads_on() -> None:
    policy, asked = audited({"https://example.com/robots.txt": "", "https://example.com/terms": page(TERMS)})
    assert "https://example.com/terms" in asked
    assert verdict(policy) == ("deny", False)
    _, all_asked = audited({"https://example.com/robots.txt": ""})
    assert len([u for u in all_asked if u not in asked]) <= 10


def test_design_4_a_site_without_terms_is_silent_and_complete() -> None:
    policy, _ = audited({"https://example.com/robots.txt": ""})
    assert not policy.gaps
    assert verdict(policy) == ("silent", True)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (403, SourceState.BLOCKED),
        (401, SourceState.BLOCKED),
        (429, SourceState.BLOCKED),
        (451, SourceState.BLOCKED),
        (500, SourceState.UNREACHABLE),
        (503, SourceState.UNREACHABLE),
    ],
)
def test_rule_5_terms_that_answer_with_an_error_are_a_gap(answer: int, state: SourceState) -> None:
    policy, _ = audited(SITE | {"https://example.com/legal/terms": page("no", answer)})
    assert source_of(policy, "https://example.com/legal/terms").state is state
    assert str(answer) in source_of(policy, "https://example.com/legal/terms").note
    assert verdict(policy) == ("silent", False)
    assert verdict(policy, Purpose.SEARCH) == ("silent", True)


def test_rule_5_terms_that_never_answer_are_a_gap() -> None:
    failure = FetchFailure("https://example.com/legal/terms", FailureReason.TIMEOUT, "no answer within 10 s")
    policy, _ = audited(SITE | {"https://example.com/legal/terms": failure})
    assert source_of(policy, "https://example.com/legal/terms").note == "no answer within 10 s"
    assert verdict(policy) == ("silent", False)


NOT_FOUND = page("<title>404 Not Found</title><h1>Page not found</h1><p>The page you asked for does not exist.")


@pytest.mark.parametrize("answer", [page("gone", 404), page("gone", 410), NOT_FOUND])
def test_rule_5_terms_that_are_named_and_not_there_are_a_gap(answer: Response) -> None:
    policy, _ = audited(SITE | {"https://example.com/legal/terms": answer})
    source = source_of(policy, "https://example.com/legal/terms")
    assert source.state is SourceState.UNREACHABLE
    assert "named as the terms" in source.note
    assert verdict(policy) == ("silent", False)
    assert verdict(policy, Purpose.SEARCH) == ("silent", True)


def test_rule_5_terms_of_the_known_table_or_the_caller_that_are_gone_are_a_gap() -> None:
    site = {"https://www.facebook.com/robots.txt": ""}
    policy, asked = audited(site, "https://www.facebook.com/p")
    assert any("facebook.com" in gap.url and gap.via == "known table" for gap in policy.gaps)
    assert "https://www.facebook.com/" in asked  # the search went on
    given = Response("https://example.com/our-rules", 404)
    policy, _ = audited({"https://example.com/robots.txt": ""}, documents=[given])
    assert [gap.url for gap in policy.gaps] == ["https://example.com/our-rules"]


def test_rule_5_a_dead_link_beside_terms_that_were_read_is_an_absence() -> None:
    home = page(HOME + '<footer><a href="/aup">Acceptable Use Policy</a></footer>')
    policy, _ = audited(SITE | {"https://example.com/": home, "https://example.com/aup": page("gone", 404)})
    assert source_of(policy, "https://example.com/aup").state is SourceState.ABSENT
    assert not policy.gaps


@pytest.mark.parametrize(
    "answer",
    [
        page("", 503),
        page("", 403),
        FetchFailure("https://example.com/", FailureReason.CONNECT, "refused"),
    ],
)
def test_rule_5_a_home_page_that_cannot_be_read_is_a_gap(answer: Response | FetchFailure) -> None:
    policy, _ = audited(SITE | {"https://example.com/": answer})
    assert [s.url for s in policy.gaps] == ["https://example.com/"]
    assert verdict(policy) == ("silent", False)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (page("", 503), "deny"),
        (page("", 429), "deny"),
        (page("", 404), "allow"),
        (page("", 403), "allow"),
        (FetchFailure("https://example.com/robots.txt", FailureReason.DNS), "deny"),
    ],
)
def test_rfc9309_2_3_1_unreachable_closes_and_unavailable_opens(answer: Response | FetchFailure, said: str) -> None:
    policy, _ = audited({"https://example.com/robots.txt": answer})
    assert verdict(policy, Purpose.ACCESS)[0] == said


def test_choice_a_page_of_markup_as_robots_txt_is_noted_and_closes_nothing() -> None:
    policy, _ = audited({"https://example.com/robots.txt": page("<!doctype html><p>Not found")})
    assert verdict(policy, Purpose.ACCESS) == ("allow", True)
    assert "HTML" in source_of(policy, "https://example.com/robots.txt").note


def chain(hops: int, end: Response) -> dict[str, Response | FetchFailure | bytes | str]:
    urls = ["https://example.com/robots.txt", *(f"https://h{i}.example.net/r" for i in range(1, hops + 1))]
    site: dict[str, Response | FetchFailure | bytes | str] = {
        a: Response(a, 302, (("Location", b),)) for a, b in itertools.pairwise(urls)
    }
    return site | {urls[-1]: end}


def test_rfc9309_2_3_1_2_five_redirects_are_followed_across_authorities() -> None:
    closed = Response("https://x.example/", 200, (), b"User-agent: *\nDisallow: /")
    policy, _ = audited(chain(MAX_HOPS, closed))
    assert verdict(policy, Purpose.ACCESS) == ("deny", False)
    assert "5 redirects" in source_of(policy, "https://example.com/robots.txt").note


def test_rfc9309_2_3_1_2_a_sixth_redirect_makes_it_unavailable() -> None:
    closed = Response("https://x.example/", 200, (), b"User-agent: *\nDisallow: /")
    policy, asked = audited(chain(MAX_HOPS + 1, closed))
    assert verdict(policy, Purpose.ACCESS) == ("allow", True)
    assert "https://h6.example.net/r" not in asked


def test_choice_a_redirect_loop_of_a_terms_page_is_a_gap() -> None:
    loop = Response("https://example.com/legal/terms", 302, (("Location", "/legal/terms"),))
    policy, asked = audited(SITE | {"https://example.com/legal/terms": loop})
    assert asked.count("https://example.com/legal/terms") == 1
    assert source_of(policy, "https://example.com/legal/terms").state is SourceState.UNREACHABLE


def test_choice_two_links_to_one_page_ask_for_it_once_and_both_are_read() -> None:
    home = '<p>Dear visitor, hello.<footer><a href="/terms">Terms of Service</a> <a href="/legal">Terms of Use</a></footer>'
    moved = Response("https://example.com/legal", 301, (("Location", "/terms"),))
    policy, asked = audited(
        {
            "https://example.com/robots.txt": "",
            "https://example.com/": page(home),
            "https://example.com/terms": page(TERMS),
            "https://example.com/legal": moved,
        }
    )
    assert asked.count("https://example.com/terms") == 1
    assert {source_of(policy, f"https://example.com/{p}").state for p in ("terms", "legal")} == {SourceState.READ}
    once = [s for v in policy.voices for s in v.says(Query("", "/p", Purpose.TDM, "examplebot")) if s.signal == "terms"]
    assert once
    assert len(once) == len({(s.activities, s.evidence[0].place) for s in once})


def test_choice_a_redirect_into_what_robots_forbids_is_not_followed() -> None:
    moved = Response("https://example.com/legal/terms", 301, (("Location", "/private/terms"),))
    policy, asked = audited(
        SITE | {"https://example.com/legal/terms": moved, "https://example.com/private/terms": page(TERMS)}
    )
    assert "https://example.com/private/terms" not in asked
    assert source_of(policy, "https://example.com/legal/terms").state is SourceState.BLOCKED


def test_choice_a_redirect_without_a_usable_target_is_a_gap() -> None:
    broken = Response("https://example.com/legal/terms", 302, (("Location", "javascript:1"),))
    policy, _ = audited(SITE | {"https://example.com/legal/terms": broken})
    assert "Location" in source_of(policy, "https://example.com/legal/terms").note


def test_rule_5_an_audit_cut_short_is_never_a_yes() -> None:
    audit = SiteAudit("https://example.com/p", "examplebot", same_site=same_site)
    transport = MemoryTransport(SITE)
    while requests := audit.pending():
        policy = audit.policy()
        assert policy.gaps
        assert not verdict(policy)[1]
        audit.receive(requests[0], transport.send(requests[0]))


def test_choice_an_answer_to_a_question_nobody_asked_is_the_callers_fault() -> None:
    audit = SiteAudit("https://example.com/p", "examplebot", same_site=same_site)
    with pytest.raises(ValueError, match="not pending"):
        audit.receive(Request("https://example.com/x", RequestKind.TERMS), page("x"))


def test_signals_10_1_probes_are_fetched_and_an_unreachable_one_is_a_gap() -> None:
    reserved = Response(
        "https://example.com/",
        200,
        (("Content-Type", "application/json"),),
        b'[{"location": "/", "tdm-reservation": 1}]',
    )
    site = {"https://example.com/robots.txt": "", "https://example.com/.well-known/tdmrep.json": reserved}
    assert verdict(audited(site)[0], Purpose.TDM) == ("deny", False)
    policy, _ = audited(site | {"https://example.com/.well-known/tdmrep.json": page("", 503)})
    assert [s.kind for s in policy.gaps] == [RequestKind.TDMREP]
    assert verdict(policy, Purpose.TDM) == ("silent", False)


def test_choice_which_probes_are_asked_is_the_callers_choice() -> None:
    _, asked = audited({"https://example.com/robots.txt": ""}, probes=())
    assert not [u for u in asked if "well-known" in u or u.endswith("/ai.txt")]
