"""A list answered from the network: complete, polite, and exact after a kill."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from scrapeguard.batch import Questions
from scrapeguard.batch.live import Live, audit_list
from scrapeguard.guard import Guard
from scrapeguard.transport.requests import RequestsTransport
from tests.batch.archives import HOME, TERMS, small_sites, write_archive
from tests.serving import Site, serving

SITE = {"/robots.txt": "User-agent: *\nDisallow: /private", "/": HOME.decode(), "/legal/terms": TERMS.decode()}
ASKED = Questions(["search", "ai-train"], agent="examplebot/1.0")
HERE = Live(allow_private=True, connections=8)


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    with (
        serving(SITE) as one,
        serving({"/robots.txt": "User-agent: *\nDisallow: /"}) as two,
        serving(SITE | {"/robots.txt": (503, {}, b"")}) as three,
    ):
        yield [one, two, three]


def write_lines(path: Path, sites: list[Site], count: int) -> list[str]:
    lines = [f"{sites[n % len(sites)].origin}/{'private' if n % 2 else 'open'}/{n}" for n in range(count)]
    lines[count // 2] = "no host name"
    path.write_text("\n".join(lines))
    return lines


def table(folder: Path) -> list[dict[str, Any]]:
    return sorted(pq.read_table(folder).to_pylist(), key=lambda row: (row["line"], row["purpose"]))


def test_choice_every_line_gets_the_answer_of_a_guard_and_each_site_is_read_once(
    tmp_path: Path, sites: list[Site]
) -> None:
    lines = write_lines(tmp_path / "list.txt", sites, 120)
    tally = audit_list(tmp_path / "list.txt", tmp_path / "out.parquet", ASKED, live=HERE, processes=2, part_lines=25)
    rows = table(tmp_path / "out.parquet")
    assert [(r["line"], r["url"]) for r in rows[::2]] == list(enumerate(lines, 1))
    assert (tally.lines, tally.trouble["no URL"]) == (120, 1)
    assert Counter(sites[0].asked)["/robots.txt"] == 1
    assert tally.requests == len(sites[0].asked) + len(sites[1].asked) + 1  # tries again after a 503 are the transport's own
    guard = Guard("examplebot/1.0", transport=RequestsTransport("examplebot/1.0", allow_private=True), context=False)
    for row in rows:
        if row["error"] is None:
            decision = guard.allowed(row["url"], row["purpose"])
            assert (row["verdict"], row["allowed"], row["why"]) == (decision.verdict, decision.allowed, decision.why)
        else:
            assert (row["url"], row["verdict"], row["allowed"]) == ("no host name", None, False)


def test_choice_a_rate_is_kept_and_a_budget_leaves_the_rest_to_resume(tmp_path: Path) -> None:
    with serving(SITE) as a, serving(SITE) as b, serving(SITE) as c:
        (tmp_path / "list.txt").write_text("\n".join(s.origin for s in (a, b, c)))
        start = time.monotonic()
        first = audit_list(
            tmp_path / "list.txt",
            tmp_path / "out",
            ASKED,
            part_lines=1,
            live=Live(allow_private=True, connections=1, rate=20, budget=0.15),
        )
        assert 0 < first.left <= 3
        then = audit_list(
            tmp_path / "list.txt",
            tmp_path / "out",
            ASKED,
            part_lines=1,
            resume=True,
            live=Live(allow_private=True, connections=4, rate=20),
        )
        assert first.lines + then.lines >= 3
        assert then.skipped == 3 - first.left
        assert (first.requests + then.requests - 2) / 20 < time.monotonic() - start
    assert [r["line"] for r in table(tmp_path / "out")] == [1, 1, 2, 2, 3, 3]


def test_choice_archives_answer_for_the_network(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "a.warc.gz", small_sites(4))
    (tmp_path / "list.txt").write_text("www.shop0.example/private/x\nwww.shop9.example\n")
    audit_list(tmp_path / "list.txt", tmp_path / "out", ASKED, live=Live(warcs=(str(archive),)))
    rows = table(tmp_path / "out")
    assert [(r["line"], r["by_robots"]) for r in rows[1::2]] == [(1, "deny"), (2, "deny")]
    assert rows[3]["incomplete"]


def slow(seconds: float) -> Any:
    def answer(handler: Any) -> None:
        time.sleep(seconds)
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def test_choice_no_line_is_lost_or_doubled_after_kills_at_random_moments(tmp_path: Path) -> None:
    rng = random.Random(os.environ.get("PYTEST_SEED", "7"))
    with serving({"/robots.txt": slow(0.03), "/": slow(0.03)}, "0.0.0.0") as site:
        # Every address of the loopback network is an authority of its own, so that every line is fetched for.
        port = site.origin.rpartition(":")[2]
        lines = [f"http://127.0.{n // 200}.{1 + n % 200}:{port}/" for n in range(45)]
        (tmp_path / "list.txt").write_text("\n".join(lines))
        out = tmp_path / "out.parquet"
        command = [
            sys.executable,
            "-c",
            "from scrapeguard.cli import main; main()",
            "audit",
            str(tmp_path / "list.txt"),
            "-o",
            str(out),
            "-p",
            "search,tdm",
            "--allow-private",
            "--processes",
            "2",
            "--part-lines",
            "4",
            "--connections",
            "2",
            "--rate",
            "120",
            "--resume",
            "-q",
        ]
        kills = 0
        for _ in range(12):
            run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            try:
                said, _ = run.communicate(timeout=rng.uniform(1.0, 3.0) if kills < 3 else 120)
                break
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                run.communicate()
                kills += 1
                for part in out.glob("part-*.parquet"):
                    assert pq.read_metadata(part).num_rows % 2 == 0
        assert run.returncode == 0, said
        assert kills == 3
    rows = table(out)
    assert [(r["line"], r["url"], r["purpose"]) for r in rows] == [
        (n, url, p) for n, url in enumerate(lines, 1) for p in ("search", "tdm")
    ]
    assert not list(out.glob("_writing-*"))
    assert site.asked.count("/robots.txt") >= len(lines)
