"""W3C TDM Reservation Protocol, Final Community Group Report."""

from __future__ import annotations

import json

import pytest

from scrapeguard.model.evidence import PointerRef, SourceState
from scrapeguard.model.exchange import FailureReason, FetchFailure, Response
from scrapeguard.model.statement import ConditionKind
from scrapeguard.signals.tdm_policy import PROFILE
from tests.signals.reference import Site

PAGE = "https://site.example/page"
FILE = "/.well-known/tdmrep.json"
POLICY = "/policies/p.json"


def rule(location: str, reserved: object, policy: str = "") -> dict[str, object]:
    return {"location": location, "tdm-reservation": reserved} | ({"tdm-policy": policy} if policy else {})


def site(*rules: object, **files: str) -> Site:
    return Site(None, {FILE: json.dumps(rules)} | ({POLICY: files["policy"]} if files else {}))


def offer(*permissions: dict[str, object], **more: object) -> str:
    return json.dumps({"@type": "Offer", "profile": PROFILE, "permission": permissions} | more)


def mine(*duties: str, purpose: str = "", **more: object) -> dict[str, object]:
    found: dict[str, object] = {"action": "tdm:mine"} | more
    if duties:
        found["duty"] = [{"action": d} for d in duties]
    if purpose:
        found["constraint"] = [{"leftOperand": "purpose", "operator": "eq", "rightOperand": purpose}]
    return found


def test_a_reservation_holds_for_mining_and_leaves_search_alone() -> None:
    found = site(rule("/", 1))
    assert [
        found.verdict(p) for p in ("tdm", "ai-train", "ai-input", "research", "search", "archive", "reuse", "access")
    ] == ["deny", "deny", "deny", "conditional", "silent", "silent", "silent", "silent"]


def test_the_first_matching_rule_in_sequence_decides() -> None:
    narrow, wide = rule("/b/images/*.jpg", 0), rule("/b/", 1)
    assert site(narrow, wide).verdict("tdm", url="https://site.example/b/images/x.jpg") == "allow"
    assert site(wide, narrow).verdict("tdm", url="https://site.example/b/images/x.jpg") == "deny"
    assert site(narrow, wide).verdict("tdm", url="https://site.example/c") == "silent"


def test_zero_permits_mining_and_by_extension_training() -> None:
    found = site(rule("/", 0))
    assert [found.verdict(p) for p in ("tdm", "research", "ai-train", "ai-input")] == [
        "allow",
        "allow",
        "allow",
        "silent",
    ]


@pytest.mark.parametrize(
    ("file", "header", "meta", "expected"),
    [
        (1, "0", None, "allow"),
        (0, "1", None, "deny"),
        (1, "2", None, "deny"),
        (1, None, "0", "allow"),
        (None, "0", "1", "deny"),
        (1, None, None, "deny"),
        (None, "yes", None, "silent"),
        (None, " 1 ", None, "deny"),
        (0, "", "", "allow"),
    ],
)
def test_later_places_supersede_and_absence_or_error_never_resets(
    file: int | None, header: str | None, meta: str | None, expected: str
) -> None:
    found = site(*([rule("/", file)] if file is not None else []))
    html = f'<meta name="TDM-Reservation" content="{meta}">' if meta is not None else ""
    response = Response(PAGE, 200, {"TDM-Reservation": header} if header is not None else {}, html.encode())
    assert found.verdict("tdm", response) == expected


def test_of_two_values_at_one_place_the_restrictive_one_counts() -> None:
    response = Response(PAGE, 200, [("tdm-reservation", "0"), ("tdm-reservation", "1")])
    assert Site().verdict("tdm", response) == "deny"


@pytest.mark.parametrize(
    "odd",
    [
        {"tdm-reservation": 1},
        {"location": "/"},
        rule("/", True),
        rule("/", "yes"),
        rule("/", None),
        rule("images/", 1),
        7,
        None,
        [rule("/", 1)],
        {"location": 1, "tdm-reservation": 1},
    ],
)
def test_a_rule_without_its_mandatory_members_is_left_out_with_a_note(odd: object) -> None:
    found = site(odd, rule("/page", 0))
    assert found.verdict("tdm") == "allow"
    assert "rule 0" in found.signals.sources[0].note


def test_choice_reservations_written_as_strings_are_read() -> None:
    assert site(rule("/", "1")).verdict("tdm") == "deny"
    assert site(rule("/", "0")).verdict("tdm") == "allow"


@pytest.mark.parametrize(
    "body",
    [
        '{"location": "/", "tdm-reservation": 1}',
        "<!doctype html><p>not found",
        "[1, 2",
        "",
        "[}",
        '[{"location": "/", "tdm-reservation": 0} x',
    ],
)
def test_what_is_no_json_array_is_as_if_absent(body: str) -> None:
    found = Site(None, {FILE: body})
    assert found.verdict("tdm") == "silent"
    assert found.signals.sources[0].state is SourceState.ABSENT
    assert found.signals.sources[0].note


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Response(f"https://site.example{FILE}", 404), SourceState.ABSENT),
        (Response(f"https://site.example{FILE}", 410), SourceState.ABSENT),
        (Response(f"https://site.example{FILE}", 503), SourceState.UNREACHABLE),
        (Response(f"https://site.example{FILE}", 403), SourceState.BLOCKED),
        (FetchFailure(f"https://site.example{FILE}", FailureReason.TIMEOUT), SourceState.UNREACHABLE),
        (FetchFailure(f"https://site.example{FILE}", FailureReason.NOT_SENT, "robots.txt"), SourceState.BLOCKED),
    ],
)
def test_only_404_and_410_are_an_absence(answer: Response | FetchFailure, state: SourceState) -> None:
    [tdm] = [s for s in Site(None, {FILE: answer}).signals.sources if s.url.endswith(FILE)]
    assert tdm.state is state


def test_a_cut_file_says_what_its_beginning_says_and_is_a_gap() -> None:
    body = json.dumps([rule("/a", 1), rule("/b", 1)])[:-12]
    found = Site(None, {FILE: Response(f"https://site.example{FILE}", body=body.encode(), truncated=True)})
    assert found.verdict("tdm", url="https://site.example/a") == "deny"
    [tdm] = [s for s in found.signals.sources if s.url.endswith(FILE)]
    assert tdm.state is SourceState.UNREADABLE


def test_policy_duties_become_conditions_with_the_contact() -> None:
    policy = offer(mine("obtainConsent", "compensate"), assigner={"vcard:hasEmail": "mailto:rights@site.example"})
    found = site(rule("/", 1, POLICY), policy=policy)
    assert [found.verdict(p) for p in ("tdm", "ai-train", "ai-input", "research", "personal-data")] == [
        "conditional",
        "conditional",
        "conditional",
        "conditional",
        "deny",
    ]
    [meaning] = [m for s in found.statements("tdm") for m in s.means if m.purpose == "tdm"]
    assert [c.kind for c in meaning.conditions] == [ConditionKind.CONSENT, ConditionKind.PAYMENT]
    assert meaning.conditions[0].value == "mailto:rights@site.example"


@pytest.mark.parametrize(
    ("policy", "tdm", "train", "research"),
    [
        (offer(mine(purpose="tdm:research")), "deny", "deny", "allow"),
        (offer(mine(purpose="tdm:non-research")), "allow", "allow", "conditional"),
        (offer(mine("compensate", purpose="tdm:non-research")), "conditional", "conditional", "conditional"),
        (offer(mine()), "allow", "allow", "allow"),
        (
            offer(mine(purpose="tdm:research"), mine("compensate", purpose="tdm:non-research")),
            "conditional",
            "conditional",
            "allow",
        ),
        (offer(mine(target="https://other.example/")), "deny", "deny", "conditional"),
        (offer(mine(), prohibition=[{"action": "tdm:mine"}]), "deny", "deny", "conditional"),
        (
            offer(mine(constraint=[{"leftOperand": "spatial", "operator": "eq", "rightOperand": "EU"}])),
            "conditional",
            "conditional",
            "conditional",
        ),
        (offer({"action": "print"}), "deny", "deny", "conditional"),
        (json.dumps({"permission": [mine()]}), "deny", "deny", "conditional"),
        ("<html><p>our terms", "deny", "deny", "conditional"),
        ("{", "deny", "deny", "conditional"),
        ("[]", "deny", "deny", "conditional"),
    ],
)
def test_a_policy_is_evaluated_as_far_as_a_machine_can(policy: str, tdm: str, train: str, research: str) -> None:
    found = site(rule("/", 1, POLICY), policy=policy)
    assert (found.verdict("tdm"), found.verdict("ai-train"), found.verdict("research")) == (tdm, train, research)


def test_a_policy_that_cannot_be_had_gives_no_conditions() -> None:
    assert site(rule("/", 1, "/nowhere.json")).verdict("tdm") == "deny"


def test_a_policy_beside_zero_is_ignored_and_not_fetched() -> None:
    found = site(rule("/", 0, POLICY), policy=offer(mine("compensate")))
    assert found.verdict("tdm") == "allow"
    assert not found.signals.policies


def test_a_policy_named_by_the_page_is_fetched_and_supersedes() -> None:
    found = Site(None, {POLICY: offer(mine("compensate"))})
    html = b'<base href="/deep/"><meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="/policies/p.json">'
    assert found.verdict("tdm", Response(PAGE, body=html)) == "conditional"
    later = Response(PAGE, 200, {"tdm-policy": "/policies/p.json"})
    reserved = Site(None, {FILE: json.dumps([rule("/", 1)]), POLICY: offer(mine("compensate"))})
    assert reserved.verdict("tdm", later) == "conditional"


def test_xmp_of_a_file_is_the_last_place() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:tdm="http://www.w3.org/ns/tdmrep/" tdm:reservation="1"/></rdf:RDF></x:xmpmeta>'
    )
    response = Response("https://site.example/a.pdf", 200, {"tdm-reservation": "0"}, b"%PDF-1.7 " + packet)
    assert Site().verdict("tdm", response) == "deny"


def test_evidence_is_the_rule_and_its_pointer() -> None:
    [statement] = site(rule("/x", 0), rule("/", 1)).statements("tdm")
    assert statement.evidence[0].place == PointerRef("/1")
    assert json.loads(statement.evidence[0].quote) == rule("/", 1)


def test_at_most_eight_documents_are_named() -> None:
    rules = [rule(f"/{i}", 1, f"/p{i}.json") for i in range(20)]
    found = site(*rules)
    assert len(found.signals.policies) == 8
    assert "20 documents" in found.signals.notes[0]


def test_urls_under_one_rule_share_one_statement() -> None:
    found = site(rule("/a", 1), rule("/", 0))
    first, second = (found.statements("tdm", url=f"https://site.example/a{i}") for i in (1, 2))
    assert first[0] is second[0]
