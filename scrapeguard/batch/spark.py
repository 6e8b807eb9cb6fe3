"""The same on a Spark cluster: documents as a DataFrame in, decisions out. Spark schedules, shuffles and tries again.

Needs the ``spark`` extra. Each worker needs the library too (``spark.archives``, or an image that has it)::

    from scrapeguard.batch import Questions, spark

    documents = spark.documents(session, ["s3://commoncrawl/crawl-data/…/robotstxt/….warc.gz"])
    spark.decide(documents, Questions(["ai-train"], agent="examplebot")).write.partitionBy("purpose").parquet("out")
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pyarrow as pa

from scrapeguard.batch.archive import documents_of
from scrapeguard.batch.columns import documents_batch
from scrapeguard.batch.decide import Questions, decide_sorted
from scrapeguard.batch.schema import DECISIONS, DOCUMENTS
from scrapeguard.batch.sites import SITED, with_sites
from scrapeguard.errors import ScrapeguardError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_GATHERED = 256


def documents(
    session: SparkSession, paths: Sequence[str], *, pages: bool = False, reader: str | None = None
) -> DataFrame:
    """The policy documents of WARC files, as a DataFrame with the columns of `DOCUMENTS`; a file is a task.

    ``paths`` are read by the workers: addresses that pyarrow opens (``s3://``, ``hdfs://``, ``gs://``) or paths that every worker
    has. ``pages`` and ``reader`` as in `scrapeguard.batch.archive.read_archive`. A file that breaks off gives a row which becomes
    a decision with ``error``.
    """
    files = session.sparkContext.parallelize([(p,) for p in paths], max(1, len(paths)))
    frame = session.createDataFrame(files, "path string")
    return frame.mapInArrow(partial(_read, pages=pages, reader=reader), _spark_schema(DOCUMENTS))


def decide(frame: DataFrame, questions: Questions, *, partitions: int | None = None) -> DataFrame:
    """The decisions for a DataFrame of documents: the rows of `scrapeguard.batch.decide_batch`, for a site at a time.

    ``frame`` has the columns of `DOCUMENTS`; those that are missing are taken for null. ``partitions`` is how many the shuffle by
    site makes (default: ``spark.sql.shuffle.partitions``).
    """
    sited = frame.mapInArrow(_sited, _spark_schema(SITED))
    together = sited.repartition(partitions, "site") if partitions else sited.repartition("site")
    return together.sortWithinPartitions("site", "url").mapInArrow(
        partial(_decided, questions=questions), _spark_schema(DECISIONS)
    )


def _spark_schema(schema: Any) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415 - on the driver alone

    return from_arrow_schema(pa.schema([field.remove_metadata() for field in schema]))


def _read(batches: Iterable[Any], *, pages: bool, reader: str | None) -> Iterator[Any]:
    for batch in batches:
        for path in batch.column(0).to_pylist():
            found = documents_of(path, pages=pages, reader=reader)
            while gathered := list(islice(found, _GATHERED)):
                yield documents_batch(gathered)


def _sited(batches: Iterable[Any]) -> Iterator[Any]:
    for batch in batches:
        columns = [
            _column(batch, field) if field.name in batch.schema.names else pa.nulls(batch.num_rows, field.type)
            for field in DOCUMENTS
        ]
        yield with_sites(pa.RecordBatch.from_arrays(columns, schema=DOCUMENTS))


def _column(batch: Any, field: Any) -> Any:
    column = batch.column(batch.schema.get_field_index(field.name))
    return column if column.type == field.type else column.cast(field.type)


def _decided(batches: Iterable[Any], *, questions: Questions) -> Iterator[Any]:
    return decide_sorted(batches, questions)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-o", "--output", required=True, metavar="PLACE", help="Where Spark writes Parquet; must not exist.")
@click.option(
    "--purposes", "-p", multiple=True, metavar="NAMES", help="Purposes, with commas or repeated; default: all."
)
@click.option("--agent", "-a", required=True, help="The crawler's User-Agent.")
@click.option("--profile", default="standard", show_default=True, help="strict, standard, open, or a TOML file's path.")
@click.option("--commercial/--non-commercial", default=None, help="Whether the use is commercial.")
@click.option("--base", default="", metavar="PREFIX", help="Stands before each path: s3://commoncrawl/.")
@click.option("--pages", is_flag=True, help="Judge every page of the archives, not only every site.")
@click.option("--partitions", type=click.IntRange(1), default=None, help="Partitions of the shuffle by site.")
def command(
    paths: tuple[str, ...],
    output: str,
    purposes: tuple[str, ...],
    agent: str,
    profile: str,
    commercial: bool | None,
    base: str,
    pages: bool,
    partitions: int | None,
) -> None:
    """From WARC files to decisions, on Spark.

    PATH is a WARC file, or a list of them (robotstxt.paths.gz, as Common Crawl publishes). Decisions are written as Parquet,
    partitioned by purpose. Master, memory and the like are Spark's own settings.

    Example: spark-submit $(which scrapeguard-spark) robotstxt.paths.gz --base s3://commoncrawl/ -o out -a examplebot
    """
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    from scrapeguard.decide.profile import load_profile  # noqa: PLC0415 - read here, since a worker has no such file

    named = [part for text in purposes for part in text.split(",") if part.strip()]
    questions = Questions(named, agent=agent, profile=load_profile(profile), commercial=commercial)
    files = [base + path for given in paths for path in _listed(given)]
    session = SparkSession.builder.appName("scrapeguard").getOrCreate()
    session.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")  # as `DECISIONS` has it, not INT96
    try:
        found = decide(documents(session, files, pages=pages), questions, partitions=partitions)
        found.write.partitionBy("purpose").parquet(output)
    finally:
        session.stop()


def _listed(path: str) -> list[str]:
    """The path itself, or the paths in a list."""
    if not path.endswith((".paths", ".paths.gz", ".txt")):
        return [path]
    try:
        raw = Path(path).read_bytes()
        text = (gzip.decompress(raw) if path.endswith(".gz") else raw).decode()
    except (OSError, ValueError, EOFError) as error:
        raise ScrapeguardError(f"{path}: cannot be read as a list of paths: {error}") from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def main(args: list[str] | None = None) -> None:
    """Entry point of ``scrapeguard-spark``."""
    try:
        command.main(args=args, prog_name="scrapeguard-spark", standalone_mode=False)
    except (click.ClickException, ScrapeguardError) as error:
        said = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"scrapeguard-spark: {said}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main(sys.argv[1:])
