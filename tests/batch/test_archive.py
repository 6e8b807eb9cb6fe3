"""WARC in: two readers with one result, what is kept, files that break off; piles, parts and resuming."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scrapeguard.batch import Questions
from scrapeguard.batch.archive import READERS, BrokenArchive, read_archive
from scrapeguard.batch.columns import Document
from scrapeguard.batch.parts import NOTE
from scrapeguard.batch.sift import audit_archives
from scrapeguard.errors import ScrapeguardError
from tests.batch.archives import HTML, TEXT, real_robots, small_sites, write_archive
from tests.real_sites import write_sites


def documents(path: Path, reader: str, *, pages: bool = False) -> list[Document]:
    with path.open("rb") as stream:
        return list(read_archive(stream, path.name, reader=reader, pages=pages))


def write_odd(path: Path) -> Path:
    """Records that archives hold beside the plain ones."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)

        def add(url: str, kind: str, fields: list[tuple[str, str]], body: bytes, **warc: str) -> None:
            http = StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1") if kind == "response" else None
            headers = {"WARC-Date": "2026-11-20T12:00:00Z", **{k.replace("_", "-"): v for k, v in warc.items()}}
            writer.write_record(
                writer.create_warc_record(
                    url,
                    kind,
                    payload=io.BytesIO(body),
                    http_headers=http,
                    warc_headers_dict=headers,
                    warc_content_type="text/plain" if kind == "resource" else "",
                )
            )

        robots = b"User-agent: *\nDisallow: /zipped\n"
        add("https://zip.example/robots.txt", "response", [("Content-Encoding", "gzip")], gzip.compress(robots))
        add(
            "https://chunk.example/robots.txt",
            "response",
            [("Transfer-Encoding", "chunked")],
            f"{len(robots):x}\r\n".encode() + robots + b"\r\n0\r\n\r\n",
        )
        add("https://resource.example/robots.txt", "resource", [], robots)
        add("https://cut.example/robots.txt", "response", [("X-A", "1"), ("x-a", "2")], robots, WARC_Truncated="length")
        add("https://page.example/some/article", "response", [("Content-Type", "text/html")], b"<p>Hello")
        add("https://page.example/legal/terms-of-use", "response", [("Content-Type", "text/html")], b"<p>Terms")
        add("https://page.example/rsl/license.xml", "response", [("Content-Type", "text/xml")], b"<rsl/>")
        add("no-url", "response", [], b"x")
    return path


def test_choice_both_readers_give_the_same_documents(shared: Path, tmp_path: Path) -> None:
    for path in (
        write_archive(tmp_path / "robots.warc.gz", real_robots(shared, 300)),
        write_archive(tmp_path / "plain.warc", small_sites(3), gz=False),
        write_sites(shared, tmp_path / "sites.warc.gz"),
        write_odd(tmp_path / "odd.warc.gz"),
    ):
        found = [documents(path, reader, pages=True) for reader in READERS]
        assert found[0] == found[1]
        assert found[0]


@pytest.mark.parametrize("reader", READERS)
def test_choice_policy_documents_are_kept_and_their_coding_is_undone(tmp_path: Path, reader: str) -> None:
    path = write_odd(tmp_path / "odd.warc.gz")
    found = {d.url: d for d in documents(path, reader)}
    assert set(found) == {
        "https://zip.example/robots.txt",
        "https://chunk.example/robots.txt",
        "https://resource.example/robots.txt",
        "https://cut.example/robots.txt",
        "https://page.example/legal/terms-of-use",
        "https://page.example/rsl/license.xml",
    }
    assert {found[f"https://{n}.example/robots.txt"].body for n in ("zip", "chunk", "resource")} == {
        b"User-agent: *\nDisallow: /zipped\n"
    }
    assert found["https://cut.example/robots.txt"].truncated
    assert found["https://cut.example/robots.txt"].headers == (("X-A", "1"), ("x-a", "2"))
    assert {d.kind for d in documents(path, reader, pages=True) if d.url.endswith("article")} == {"page"}


@pytest.mark.parametrize("reader", READERS)
def test_choice_a_file_that_breaks_off_gives_what_stands_before_the_break(tmp_path: Path, reader: str) -> None:
    path = write_archive(
        tmp_path / "a.warc.gz",
        [(f"https://h{n}.example/robots.txt", 200, TEXT, bytes(range(256)) * 40) for n in range(50)],
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] + b"\x00garbage" * 50)
    found: list[Document] = []
    with path.open("rb") as stream, pytest.raises(BrokenArchive, match=r"a\.warc\.gz"):
        found.extend(read_archive(stream, path.name, reader=reader))
    assert len(found) > 10


def rows(folder: Path) -> list[str]:
    table = pq.read_table(folder)
    return sorted(map(str, table.to_pylist()))


def test_choice_documents_of_a_site_meet_from_several_files(tmp_path: Path) -> None:
    captures = list(small_sites(40))
    one = write_archive(tmp_path / "all.warc.gz", captures)
    files = [write_archive(tmp_path / f"{n}.warc.gz", captures[n::3]) for n in range(3)]
    asked = Questions(["ai-train", "search"], agent="examplebot")
    audit_archives([one], tmp_path / "one.parquet", asked)
    tally = audit_archives(files, tmp_path / "three.parquet", asked, processes=2)
    assert (tally.lines, tally.sites) == (120, 40)
    assert rows(tmp_path / "one.parquet") == rows(tmp_path / "three.parquet")
    assert len(rows(tmp_path / "one.parquet")) == 80
    assert {p.name for p in (tmp_path / "three.parquet").iterdir()} == {
        NOTE,
        "part-00000.parquet",
        "part-00001.parquet",
    }


def test_choice_a_resumed_run_does_what_is_left_and_refuses_other_settings(tmp_path: Path) -> None:
    files = [write_archive(tmp_path / f"{n}.warc.gz", small_sites(10, first=10 * n)) for n in range(2)]
    out, asked = tmp_path / "out.parquet", Questions(["search"], agent="examplebot")
    audit_archives(files, out, asked, processes=2)
    before = rows(out)
    (out / "part-00001.parquet").unlink()
    with pytest.raises(ScrapeguardError, match="--resume"):
        audit_archives(files, out, asked)
    with pytest.raises(ScrapeguardError, match="purposes was"):
        audit_archives(files, out, Questions(["tdm"], agent="examplebot"), resume=True)
    tally = audit_archives(files, out, asked, resume=True)
    assert rows(out) == before
    assert 0 < tally.sites < 20


def test_choice_a_broken_archive_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    good = write_archive(tmp_path / "good.warc.gz", small_sites(2))
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(good.read_bytes()[:-30])
    tally = audit_archives([good, bad], tmp_path / "out.parquet", Questions(["search"], agent="examplebot"))
    assert tally.trouble["archive"] == 1
    assert "bad.warc.gz" in tally.notes[0]
    assert len(rows(tmp_path / "out.parquet")) == 2


def test_choice_a_missing_archive_or_a_result_in_the_way_is_named(tmp_path: Path) -> None:
    asked = Questions(["search"], agent="examplebot")
    with pytest.raises(ScrapeguardError, match="no such archive"):
        audit_archives([tmp_path / "none.warc.gz"], tmp_path / "out", asked)
    good = write_archive(tmp_path / "good.warc.gz", [("https://a.example/", 200, HTML, b"<p>x")])
    (tmp_path / "file").write_text("x")
    with pytest.raises(ScrapeguardError, match="is a file"):
        audit_archives([good], tmp_path / "file", asked)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "precious").write_text("x")
    with pytest.raises(ScrapeguardError, match="holds files"):
        audit_archives([good], tmp_path / "folder", asked)
