"""Figures of a projection whose shards are not equally far are those of the position that is named."""

from datetime import date

import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from infra.event_log.recorder import Recorder
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from projections.engine.shard import Shard
from projections.graduation_counts import CountQuestion, counts
from tests.projections.conftest import Connect
from tests.projections.figures import AUDITOR

GRADUATIONS = next(projection for projection in PROJECTIONS if projection.name == "graduations")


@pytest.mark.parametrize("by", [None, "facilitator", "region", "kind", "month", "programme"])
def test_figures_are_as_known_where_the_slowest_shard_stands(
    connect: Connect, log: Recorder, rows: Connection[DictRow], by: str | None
) -> None:
    end = log.head()
    for shard, until in ((Shard(0, 2), end), (Shard(1, 2), end // 2)):
        Runner(connect, log, GRADUATIONS, shard=shard).catch_up(until)
    found = {}
    for year in (2024, 2025, 2026):
        question = CountQuestion(year=year, as_of=date(2027, 1, 1), by=by)
        found[year] = counts(rows, AUDITOR, question)
        assert found[year][0] == end // 2
    rows.rollback()
    Runner(connect, log, GRADUATIONS, shard=Shard(1, 2)).catch_up()
    for year, answer in found.items():
        question = CountQuestion(year=year, as_of=date(2027, 1, 1), by=by)
        assert answer == counts(rows, AUDITOR, question, end // 2)
        assert counts(rows, AUDITOR, question)[0] == end
        assert counts(rows, AUDITOR, question)[1] == counts(rows, AUDITOR, question, end)[1]
