"""A result as a folder of Parquet files, each complete or absent, and the note by which a run goes on where it stopped."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scrapeguard.batch.schema import DECISIONS
from scrapeguard.errors import ScrapeguardError

NOTE = "_audit.json"
"""What was asked, in which cut; readers of Parquet folders pass over names that begin with an underscore."""

ROW_GROUP = 50_000


class Parts:
    """The folder ``path``. A part is written under another name and renamed, so that a kill leaves no half of one."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def cut(self, wanted: int) -> int:
        """Into how many pieces an earlier run was cut, which a resumed one must keep; ``wanted`` where there was none."""
        note = self.path / NOTE
        return int(json.loads(note.read_text(encoding="utf-8")).get("cut", wanted)) if note.exists() else wanted

    def open(self, settings: Mapping[str, Any], *, resume: bool) -> None:
        """Begin with these settings, or go on with a run that had the same. Raises `ScrapeguardError` where it cannot."""
        note = self.path / NOTE
        if self.path.is_file():
            raise ScrapeguardError(
                f"{self.path}: is a file; the result is a folder of Parquet parts: name another place"
            )
        if note.exists():
            self._compare(json.loads(note.read_text(encoding="utf-8")), settings, resume=resume)
        elif self.path.exists() and any(self.path.iterdir()):
            raise ScrapeguardError(f"{self.path}: holds files and no {NOTE}; name an empty or a new folder")
        self.path.mkdir(parents=True, exist_ok=True)
        for left in self.path.glob("_writing-*"):
            left.unlink()
        self.write_text(note, json.dumps(dict(settings), indent=1, sort_keys=True))

    def _compare(self, before: Mapping[str, Any], now: Mapping[str, Any], *, resume: bool) -> None:
        if not resume:
            raise ScrapeguardError(f"{self.path}: holds an earlier run; go on with --resume, or name another folder")
        other = sorted(k for k in {*before, *now} if before.get(k) != now.get(k))
        if other:
            said = "; ".join(f"{k} was {before.get(k)!r} and is {now.get(k)!r}" for k in other)
            raise ScrapeguardError(f"{self.path}: cannot go on with other settings: {said}")

    def has(self, name: str) -> bool:
        """True when the part is there, hence complete."""
        return (self.path / f"{name}.parquet").exists()

    def write(self, name: str, batches: Iterable[Any]) -> int:
        """Write a part; returns its rows. A part without rows is written too: it says that the work was done."""
        temporary = self.path / f"_writing-{os.getpid()}-{name}"
        count = 0
        with pq.ParquetWriter(temporary, DECISIONS, compression="zstd") as writer:
            for batch in batches:
                writer.write_table(pa.Table.from_batches([batch]), row_group_size=ROW_GROUP)
                count += batch.num_rows
        self._commit(temporary, self.path / f"{name}.parquet")
        return count

    def write_text(self, path: Path, text: str) -> None:
        """A small file, complete or absent."""
        temporary = path.parent / f"_writing-{os.getpid()}-{path.name}"
        temporary.write_text(text, encoding="utf-8")
        self._commit(temporary, path)

    def _commit(self, temporary: Path, path: Path) -> None:
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)

    def remove(self, folder: str) -> None:
        """Remove a working folder."""
        shutil.rmtree(self.path / folder, ignore_errors=True)
