"""Lists of URLs or domains, read a line at a time, however long: text, CSV, JSON lines, Parquet."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from scrapeguard.errors import ScrapeguardError

COLUMNS = ("url", "domain", "host", "hostname", "site", "authority", "origin", "homepage", "website")
"""Names of the column that is asked about, in the order they are looked for, where the caller names none."""

_SAMPLE = 65_536


def read_list(path: str | Path, *, column: str | None = None) -> Iterator[tuple[int, str]]:
    """Numbers (from 1, as a person counts) and URLs of a list.

    The form is told by the name: ``.csv`` and ``.tsv``, ``.jsonl`` and ``.ndjson``, ``.parquet``, else text, each also with
    ``.gz`` (not Parquet). In text, blank lines and those that begin with ``#`` are passed over. In CSV without a header that
    names one of `COLUMNS`, the first field that looks like a domain or URL is taken, as in ``1,example.com``. A bare domain is
    read as ``https://domain/``. ``column`` names the column of tables and the key of JSON.

    Raises `ScrapeguardError` where the file cannot be opened or has no such column; a line that holds nothing usable comes
    as it is, for whoever judges URLs to refuse it.
    """
    path = Path(path)
    suffixes = [s.lower() for s in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    form = (suffixes[:-1] if packed else suffixes)[-1:]
    try:
        if form == [".parquet"]:
            yield from _parquet(path, column)
            return
        with _opened(path, packed=packed) as stream:
            read: Callable[[TextIO, str | None], Iterator[tuple[int, str]]] = _text
            if form in [[".csv"], [".tsv"]]:
                read = _csv
            elif form in [[".jsonl"], [".ndjson"]]:
                read = _json
            yield from read(stream, column)
    except OSError as error:
        raise ScrapeguardError(f"{path}: cannot be read: {error.strerror or error}; give the path of a list") from error
    except LookupError as error:
        raise ScrapeguardError(f"{path}: {error.args[0]}") from error


def count_list(path: str | Path) -> int:
    """How many entries `read_list` gives, at most: lines of the file, rows of Parquet."""
    path = Path(path)
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq  # noqa: PLC0415 - only for Parquet

        rows: int = pq.read_metadata(path).num_rows
        return rows
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            count, last = 0, b"\n"
            while piece := stream.read(1 << 20):
                count += piece.count(b"\n")
                last = piece[-1:]
    except OSError as error:
        raise ScrapeguardError(f"{path}: cannot be read: {error.strerror or error}; give the path of a list") from error
    return count + (last != b"\n")


def url_of(entry: str) -> str:
    """The URL that an entry of a list means.

    >>> url_of("example.com"), url_of("//example.com/a"), url_of("http://example.com/")
    ('https://example.com/', 'https://example.com/a', 'http://example.com/')
    """
    text = entry.strip()
    if "://" in text or not text or any(c.isspace() for c in text):
        return text
    text = text.removeprefix("//")
    return f"https://{text}" if "/" in text else f"https://{text}/"


def _opened(path: Path, *, packed: bool) -> TextIO:
    raw: Any = gzip.open(path, "rb") if packed else path.open("rb")  # noqa: SIM115 - closed by the wrapper's context
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")


def _text(stream: TextIO, _: str | None) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(stream, 1):
        entry = line.strip()
        if entry and not entry.startswith("#"):
            yield number, url_of(entry)


def _csv(stream: TextIO, column: str | None) -> Iterator[tuple[int, str]]:
    sample = stream.read(_SAMPLE)
    stream.seek(0)
    delimiter = max(",;\t|", key=sample.partition("\n")[0].count)
    rows = csv.reader(stream, delimiter=delimiter)
    first = next(rows, None)
    if first is None:
        return
    names = [name.strip().lower() for name in first]
    place = _column(names, column) if column or set(names) & set(COLUMNS) else None
    if place is None:
        place = next((n for n, name in enumerate(names) if "." in name and not name.replace(".", "").isdigit()), 0)
        yield 1, url_of(first[place] if first else "")
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield rows.line_num, f"(no CSV: {error})"
            continue
        if row:
            yield rows.line_num, url_of(row[place]) if place < len(row) else ""


def _json(stream: TextIO, column: str | None) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            yield number, line.strip()[:200]
            continue
        if isinstance(value, dict):
            keys = [column] if column else COLUMNS
            value = next((value[k] for k in keys if k in value), "")
        yield number, url_of(value) if isinstance(value, str) else ""


def _parquet(path: Path, column: str | None) -> Iterator[tuple[int, str]]:
    import pyarrow as pa  # noqa: PLC0415 - only for Parquet
    import pyarrow.parquet as pq  # noqa: PLC0415 - only for Parquet

    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise LookupError(f"no Parquet file ({error})") from error
    with file:
        names = file.schema_arrow.names
        name = names[_column([n.lower() for n in names], column)]
        number = 0
        for batch in file.iter_batches(columns=[name]):
            for value in batch.column(0).to_pylist():
                number += 1
                yield number, url_of(str(value or ""))


def _column(names: list[str], column: str | None) -> int:
    """Where the column stands. Raises LookupError with what would do."""
    for name in [column.lower()] if column else COLUMNS:
        if name in names:
            return names.index(name)
    wanted = repr(column) if column else "named " + ", ".join(COLUMNS)
    raise LookupError(f"no column {wanted}; it has {', '.join(names[:20])}")
