"""Spark, really started: two worker processes, one of them killed, and the rows of the single machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from scrapeguard.batch import DECISIONS, Questions, documents_batch
from scrapeguard.batch.sift import audit_archives
from tests.batch.archives import real_robots, responses, small_sites, write_archive

pytestmark = [
    pytest.mark.service,
    pytest.mark.filterwarnings("ignore"),  # what PySpark and py4j warn of changes with their releases
]

ROOT = Path(__file__).resolve().parents[2]
PURPOSES = ["search", "ai-train"]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """A cluster of two workers with a core each, on this machine."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .appName("scrapeguard tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.executorEnv.PYTHONPATH", os.environ["PYTHONPATH"])
        .getOrCreate()
    )
    yield session
    session.stop()


def rows(found: list[dict[str, Any]]) -> list[str]:
    return sorted(str({name: row[name] for name in DECISIONS.names}) for row in found)


def in_spark(frame: Any) -> list[dict[str, Any]]:
    return list(frame.toArrow().to_pylist())


def executors() -> list[int]:
    """The worker processes, by what their command line says (Linux)."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if b"CoarseGrainedExecutorBackend" in words and b"scrapeguard" not in words.split(b"\0")[0]:
                found.append(int(folder.name))
    return found


def test_choice_a_killed_worker_changes_no_row(shared: Path, tmp_path: Path, session: Any) -> None:
    from scrapeguard.batch import spark

    captures = [*real_robots(shared, 300), *small_sites(120)]
    files = [write_archive(tmp_path / f"{n}.warc.gz", captures[n::8]) for n in range(8)]
    broken = tmp_path / "broken.warc.gz"
    broken.write_bytes(files[0].read_bytes()[:-40])
    questions = Questions(PURPOSES, agent="examplebot")
    audit_archives([*files, broken], tmp_path / "one.parquet", questions)
    expected = rows(pq.read_table(tmp_path / "one.parquet").to_pylist())

    killed: list[int] = []

    def kill_one() -> None:
        tracker = session.sparkContext.statusTracker()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            stages = [tracker.getStageInfo(s) for s in tracker.getActiveStageIds()]
            if any(s and s.numCompletedTasks and s.numCompletedTasks < s.numTasks for s in stages):
                killed.append(executors()[0])
                os.kill(killed[0], signal.SIGKILL)
                return
            time.sleep(0.01)

    killer = threading.Thread(target=kill_one)
    killer.start()
    frame = spark.documents(session, [str(p) for p in (*files, broken)])
    found = in_spark(spark.decide(frame, questions))
    killer.join()
    assert killed
    assert rows(found) == expected
    assert len(found) == 2 * 420 + 2


def test_choice_a_frame_with_some_of_the_columns_is_enough(session: Any) -> None:
    from scrapeguard.batch import decide_batch, spark

    batch = documents_batch(responses(small_sites(3)))
    table = batch.select(["url", "status", "body", "headers"])
    frame = session.createDataFrame(
        [
            (r["url"], r["status"], r["body"], [(h["name"], h["value"]) for h in r["headers"]])
            for r in table.to_pylist()
        ],
        "url string, status long, body binary, headers array<struct<name string, value string>>",
    )
    found = in_spark(spark.decide(frame, Questions(PURPOSES, agent="examplebot"), partitions=2))
    assert rows(found) == rows(decide_batch(batch, PURPOSES, agent="examplebot").to_pylist())


def test_choice_the_command_writes_partitioned_parquet(tmp_path: Path) -> None:
    files = [write_archive(tmp_path / f"{n}.warc.gz", small_sites(5, first=5 * n)) for n in range(2)]
    (tmp_path / "warc.paths").write_text("".join(f"{f.name}\n" for f in files))
    command = [
        sys.executable,
        "-m",
        "scrapeguard.batch.spark",
        str(tmp_path / "warc.paths"),
        "--base",
        f"{tmp_path}/",
        "-o",
        str(tmp_path / "out"),
        "-p",
        "search,ai-train",
        "-a",
        "examplebot",
    ]
    environment = {
        **os.environ,
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert {p.name for p in (tmp_path / "out").glob("purpose=*")} == {"purpose=search", "purpose=ai-train"}
    audit_archives(files, tmp_path / "one.parquet", Questions(PURPOSES, agent="examplebot"))
    expected = rows(pq.read_table(tmp_path / "one.parquet").to_pylist())
    found = pq.read_table(tmp_path / "out").select(DECISIONS.names).cast(DECISIONS)
    assert rows(found.to_pylist()) == expected
