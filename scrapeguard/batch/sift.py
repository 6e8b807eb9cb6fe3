"""From WARC files to decisions on one machine: documents are put aside by site, then each pile is read.

Two steps, each of pieces that are complete or absent: every file is sifted into piles of documents by site (a site's robots.txt
and its terms may stand in different files, and so may its captures); then every pile is sorted by site and becomes one part.
"""

from __future__ import annotations

import json
import math
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from scrapeguard.batch import pool
from scrapeguard.batch.archive import documents_of
from scrapeguard.batch.columns import BROKEN, Document, decisions_batch
from scrapeguard.batch.decide import ROWS, Questions, answers, groups
from scrapeguard.batch.parts import Parts
from scrapeguard.batch.progress import Meter, Tally
from scrapeguard.batch.sites import SITED, sited_batch, sites_of
from scrapeguard.errors import ScrapeguardError

PILES = "_documents"
PILE_BYTES = 32 * 1024 * 1024
"""Bytes of archive, as they lie on disk, whose documents make one pile: three to ten times as much in memory."""

_GATHERED = 16 * 1024 * 1024
_BATCH = 256
Report = Callable[[Tally], object]


def audit_archives(
    files: Sequence[str | Path],
    out: str | Path,
    questions: Questions,
    *,
    processes: int = 1,
    resume: bool = False,
    pages: bool = False,
    reader: str | None = None,
    quiet: bool = True,
) -> Tally:
    """Answer for every site of the WARC ``files``; write Parquet parts to the folder ``out``.

    ``pages`` judges every page of the archives as well. ``resume`` goes on with an earlier run on the same files. Returns the
    counts, of what was done now. Raises `ScrapeguardError` (no such file, a result in the way, a worker that died).
    """
    paths = [Path(f) for f in files]
    missing = [str(p) for p in paths if not p.is_file()]
    if missing or not paths:
        raise ScrapeguardError(f"no such archive: {', '.join(missing[:5])}" if missing else "no archives named")
    sizes = [p.stat().st_size for p in paths]
    piles = max(1, math.ceil(sum(sizes) / PILE_BYTES), min(processes, 64))
    parts = Parts(out)
    settings = {
        **described(questions),
        "archives": [[p.name, s] for p, s in zip(paths, sizes, strict=True)],
        "pages": pages,
    }
    piles = parts.cut(piles)
    parts.open({**settings, "cut": piles}, resume=resume)
    tally = Tally()
    folder = parts.path / PILES
    todo = [n for n in range(piles) if not parts.has(pile_name(n))]
    if todo:
        folder.mkdir(exist_ok=True)
        jobs = [
            (str(path), str(folder / f"{n:05d}"), piles, pages, reader)
            for n, path in enumerate(paths)
            if not (folder / f"{n:05d}").is_dir()
        ]
        meter = Meter(None, unit="documents", quiet=quiet)
        for told in pool.run(sift, jobs, processes=processes) if jobs else ():
            tally.add(told)
            meter.show(tally)
        meter.end()
        found = Tally(trouble=tally.trouble, notes=tally.notes)
        meter = Meter(_count(folder), unit="documents", quiet=quiet)
        for told in pool.run(
            decide_pile, [(n, str(folder), str(parts.path), questions) for n in todo], processes=processes
        ):
            found.add(told)
            meter.show(found)
        meter.end()
        tally = found
    parts.remove(PILES)
    return tally


def described(questions: Questions) -> dict[str, Any]:
    """The questions as plain values, by which a resumed run is compared with the first."""
    from scrapeguard.decide.profile import load_profile  # noqa: PLC0415 - for its text alone

    profile = load_profile(questions.profile)
    return {
        "purposes": [str(p) for p in questions.purposes],
        "agent": questions.agent,
        "product_token": questions.product_token,
        "profile": profile.name,
        "profile_crc": zlib.crc32(profile.text.encode()),
        "commercial": questions.commercial,
        "agreements": [repr(a) for a in questions.agreements],
    }


def pile_name(number: int) -> str:
    """The part that a pile becomes."""
    return f"part-{number:05d}"


def pile_of(site: str, piles: int) -> int:
    """The pile in which a site's documents lie: the same in every process and run."""
    return zlib.crc32(site.encode("utf-8", "surrogatepass")) % piles


def sift(path: str, folder: str, piles: int, pages: bool, reader: str | None, report: Report) -> None:
    """Put the documents of one archive on their piles: ``folder/NUMBER.arrow``, a folder that is complete or absent."""
    temporary = Path(f"{folder}.writing")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    gathered: dict[int, list[tuple[str, Document]]] = {}
    writers: dict[int, Any] = {}
    size = count = 0

    def put_down() -> None:
        for pile, rows in gathered.items():
            if pile not in writers:
                writers[pile] = pa.ipc.new_stream(
                    str(temporary / f"{pile:05d}.arrow"), SITED, options=pa.ipc.IpcWriteOptions(compression="lz4")
                )
            writers[pile].write_batch(sited_batch(rows))
        gathered.clear()

    told = Tally()
    for document in documents_of(path, reader=reader, pages=pages):
        if document.kind == BROKEN:
            told.notes.append(document.body.decode())
            told.trouble["archive"] += 1
        else:
            count += 1
        size += len(document.body) + 1000
        for site in sites_of(document.url):
            gathered.setdefault(pile_of(site, piles), []).append((site, document))
        if size > _GATHERED:
            put_down()
            size = 0
            report(Tally(lines=count - told.lines))
            told.lines = count
    put_down()
    for writer in writers.values():
        writer.close()
    (temporary / "count.json").write_text(json.dumps(count), encoding="utf-8")
    temporary.replace(folder)
    report(Tally(lines=count - told.lines, notes=told.notes, trouble=told.trouble))


def decide_pile(number: int, folder: str, out: str, questions: Questions, report: Report) -> None:
    """Read one pile, sorted by site, and write its part."""
    parts = Parts(out)

    def batches() -> Iterator[Any]:
        rows: list[Any] = []
        tally = Tally()
        for group in groups(sorted_pile(number, Path(folder))):
            tally.lines += len(group)
            tally.sites += 1
            found = list(answers(group, questions))
            step = len(questions.purposes)
            for at in range(0, len(found), step):
                tally.take(found[at : at + step])
            rows += found
            if len(rows) >= ROWS:
                yield decisions_batch(rows)
                rows = []
                report(tally)
                tally = Tally()
        if rows:
            yield decisions_batch(rows)
        report(tally)

    parts.write(pile_name(number), batches())


def sorted_pile(number: int, folder: Path) -> Iterator[Any]:
    """The documents of a pile in batches, those of a site together, sites in order."""
    tables = []
    for file in sorted(folder.glob(f"*/{number:05d}.arrow")):
        with pa.ipc.open_stream(str(file)) as stream:
            tables.append(stream.read_all())
    if not tables:
        return
    table = pa.concat_tables(tables).combine_chunks()  # else every `take` would copy all of it
    tables.clear()
    order = pc.sort_indices(table.select(["site", "url"]), sort_keys=[("site", "ascending"), ("url", "ascending")])
    for at in range(0, len(order), _BATCH):
        taken = table.take(order.slice(at, _BATCH)).combine_chunks()
        yield from taken.to_batches()


def _count(folder: Path) -> int:
    return sum(json.loads(f.read_text(encoding="utf-8")) for f in folder.glob("*/count.json"))
