"""Rebuilding aside: what differs is found, what is replaced is right, and live runners go on."""

import threading
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from infra.event_log.recorder import Recorder
from projections.engine.comparing import Difference
from projections.engine.place import Divided, alone, divide, held
from projections.engine.rebuild import RebuildRunning, check, rebuild
from projections.engine.runner import Connect, Runner, Stopped
from projections.engine.shard import division
from tests.projections.acting import add, each_counted_once, eventually, faulty, query, readable, running
from tests.projections.engine.tally import TALLY, make_tables


@pytest.fixture(autouse=True)
def tables(told: str, connect: Connect, log: Recorder) -> None:
    make_tables(told)
    Runner(connect, log, TALLY).catch_up()


def quiet(name: str, position: int, target: int) -> None:
    pass


def found(connect: Connect, log: Recorder) -> list[Difference]:
    return check(connect, log, [TALLY], quiet)


def nothing_aside(connect: Connect) -> bool:
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'read_aside' AND tablename LIKE 'tally%'"
    return query(connect, tables) == query(connect, "SELECT 1 FROM read_aside.projection_position") == []


def change(told: str, text: str) -> None:
    with psycopg.connect(told) as connection:
        connection.execute(text)


def test_a_row_changed_one_removed_and_one_added_are_found_on_their_sides(
    connect: Connect, log: Recorder, told: str
) -> None:
    assert found(connect, log) == []
    change(told, "UPDATE read.tally_counts SET times = 99 WHERE topic = 'programme.changed.v1'")
    change(told, "DELETE FROM read.tally_counts WHERE topic = 'agency.registered.v1'")
    change(told, "INSERT INTO read.tally_counts VALUES ('never', 1)")
    assert {d.key["topic"]: (d.live, d.aside) for d in found(connect, log)} == {
        "programme.changed.v1": (
            {"topic": "programme.changed.v1", "times": 99},
            {"topic": "programme.changed.v1", "times": 1},
        ),
        "agency.registered.v1": (None, {"topic": "agency.registered.v1", "times": 2}),
        "never": ({"topic": "never", "times": 1}, None),
    }


def test_a_state_that_differs_is_found_too(connect: Connect, log: Recorder, told: str) -> None:
    one = "(SELECT key FROM read.tally_state ORDER BY key LIMIT 1)"
    change(told, f"UPDATE read.tally_state SET state = '{{\"events\": 0}}' WHERE key = {one}")
    assert [(d.table, d.live and d.live["state"]) for d in found(connect, log)] == [("tally_state", {"events": 0})]


def test_a_check_leaves_nothing_behind_and_tells_how_far_it_is(connect: Connect, log: Recorder) -> None:
    told_of: list[tuple[str, int, int]] = []
    assert check(connect, log, [TALLY], lambda *step: told_of.append(step)) == []
    assert told_of[0] == ("tally", 0, log.head())
    assert told_of[-1] == ("tally", log.head(), log.head())
    assert nothing_aside(connect)


def test_tables_behind_the_log_are_compared_where_they_stand(connect: Connect, log: Recorder, told: str) -> None:
    readable(told)
    assert found(connect, log) == []


def test_checks_while_events_are_logged_and_folded_find_nothing(connect: Connect, log: Recorder, told: str) -> None:
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            readable(told)

    writer = threading.Thread(target=write)
    with running(Runner(connect, log, TALLY)):
        writer.start()
        try:
            for _ in range(3):
                assert found(connect, log) == []
        finally:
            done.set()
            writer.join()


def test_a_rebuild_waits_for_no_session_of_the_one_before_to_end(
    connect: Connect, log: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as ending:

        def lingering() -> Connection[Any]:
            connection = connect()
            ending.callback(connection.close)
            monkeypatch.setattr(connection, "close", lambda: None)
            return connection

        for _ in range(2):
            assert check(lingering, log, [], quiet) == []


def test_a_check_says_that_the_projection_was_divided_meanwhile(connect: Connect, log: Recorder) -> None:
    found: list[BaseException] = []

    def checking() -> None:
        try:
            check(connect, log, [TALLY], quiet)
        except Exception as fault:
            found.append(fault)

    with connect() as dividing:
        alone(dividing, TALLY.name)
        (place,) = held(dividing, TALLY.name).values()
        thread = threading.Thread(target=checking)
        thread.start()
        eventually(lambda: query(connect, "SELECT FROM pg_locks WHERE NOT granted"))
        divide(dividing, TALLY.name, division(2), place)
    thread.join(20)
    assert [type(fault) for fault in found] == [Divided]


def test_a_live_projection_that_stopped_is_reported(connect: Connect, log: Recorder, told: str) -> None:
    good = log.head()
    bad = add(told, topic="household.abducted.v1")
    with pytest.raises(Stopped):
        Runner(connect, log, TALLY).catch_up()
    (difference,) = found(connect, log)
    assert difference.table == "projection_position"
    assert difference.live is not None
    assert (difference.live["position"], difference.live["stopped_at_position"]) == (good, bad)


def test_an_event_that_the_rebuild_cannot_fold_is_reported(connect: Connect, log: Recorder) -> None:
    projection, _ = faulty(20)
    (difference,) = check(connect, log, [projection], quiet)
    assert (difference.table, difference.live) == ("projection_position", None)
    assert difference.aside == {"position": 20, "error": "LookupError: no such agency"}


def test_a_rebuild_replaces_what_is_wrong_and_brings_the_tables_to_the_end_of_the_log(
    connect: Connect, log: Recorder, told: str
) -> None:
    change(told, "UPDATE read.tally_counts SET times = 99")
    change(told, "DELETE FROM read.tally_state")
    last = readable(told)
    rebuild(connect, log, [TALLY], quiet)
    assert each_counted_once(connect, last)
    assert found(connect, log) == []
    with running(runner := Runner(connect, log, TALLY)):
        last = readable(told)
        eventually(lambda: runner.position == last)
    assert each_counted_once(connect, last)


def test_a_rebuild_that_cannot_finish_leaves_the_live_rows_as_they_were(
    connect: Connect, log: Recorder, told: str
) -> None:
    before = query(connect, "SELECT * FROM read.tally_counts ORDER BY 1")
    add(told, topic="household.abducted.v1")
    with pytest.raises(Stopped):
        rebuild(connect, log, [TALLY], quiet)
    assert query(connect, "SELECT * FROM read.tally_counts ORDER BY 1") == before
    assert nothing_aside(connect)


def test_a_second_rebuild_at_once_is_refused(connect: Connect, log: Recorder) -> None:
    refused: list[Any] = []

    def again(name: str, position: int, target: int) -> None:
        with pytest.raises(RebuildRunning) as error:
            found(connect, log)
        refused.append(error.value)

    assert check(connect, log, [TALLY], again) == []
    assert refused
