"""What batch costs: robots.txt records and sites with terms from WARC, processes, memory over the length of a list, Spark.

    python benchmarks/batch.py robots     ../shared   # records a second of a core, by reader and number of purposes
    python benchmarks/batch.py terms                  # sites with a terms page a second of a core
    python benchmarks/batch.py processes  ../shared   # two processes against one, median of five
    python benchmarks/batch.py memory                 # peak memory over 10,000 to 1,000,000 lines
    python benchmarks/batch.py spark      ../shared   # a record's time in Spark (local-cluster) and in the process pool

Seconds are the processor's (user and system) for figures «of a core», since other work on the machine does not count there;
the clock's for processes and Spark. The clock's figures mean little on a machine that is busy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scrapeguard.batch import Questions, pool  # noqa: E402 - after the path
from scrapeguard.batch.archive import READERS, documents_of  # noqa: E402 - after the path
from scrapeguard.batch.sift import audit_archives, decide_pile, sift  # noqa: E402 - after the path
from tests.batch.archives import HOME, HTML, TEXT, Capture, write_archive  # noqa: E402 - after the path

PURPOSES = {1: ["ai-train"], 3: ["search", "ai-train", "tdm"], 10: []}
SENTENCES = (
    "You may not use robots or scrapers to access the service without our written permission.",
    "You must not collect the personal data of other members.",
    "Our shop opens at nine and closes at six.",
    "Prices are given with the taxes that apply.",
    "You keep the rights in what you upload, and give us leave to show it.",
    "Do not use the content to train artificial intelligence.",
    "We may change these terms and will say so thirty days before.",
    "If a part of these terms is void, the other parts stay in force.",
)


def robots(shared: Path) -> list[Capture]:
    """Every real file, each at a host of its own."""
    with tarfile.open(shared / "robots" / "real.tar.xz") as archive:
        bodies = [body.read() for member in archive if (body := archive.extractfile(member)) is not None]
    return [(f"https://h{n}.example/robots.txt", 200, TEXT, body) for n, body in enumerate(bodies)]


def sites(count: int) -> Iterator[Capture]:
    """Sites with terms of 80 paragraphs (9 KB), no two the same."""
    for n in range(count):
        origin = f"https://www.shop{n}.example"
        paragraphs = "".join(f"<p>{SENTENCES[(n + k) % len(SENTENCES)]} (shop {n}, {k})</p>" for k in range(80))
        yield f"{origin}/robots.txt", 200, TEXT, b"User-agent: *\nDisallow: /cart"
        yield f"{origin}/", 200, HTML, HOME
        yield f"{origin}/legal/terms", 200, HTML, f"<h1>Terms of Service</h1>{paragraphs}".encode()


def one_core(archive: Path, folder: Path, questions: Questions, reader: str) -> float:
    """Processor seconds from the archive to the written part, in this process."""
    folder.mkdir(parents=True)
    begun = time.process_time()
    (folder / "piles").mkdir()
    sift(str(archive), str(folder / "piles" / "00000"), 1, False, reader, lambda _: None)
    decide_pile(0, str(folder / "piles"), str(folder), questions, lambda _: None)
    return time.process_time() - begun


def bench_robots(shared: Path, folder: Path) -> None:
    captures = robots(shared)
    archive = write_archive(folder / "robots.warc.gz", captures)
    for reader in READERS:
        begun = time.process_time()
        count = sum(1 for _ in documents_of(str(archive), reader=reader))
        print(f"{reader:9} reads alone              {count / (time.process_time() - begun):8,.0f} records/s a core")
    for number, purposes in PURPOSES.items():
        for reader in READERS:
            questions = Questions(purposes, agent="examplebot/1.0")
            seconds = [one_core(archive, folder / f"{reader}-{number}-{n}", questions, reader) for n in range(3)]
            rate = count / statistics.median(seconds)
            print(f"{reader:9} to Parquet, {number:2} purpose(s) {rate:8,.0f} records/s a core (median of 3)")


def bench_terms(folder: Path) -> None:
    archive = write_archive(folder / "sites.warc.gz", sites(200))
    seconds = [one_core(archive, folder / f"t{n}", Questions(agent="examplebot/1.0"), READERS[0]) for n in range(3)]
    print(f"sites with terms, ten purposes  {200 / statistics.median(seconds):8,.1f} sites/s a core (median of 3)")


def bench_processes(shared: Path, folder: Path) -> None:
    captures = robots(shared)
    files = [write_archive(folder / f"{n}.warc.gz", captures[n::8]) for n in range(8)]
    questions = Questions(PURPOSES[3], agent="examplebot/1.0")
    audit_archives(files[:1], folder / "warm", questions)
    took: dict[int, list[float]] = {1: [], 2: []}
    for n in range(5):
        for processes, seconds in took.items():
            begun = time.monotonic()
            audit_archives(files, folder / f"{processes}-{n}", questions, processes=processes)
            seconds.append(time.monotonic() - begun)
    one, two = (statistics.median(s) for s in took.values())
    print(f"one process {one:.2f} s, two {two:.2f} s: {one / two:.2f} times as fast (medians of five, clock)")


_ONE_WORKER = """
import sys
from scrapeguard.batch import Questions
from scrapeguard.batch.live import Live, audit_shard
from scrapeguard.batch.parts import Parts
from scrapeguard.batch.live import _Shard
path, out = sys.argv[1:]
Parts(out).open({}, resume=False)
shard = _Shard(0, 1, path, None, out, 500, 0.0, 0.0)
audit_shard(shard, Questions(["ai-train"], agent="examplebot"), Live(connections=4), lambda _: None)
"""


def bench_memory(folder: Path) -> None:
    """One worker over lines that are no URLs: nothing is fetched, and what remains is the list, the answers, the parts."""
    for lines in (10_000, 100_000, 1_000_000):
        path = folder / f"{lines}.txt"
        with path.open("w") as stream:
            stream.writelines(f"no host {n}\n" for n in range(lines))
        child = subprocess.Popen([sys.executable, "-c", _ONE_WORKER, str(path), str(folder / f"out-{lines}")], cwd=ROOT)
        begun = time.monotonic()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        print(
            f"{lines:9,} lines: peak {usage.ru_maxrss / 1024:,.0f} MiB, {lines / seconds:,.0f} lines/s by the clock",
            flush=True,
        )


def bench_spark(shared: Path, folder: Path) -> None:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = str(ROOT)
    from pyspark.sql import SparkSession

    from scrapeguard.batch import spark

    captures = robots(shared)
    files = [str(write_archive(folder / f"{n}.warc.gz", captures[n::8])) for n in range(8)]
    questions = Questions(PURPOSES[3], agent="examplebot/1.0")
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.executorEnv.PYTHONPATH", str(ROOT))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    spark.decide(spark.documents(session, files[:1]), questions).count()
    begun = time.monotonic()
    spark.decide(spark.documents(session, files), questions).write.parquet(str(folder / "spark"))
    in_spark = time.monotonic() - begun
    session.stop()
    begun = time.monotonic()
    audit_archives(files, folder / "pool", questions, processes=2)
    in_pool = time.monotonic() - begun
    count = len(captures)
    print(
        f"Spark {in_spark / count * 1e6:,.0f} µs a record, process pool {in_pool / count * 1e6:,.0f} µs (one run, clock)"
    )


def main() -> None:
    """Run what was named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["robots", "terms", "processes", "memory", "spark"])
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    options = parser.parse_args()
    pool.spare_collector()  # as the workers do
    load = os.getloadavg()[0]
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {load:.1f} before")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        match options.what:
            case "robots":
                bench_robots(options.shared, folder)
            case "terms":
                bench_terms(folder)
            case "processes":
                bench_processes(options.shared, folder)
            case "memory":
                bench_memory(folder)
            case "spark":
                bench_spark(options.shared, folder)


if __name__ == "__main__":
    main()
