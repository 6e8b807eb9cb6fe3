"""`scrapeguard check --record`, then `replay` and `verify`, as a person would run them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Site, serving

Run = Callable[..., Any]
TERMS = "<h1>Terms of Use</h1><p>You must not use robots to access our website.</p><p>You may not train AI on our content.</p>"


@pytest.fixture
def site() -> Iterator[Site]:
    home = '<p>Hello to all of you.<footer><a href="/terms">Terms of Use</a></footer>'
    with serving({"/robots.txt": "User-agent: *\nDisallow: /private", "/": home, "/terms": TERMS}) as served:
        yield served


@pytest.fixture
def made(run: Run, site: Site, tmp_path: Path) -> tuple[str, str, str]:
    """URL, archive and Decision file of a recorded question."""
    archive, decision = tmp_path / "evidence.warc.gz", tmp_path / "decision.json"
    url = f"{site.origin}/page"
    ran = run(
        "check",
        url,
        "-p",
        "ai-train",
        "--allow-private",
        "--json",
        "--record",
        str(archive),
        "--agent",
        "examplebot/1.0",
    )
    assert ran.status == 1
    decision.write_text(ran.out, encoding="utf-8")
    return url, str(archive), str(decision)


def test_choice_replay_prints_the_same_decision_bit_for_bit(run: Run, made: tuple[str, str, str]) -> None:
    url, archive, decision = made
    ran = run("replay", archive, "--url", url, "--purpose", "train-ai", "--json")
    assert ran.out == Path(decision).read_text(encoding="utf-8")
    assert (ran.status, ran.err) == (1, "")
    assert "verdict deny" in run("replay", archive, "--url", url, "-p", "ai-train").out


def test_choice_replay_of_every_question_says_that_all_are_the_same(run: Run, made: tuple[str, str, str]) -> None:
    url, archive, decision = made
    ran = run("replay", archive)
    assert (ran.status, ran.out) == (0, f"same: {url} for ai-train: deny\n")
    assert run("replay", archive, "--json").out == Path(decision).read_text(encoding="utf-8")


def test_choice_another_answer_is_status_2_and_said(run: Run, made: tuple[str, str, str]) -> None:
    url, archive, _ = made
    ran = run("replay", archive, "--profile", "open")
    assert ran.status == 2
    assert "DIFFERENT" in ran.out
    assert "not the recorded Decision" in ran.err
    assert run("replay", archive, "--url", url, "-p", "ai-train", "--profile", "open").status == 2


def test_choice_a_question_that_was_not_asked_is_answered_from_the_archive(
    run: Run, made: tuple[str, str, str]
) -> None:
    url, archive, _ = made
    ran = run("replay", archive, "--url", url.replace("/page", "/private"), "-p", "search", "--agent", "examplebot/1.0")
    assert ran.status == 1
    assert "Disallow: /private" in ran.out


def test_choice_verify_says_what_holds_and_what_does_not(run: Run, made: tuple[str, str, str]) -> None:
    url, archive, decision = made
    ran = run("verify", decision, archive)
    assert ran.status == 0
    assert f"{url} for ai-train: holds: " in ran.out
    data = json.loads(Path(decision).read_text(encoding="utf-8"))
    next(e for r in data["reasons"] for e in r["statement"]["evidence"] if e["quote"])["quote"] = "invented words"
    Path(decision).write_text(json.dumps([data], indent=1))
    ran = run("verify", decision, archive)
    assert ran.status == 1
    assert "«invented words» does not stand at" in ran.out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["replay", "/nowhere.warc"], "cannot be read"),
        (["replay", "DECISION"], "no WARC record"),
        (["replay", "ARCHIVE", "--url", "https://example.com/"], "go together"),
        (["replay", "ARCHIVE", "--url", "https://example.com/", "-p", "trian"], "did you mean"),
        (["verify", "/nowhere.json", "ARCHIVE"], "cannot be read"),
        (["verify", "ARCHIVE", "ARCHIVE"], "cannot be read"),
        (["check", "https://example.com/", "-p", "search", "--record", "/nowhere/a.warc.gz"], "give another path"),
        (["check", "https://example.com/", "-p", "search", "--store", "/nowhere/a.db"], "make its folder"),
    ],
)
def test_choice_what_cannot_be_done_is_one_line_and_status_2(
    run: Run, made: tuple[str, str, str], args: list[str], says: str
) -> None:
    _, archive, decision = made
    ran = run(*(a.replace("ARCHIVE", archive).replace("DECISION", decision) for a in args))
    assert ran.status == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_choice_a_store_answers_the_second_time(run: Run, site: Site, tmp_path: Path) -> None:
    store = str(tmp_path / "policies.db")
    outputs = [
        json.loads(
            run("check", f"{site.origin}/page", "-p", "search", "--allow-private", "--json", "--store", store).out
        )
        for _ in range(2)
    ]
    assert site.asked.count("/robots.txt") == 1
    assert outputs[0] | {"decided_at": ""} == outputs[1] | {"decided_at": ""}


def test_choice_an_optional_store_that_fails_is_named_and_gone_on_without(run: Run, site: Site, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database" * 100)
    ran = run(
        "check",
        f"{site.origin}/private",
        "-p",
        "search",
        "--allow-private",
        "--store",
        str(tmp_path / "broken.db"),
        "--store-optional",
    )
    assert ran.status == 1
    assert "Disallow: /private" in ran.out
