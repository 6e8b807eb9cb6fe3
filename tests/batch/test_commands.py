"""``scrapeguard audit`` and ``scrapeguard stats``, as a person calls them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scrapeguard.batch import decide_batch, documents_batch
from scrapeguard.batch.figures import count_figures, read_figures
from scrapeguard.cli import main
from scrapeguard.model.exchange import Response
from tests.batch.archives import responses, small_sites, write_archive
from tests.serving import serving


def call(*args: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(args))
    return int(ended.value.code or 0)


def test_choice_audit_and_stats_of_archives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for n in range(2):
        write_archive(tmp_path / f"CC-{n}.warc.gz", small_sites(6, first=6 * n))
    out = str(tmp_path / "out.parquet")
    assert (
        call(
            "audit",
            "--warc",
            str(tmp_path / "CC-*.warc.gz"),
            "-o",
            out,
            "-p",
            "search,train-ai",
            "-a",
            "examplebot",
            "--processes",
            "1",
            "-q",
        )
        == 0
    )
    said = capsys.readouterr().out
    assert "36 documents" in said
    assert "ai-train: allowed 0 of 12; deny 12 (100.0 %)" in said
    assert call("stats", out, "--json", "--plot", str(tmp_path / "out.svg")) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["authorities"] == 12
    assert found["purposes"]["ai-train"]["authorities"] == {"deny": 12, "conditional": 0, "silent": 0, "allow": 0}
    assert found["signals"] == {"robots": 12, "terms": 12, "content-signal": 3}
    assert found["languages"] == {"en": 12}
    assert found["agents"] == {"*": 12}
    assert found["purposes"]["search"]["robots_against_terms"] == [
        {"robots": "silent", "terms": "deny", "authorities": 12}
    ]
    drawing = ET.parse(tmp_path / "out.svg").getroot()
    texts = [t.text for t in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"ai-train", "100%", "terms deny", "content-signal"} <= set(texts)
    assert call("stats", out) == 0
    assert "12 authorities by verdict" in capsys.readouterr().out


def test_choice_audit_of_a_list_from_the_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving({"/robots.txt": "User-agent: *\nDisallow: /a"}) as site:
        (tmp_path / "list.csv").write_text(f"rank,url\n1,{site.origin}/a\n2,{site.origin}/b\n3,???\n")
        assert (
            call(
                "audit",
                str(tmp_path / "list.csv"),
                "-o",
                str(tmp_path / "out"),
                "-p",
                "access",
                "--allow-private",
                "--processes",
                "1",
            )
            == 0
        )
    said = capsys.readouterr()
    assert "3 lines" in said.out
    assert "no URL 1" in said.out
    rows = sorted(pq.read_table(tmp_path / "out").to_pylist(), key=lambda r: r["line"])
    assert [(r["line"], r["verdict"]) for r in rows] == [(2, "deny"), (3, "allow"), (4, None)]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["audit", "-o", "x"], "give a LIST, or archives with --warc"),
        (["audit", "none.txt", "-o", "x"], "none.txt: cannot be read"),
        (["audit", "--warc", "none-*.warc.gz", "-o", "x"], "none-*.warc.gz: no such archive"),
        (["audit", "none.txt", "-o", "x", "-p", "trane-ai"], "did you mean"),
        (["stats", "none.parquet"], "none.parquet: no such file or folder"),
    ],
)
def test_choice_what_the_person_got_wrong_is_one_line(
    args: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(*args) == 2
    said = capsys.readouterr().err
    assert words in said
    assert len(said.splitlines()) == 1


def test_choice_stats_refuses_what_is_no_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    assert call("stats", str(tmp_path / "a.parquet")) == 2
    assert "no result of an audit" in capsys.readouterr().err
    (tmp_path / "b.parquet").write_text("x")
    assert call("stats", str(tmp_path / "b.parquet")) == 2


def test_choice_an_authority_with_several_urls_counts_by_the_strictest(tmp_path: Path) -> None:
    pages = [
        Response(f"https://www.shop1.example/{n}", body="<p>x", headers={"Content-Type": "text/html"}) for n in range(3)
    ]
    batch = documents_batch(responses(small_sites(2)))
    found = decide_batch(batch, ["access", "reuse"], agent="examplebot").to_pylist()
    first = found[0]
    more = [
        {**first, "url": p.url, "verdict": v} for p, v in zip(pages, ("allow", "silent", "conditional"), strict=True)
    ]
    other = {**first, "authority": "https://other.example", "verdict": "allow"}
    error = {**first, "authority": None, "verdict": None}
    table = pa.Table.from_pylist(
        [{**first, "verdict": "silent"}, *more, other, error], schema=decide_batch(batch).schema
    )
    pq.write_table(table, tmp_path / "a.parquet")
    for figures in (read_figures(tmp_path / "a.parquet"), count_figures(table.to_batches(max_chunksize=1))):
        assert (figures.authorities, figures.unasked, figures.answers["access"]) == (2, 1, 5)
        assert {v: n for v, n in figures.verdicts["access"].items() if n} == {"conditional": 1, "allow": 1}
        assert figures.agents == {"*": 2}
