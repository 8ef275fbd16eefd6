"""Replays a report by Apache Spark over an export: the same folds, household by household, on any cluster."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from uuid import UUID

import pyarrow as pa
from eventsourcing.persistence import JSONTranscoder, StoredEvent
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from domain.events import event_classes
from domain.referral_events import ReferralEvent
from infra.engines.exported_log import ExportedLog
from infra.event_log.mapper import EventMapper
from projections.engine.log import LoggedEvent
from projections.reports import REPORTS, Figure, Judging, Report

FOUND = "figure string, number long"
CONFIGURED = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "4000",
    "spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower(),
}
ALONE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
"""On one machine nobody else is talked to."""


class NoSpark(Exception):
    """Spark does not start, or ends without an answer."""


def figures(log: ExportedLog, report: Report, until: int, judging: Judging, master: str) -> Counter[Figure]:
    """All figures of a report but those that are 0, as known at the position `until`.

    Each task folds the households that it is given, one after the other, and tells what these add. Workers need
    Rujukan installed, and the export at the same path. Raises `NoSpark`.
    """
    spark = _session(master)
    try:
        wanted = (f.col("position") <= until) & f.col("topic").isin(_topics(report))
        events = spark.read.parquet(*log.files).where(wanted)
        owner = f.when(f.col("topic").isin(_of_referrals()), f.get_json_object("state", "$.household"))
        keyed = events.withColumn("household", owner.otherwise(f.col("stream")))
        told = keyed.repartition("household").sortWithinPartitions("household", "position")
        found = told.mapInArrow(partial(_folded, report.name, judging), FOUND).groupBy("figure").sum("number")
        return Counter({tuple(figure.split("/")): number for figure, number in found.collect()})
    except PySparkException as fault:
        raise NoSpark(f"Spark could not replay it: {(str(fault).splitlines() or [''])[-1]}") from None
    finally:
        spark.stop()


def _session(master: str) -> SparkSession:
    """Raises `NoSpark`."""
    building = SparkSession.builder.master(master).appName("rujukan audit replay")
    for name, value in (CONFIGURED | (ALONE if master.startswith("local") else {})).items():
        building = building.config(name, value)
    try:
        spark = building.getOrCreate()
    except (PySparkException, OSError) as fault:
        raise NoSpark(f"Spark does not start, which needs Java 17 or newer: {str(fault).splitlines()[0]}") from None
    if master.startswith("local"):
        spark.sparkContext.pythonExec = sys.executable
    return spark


def _topics(report: Report) -> list[str]:
    return [topic for topic, event in event_classes().items() if issubclass(event, report.projection.classes)]


def _of_referrals() -> list[str]:
    return [topic for topic, event in event_classes().items() if issubclass(event, ReferralEvent)]


def _folded(name: str, judging: Judging, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What the households of one task add to the figures. Its rows are in the order of households and positions."""
    report, added = REPORTS[name], Counter[Figure]()
    for household, events in groupby(_events(batches), lambda found: found[0]):
        state = None
        for _, event in events:
            if report.projection.key(event) is not None:
                state, _changes = report.projection.fold(state, event)
        if state is not None:
            added.update(report.adding(UUID(household), state, judging))
    figures = ["/".join(figure) for figure in added]
    numbers = pa.array(added.values(), pa.int64())
    yield pa.RecordBatch.from_pydict({"figure": pa.array(figures, pa.string()), "number": numbers})


def _events(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, LoggedEvent]]:
    mapper = EventMapper(JSONTranscoder())
    names = ("household", "position", "logged_at", "stream", "version", "topic", "state")
    for batch in batches:
        columns = batch.to_pydict()
        for row in zip(*(columns[name] for name in names), strict=True):
            household, position, logged_at, stream, version, topic, state = row
            event = mapper.to_recorded_event(StoredEvent(UUID(stream), version, topic, state.encode()))
            yield household, LoggedEvent(position, logged_at, UUID(stream), version, topic, event)
