"""What is remembered of the country's figures is what would be read, and is read no more than once."""

from datetime import date
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.rows import DictRow

from domain.values import Actor, Role
from infra.event_log.recorder import Recorder
from projections import graduations
from projections.engine.rebuild import rebuild
from projections.engine.runner import Connect, Runner
from projections.engine.shard import Shard
from projections.graduation_counts import CountQuestion, counts
from projections.graduation_memory import CountMemory
from projections.graduation_question import Where
from tests.projections.figures import AUDITOR
from tests.projections.test_graduation_ledger import emptied, stories, tell
from tests.projections.test_graduation_sums import OFFICER, set_targets

QUESTION = CountQuestion(2026, date(2026, 12, 31))
ASKED: list[dict[str, Any]] = [{}, {"by": "kind"}, {"by": "region"}, {"by": "facilitator"}, {"programme": "pkh"}]
ADMINISTRATOR = Actor("administrator", Role.ADMINISTRATOR)


def tamper(url: str) -> None:
    """Changes the sums behind everyone's back, so that who reads them tells."""
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE read.graduation_totals SET counted = counted + 1000")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=stories, stops=st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_at_every_position_memory_and_tables_give_the_same(database: str, steps: list[Any], stops: list[int]) -> None:
    memory = CountMemory()
    with emptied(database) as figures:
        tell(figures, steps)
        set_targets(figures)
        runner = Runner(lambda: psycopg.connect(figures.url), figures, graduations.PROJECTION)
        with figures.connect() as connection:
            connection.autocommit = True
            for until in sorted({*(min(stop, figures.head()) for stop in stops), figures.head()}):
                runner.catch_up(until)
                for actor in (AUDITOR, OFFICER, ADMINISTRATOR, AUDITOR):
                    for asked in ASKED:
                        question = CountQuestion(2025, date(2026, 3, 1), **asked)
                        read = counts(connection, actor, question)
                        assert counts(connection, actor, question, memory=memory) == read


def test_figures_are_not_read_again_until_a_graduation_changes(database: str) -> None:
    memory = CountMemory()
    with emptied(database) as figures:
        figures.graduate("a", "first", "2026-02-01")
        figures.fold()
        with figures.connect() as connection:
            connection.autocommit = True

            def told() -> tuple[int, int]:
                position, rows = counts(connection, AUDITOR, QUESTION, memory=memory)
                return position, rows[0]["count"]

            assert told() == (1, 1)
            tamper(figures.url)
            assert told() == (1, 1)
            figures.discontinue("a", "2026-02-02")
            figures.fold()
            assert told() == (2, 1), "an event that is nothing to graduations"
            figures.graduate("b", "second", "2026-02-03")
            figures.fold()
            assert told()[1] > 1000


def test_a_past_position_is_read_from_the_ledger_whatever_is_remembered(database: str) -> None:
    memory = CountMemory()
    with emptied(database) as figures:
        for family in "ab":
            figures.graduate(family, family, "2026-02-01")
        figures.fold()
        with figures.connect() as connection:
            assert counts(connection, AUDITOR, QUESTION, memory=memory)[1][0]["count"] == 2
            assert counts(connection, AUDITOR, QUESTION, 1, memory)[1][0]["count"] == 1


def test_tables_rebuilt_at_the_same_position_are_read_anew(
    connect: Connect, log: Recorder, told: str, folded: int, rows: Connection[DictRow]
) -> None:
    rows.autocommit = True
    memory = CountMemory()
    right = counts(rows, AUDITOR, QUESTION)
    tamper(told)
    wrong = counts(rows, AUDITOR, QUESTION, memory=memory)
    assert wrong != right
    rebuild(connect, log, [graduations.PROJECTION], lambda *_: None)
    assert counts(rows, AUDITOR, QUESTION, memory=memory) == right


def test_shards_that_differ_by_events_of_no_matter_are_read_from_the_sums(
    connect: Connect, log: Recorder, told: str, rows: Connection[DictRow]
) -> None:
    """A shard is always a little ahead of another; that must not cost what a look into the past does."""
    rows.autocommit = True
    for number in (0, 1):
        Runner(connect, log, graduations.PROJECTION, shard=Shard(number, 2)).catch_up()
    last = rows.execute("SELECT max(changed) AS changed FROM read.projection_position").fetchone()
    assert last is not None and last["changed"] < log.head()
    rows.execute("UPDATE read.projection_position SET position = %s WHERE shard = 0", [last["changed"]])
    before = counts(rows, AUDITOR, QUESTION)[1][0]["count"]
    tamper(told)
    position, (row,) = counts(rows, AUDITOR, QUESTION)
    assert (position, row["count"] > before) == (last["changed"], True)


@pytest.mark.parametrize("forgotten", [0, 1])
def test_the_question_longest_not_asked_is_forgotten(forgotten: int) -> None:
    memory, place = CountMemory(most=2), Where()
    asked = [CountQuestion(year, QUESTION.as_of) for year in (2024, 2025, 2026)]
    for question in asked[:2]:
        memory.keep(question, place, "mark", [])
    memory.recall(asked[1 - forgotten], place, "mark")
    memory.keep(asked[2], place, "mark", [])
    assert [memory.recall(question, place, "mark") is None for question in asked[:2]] == [
        forgotten == 0,
        forgotten == 1,
    ]
    assert memory.recall(asked[2], place, "another mark") is None
