"""What is remembered of figures is what would be read, and is read no more than once."""

from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
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
from projections.graduation_memory import CountMemory, Rows
from projections.graduation_question import Where
from tests.projections.figures import AUDITOR
from tests.projections.test_graduation_ledger import emptied, stories, tell
from tests.projections.test_graduation_sums import OFFICER, set_targets

QUESTION = CountQuestion(2026, date(2026, 12, 31))
COUNTRY = Where()
ASKED: list[dict[str, Any]] = [{}, {"by": "kind"}, {"by": "region"}, {"by": "facilitator"}, {"programme": "pkh"}]
ADMINISTRATOR = Actor("administrator", Role.ADMINISTRATOR)


def tamper(url: str) -> None:
    """Changes the sums behind everyone's back, so that who reads them tells."""
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE read.graduation_totals SET counted = counted + 1000")


@settings(max_examples=25)
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
                position, rows, *_ = counts(connection, AUDITOR, QUESTION, memory=memory)
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


def test_figures_of_the_facilitators_of_a_region_are_remembered_and_their_names_are_not(database: str) -> None:
    memory = CountMemory()
    of_each = replace(QUESTION, by="facilitator", region="33.24")
    with emptied(database) as figures:
        figures.appoint("sari")
        figures.graduate("a", "first", "2026-02-01")
        figures.fold()
        with figures.connect() as connection:
            connection.autocommit = True

            def told() -> tuple[int, str]:
                (row,) = counts(connection, AUDITOR, of_each, memory=memory).rows
                return row["count"], row["region"]

            assert told() == (1, "33.24.04")
            connection.execute("UPDATE read.graduation_credits SET counted = counted + 1000")
            connection.execute("DELETE FROM read.graduation_ledger")
            connection.execute("UPDATE read.facilitators SET region = '33.24.05'")
            assert told() == (1, "33.24.05")
            figures.graduate("b", "second", "2026-02-03")
            figures.fold()
            assert told()[0] != 2, "read from the tables that were tampered with"


def test_a_region_is_told_from_another(database: str) -> None:
    memory = CountMemory()
    with emptied(database) as figures:
        figures.appoint("sari")
        figures.graduate("a", "first", "2026-02-01")
        figures.fold()
        with figures.connect() as connection:
            of_each = replace(QUESTION, by="facilitator")
            officers = [Actor("officer", Role.REGIONAL_OFFICER, region) for region in ("33.24", "33.25", "33.24")]
            assert [len(counts(connection, o, of_each, memory=memory).rows) for o in officers] == [1, 0, 1]


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
    position, (row,), *_ = counts(rows, AUDITOR, QUESTION)
    assert (position, row["count"] > before) == (last["changed"], True)


def answered(rows: int) -> Rows:
    return [{"key": None}] * rows


@pytest.mark.parametrize("forgotten", [0, 1])
def test_the_question_longest_not_asked_is_forgotten(forgotten: int) -> None:
    memory = CountMemory(most_rows=20)
    first, second, third, larger = (CountQuestion(year, QUESTION.as_of) for year in (2023, 2024, 2025, 2026))
    for question in (first, second):
        memory.keep(question, COUNTRY, "mark", answered(2))
    for _ in range(9):
        memory.keep(third, COUNTRY, "mark", answered(2))
    asked_again = (second, first)[forgotten]
    assert memory.recall(asked_again, COUNTRY, "mark") is not None
    for number in range(8):
        memory.keep(CountQuestion(2000 + number, QUESTION.as_of), COUNTRY, "mark", answered(2))
    kept = [memory.recall(question, COUNTRY, "mark") for question in (asked_again, (first, second)[forgotten])]
    assert kept == [answered(2), None]
    memory.keep(larger, COUNTRY, "mark", answered(3))
    assert memory.recall(larger, COUNTRY, "mark") is None, "more than a tenth of what is remembered"


def test_nothing_is_kept_of_tables_that_are_no_more() -> None:
    memory = CountMemory()
    memory.keep(QUESTION, COUNTRY, "before", answered(2))
    assert memory.recall(QUESTION, COUNTRY, "now") is None
    memory.keep(CountQuestion(2025, QUESTION.as_of), COUNTRY, "now", answered(2))
    assert memory.recall(QUESTION, COUNTRY, "before") is None


def test_figures_of_a_backup_put_back_are_not_those_remembered_from_after_it(database: str) -> None:
    """Other events come to the same positions: nothing but the moment of folding tells the two apart."""
    memory = CountMemory()
    answers = []
    for revoked in (False, True):
        with emptied(database) as figures:
            figures.graduate("a", "first", "2026-02-01")
            if revoked:
                figures.revoke("a", "first", "2026-02-02")
            else:
                figures.graduate("b", "second", "2026-02-02")
            figures.fold()
            with figures.connect() as connection:
                answers.append(counts(connection, AUDITOR, QUESTION, memory=memory)[1][0]["count"])
    assert answers == [2, 0]


def test_a_runner_of_an_older_version_folds_no_further(database: str) -> None:
    """It would change rows without a word of it."""
    with psycopg.connect(database) as connection, pytest.raises(psycopg.errors.UndefinedColumn):
        connection.execute("UPDATE read.projection_position SET position = 1, rate = 0, moved_at = now() WHERE false")
