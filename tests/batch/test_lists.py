"""Lists: every form, streamed, no entry lost."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scrapeguard.batch.lists import count_list, read_list
from scrapeguard.errors import ScrapeguardError

WANTED = ["https://example.com/", "http://example.org/a?b", "https://example.net/x"]
ENTRIES = ["example.com", "http://example.org/a?b", "example.net/x"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "\n".join(["# a comment", *ENTRIES[:1], "", *ENTRIES[1:]])),
        ("a.list", "\ufeff" + "\r\n".join(ENTRIES) + "\r\n"),
        ("rank_domain.csv", "\n".join(f"{n},{e}" for n, e in enumerate(ENTRIES, 1))),
        ("head.csv", "rank;domain;x\n" + "\n".join(f'{n};"{e}";"a;b"' for n, e in enumerate(ENTRIES, 1))),
        ("one.csv", "domain\n" + "\n".join(ENTRIES)),
        ("a.tsv", "site\tn\n" + "\n".join(f"{e}\t1" for e in ENTRIES)),
        (
            "a.jsonl",
            "\n".join(
                [
                    json.dumps({"rank": 1, "url": ENTRIES[0]}),
                    json.dumps(ENTRIES[1]),
                    "",
                    json.dumps({"host": ENTRIES[2]}),
                ]
            ),
        ),
    ],
)
def test_choice_every_form_is_told_by_its_name(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    for file in (path, packed):
        assert [url for _, url in read_list(file)] == WANTED
        assert count_list(file) >= len(WANTED)


def test_choice_parquet_is_read_by_column(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"rank": [1, 2, 3], "homepage": ENTRIES, "other": ["a.example", "b.example", None]}), path)
    assert [url for _, url in read_list(path)] == WANTED
    assert [url for _, url in read_list(path, column="other")] == ["https://a.example/", "https://b.example/", ""]
    assert count_list(path) == 3
    with pytest.raises(ScrapeguardError, match="no column 'nix'; it has rank, homepage, other"):
        list(read_list(path, column="nix"))


def test_choice_numbers_are_those_a_person_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("# head\nexample.com\n\nexample.org")
    assert [n for n, _ in read_list(path)] == [2, 4]


def test_choice_what_cannot_be_used_comes_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"url": 7}\n{broken\n[]\n{"rank": 1}\n')
    assert [url for _, url in read_list(path)] == ["", "{broken", "", ""]
    path = tmp_path / "a.csv"
    path.write_bytes(b"domain,x\nexample.com,1\n\xff\xfe,2\n")
    assert len(list(read_list(path))) == 2


def test_choice_a_long_list_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("w") as stream:
        stream.writelines(f"host{n}.example\n" for n in range(200_000))
    assert count_list(path) == 200_000
    assert next(islice(read_list(path), 150_000, None)) == (150_001, "https://host150000.example/")


def test_choice_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    for name in ("none.txt", "none.csv", "none.parquet"):
        with pytest.raises(ScrapeguardError, match=name):
            list(read_list(tmp_path / name))
    (tmp_path / "bad.parquet").write_text("x")
    with pytest.raises(ScrapeguardError, match="no Parquet file"):
        list(read_list(tmp_path / "bad.parquet"))
    (tmp_path / "bad.txt.gz").write_text("x")
    with pytest.raises(ScrapeguardError, match=r"bad\.txt\.gz"):
        list(read_list(tmp_path / "bad.txt.gz"))
