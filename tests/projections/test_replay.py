"""What is replayed from raw events is what the read tables tell, at every position and on any day."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from domain.values import Actor, Role
from infra.event_log.recorder import Recorder
from projections import follow_up, household_rows, replay
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from projections.follow_up_order import FollowUpDays
from projections.published_reports import figures_now, graduations_known
from projections.reports import (
    COVERAGE,
    FOLLOW_UP,
    GRADUATIONS,
    REPORTS,
    Figure,
    Judging,
    NoFigure,
    Report,
    named_figure,
)
from tests.conftest import TEMPLATE
from tests.infra.sample_loads import load_sample
from tests.projections.conftest import fresh, recorder_of

DAYS = FollowUpDays(14, 14, 14)
DAYS_OF_STORY = [date(2025, 6, 30), date(2026, 2, 1), date(2026, 6, 15), date(2027, 12, 31)]
TODAY = date(2026, 11, 23)
MINISTRY = Actor("ministry-1", Role.PROGRAMME_OFFICER)


def judging(day: date) -> Judging:
    return Judging(day, DAYS)


@pytest.fixture(scope="module")
def sample(server: str) -> Iterator[tuple[str, Recorder]]:
    """The sample, folded into its tables."""
    with fresh(server, TEMPLATE) as url:
        load_sample(url, TODAY)
        with recorder_of(url) as log:
            for projection in PROJECTIONS:
                Runner(lambda: psycopg.connect(url), log, projection).catch_up()
            yield url, log


def told_now(url: str, report: Report, day: date) -> tuple[int, Counter[Figure]]:
    with psycopg.connect(url) as session:
        return figures_now(session, report, judging(day))


def test_at_every_position_of_a_story_the_tables_tell_what_the_log_says(told: str, log: Recorder) -> None:
    runners = {p.name: Runner(lambda: psycopg.connect(told), log, p) for p in PROJECTIONS}
    for position in range(1, log.head() + 1):
        for report in REPORTS.values():
            runners[report.projection.name].catch_up(position)
            for day in DAYS_OF_STORY if position % 20 == 0 or position == log.head() else DAYS_OF_STORY[2:3]:
                found = replay.figures(log, report, position, judging(day))
                assert (position, found) == told_now(told, report, day), (report.name, position, day)
    assert all(found for found in (replay.figures(log, r, log.head(), judging(TODAY)) for r in REPORTS.values()))


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_so_it_is_with_the_sample(sample: tuple[str, Recorder], report: Report) -> None:
    url, log = sample
    for day in (TODAY, date(2025, 12, 31)):
        assert told_now(url, report, day) == (log.head(), replay.figures(log, report, log.head(), judging(day)))


def test_graduations_as_known_in_the_past_are_those_of_the_ledger(sample: tuple[str, Recorder]) -> None:
    url, log = sample
    for position in range(log.head() // 4, log.head(), log.head() // 4):
        with psycopg.connect(url) as session:
            ledger = graduations_known(session, position, TODAY)
        assert replay.figures(log, GRADUATIONS, position, judging(TODAY)) == ledger


def test_follow_up_counts_what_the_list_holds(sample: tuple[str, Recorder]) -> None:
    url, log = sample
    found = replay.figures(log, FOLLOW_UP, log.head(), judging(TODAY))
    with psycopg.connect(url, row_factory=dict_row) as session:
        rows = follow_up.listing(session, MINISTRY, TODAY, as_of=TODAY, days=DAYS, limit=100_000)
    for kind in ("referral", "proposal", "unconnected"):
        assert found["all", kind] == sum(row["kind"] == kind for row in rows)
    assert found["all", "overdue"] == sum(row["overdue"] for row in rows)


def test_each_graduate_is_covered_by_one_column(sample: tuple[str, Recorder]) -> None:
    _, log = sample
    found = replay.figures(log, COVERAGE, log.head(), judging(TODAY))
    for area in {area for area, _ in found}:
        assert found[area, "graduated"] == sum(found[area, column] for column in COVERAGE.columns[1:])
    assert found["all", "connected"] and found["all", "unconnected"]


def test_a_long_log_is_gone_through_a_part_of_the_households_at_a_time(
    sample: tuple[str, Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, log = sample
    told: list[tuple[int, int]] = []
    whole = replay.figures(log, COVERAGE, log.head(), judging(TODAY))
    monkeypatch.setattr(replay, "AT_ONCE", log.head() // 5)
    assert replay.figures(log, COVERAGE, log.head(), judging(TODAY), lambda *seen: told.append(seen)) == whole
    assert told == sorted(told) and told[-1] == (log.head(), log.head())


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_the_events_behind_a_figure_add_up_to_it(sample: tuple[str, Recorder], report: Report) -> None:
    _, log = sample
    found = replay.figures(log, report, log.head(), judging(TODAY))
    chosen = sorted(found, key=lambda figure: (figure[-1], figure))[:: max(1, len(found) // 12)]
    for figure in chosen:
        behind = replay.events_behind(log, report, figure, log.head(), judging(TODAY))
        assert sum(each.adds for each in behind) == found[figure]
        assert [each.event.position for each in behind] == sorted({each.event.position for each in behind})


def test_a_graduation_that_was_revoked_is_behind_its_figure_twice(told: str, log: Recorder) -> None:
    topics: Counter[tuple[str, int]] = Counter()
    for figure in replay.figures(log, GRADUATIONS, log.head(), judging(TODAY)):
        if figure[1:] == ("all", "count"):
            for behind in replay.events_behind(log, GRADUATIONS, figure, log.head(), judging(TODAY)):
                topics[behind.event.topic, behind.adds] += 1
    assert topics["household.graduated.v1", 1] > 0


def test_a_household_is_known_as_its_row_was_at_each_position(told: str, log: Recorder) -> None:
    runner = Runner(lambda: psycopg.connect(told), log, household_rows.PROJECTION)
    seen: dict[UUID, Any] = {}
    for position in range(1, log.head() + 1):
        runner.catch_up(position)
        (event,) = log.read(position - 1, 1)
        if household_rows.household_of(event) is None:
            continue
        record, last = replay.state_of(log, household_rows.PROJECTION, event.stream, position)
        assert last is not None and last.position == position
        with psycopg.connect(told, row_factory=dict_row) as session:
            row = session.execute("SELECT * FROM read.households WHERE household = %s", [event.stream]).fetchone()
        made = household_rows.row(record, last)
        assert row is not None
        same = ("region", "status", "registered_on", "version", "position", "programmes", "decile", "left_on")
        assert {name: row[name] for name in same} == {name: made[name] for name in same}
        seen[event.stream] = made
    assert len(seen) > 3
    stranger = UUID(int=7)
    assert replay.state_of(log, household_rows.PROJECTION, stranger, log.head()) == (None, None)


@pytest.mark.parametrize(
    "name",
    [
        "", "graduations", "nothing/2026/all/count", "graduations/2026/count", "coverage/all/count", "coverage/a",
        "graduations/abc/all/count", "graduations/-1/all/count", "graduations/026/all/count",
        "graduations/02026/all/count",
        "graduations/٢٠٢٦/all/count", "coverage/ALL/connected", "coverage//connected", "coverage/33.24.01/connected",
        "coverage/3324/connected", "coverage/all\n/connected",
    ],
)  # fmt: skip
def test_a_figure_that_there_is_not(name: str) -> None:
    with pytest.raises(NoFigure):
        named_figure(name)


def test_a_figure_by_its_name() -> None:
    assert named_figure("graduations/2026/33.24/durable") == (GRADUATIONS, ("2026", "33.24", "durable"))
