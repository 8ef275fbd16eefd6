"""The runner: every event once and in order, whatever is killed, repeated, lost or unreadable."""

import threading
import time

import psycopg
import pytest

from infra.event_log.recorder import Recorder
from projections.engine.points import Point
from projections.engine.positions import positions, standings, wait_until
from projections.engine.runner import Connect, Runner, Stopped
from tests.projections.acting import add, each_counted_once, eventually, faulty, query, readable, running
from tests.projections.engine.tally import TALLY, make_tables


@pytest.fixture(autouse=True)
def tables(told: str) -> None:
    make_tables(told)


def test_every_event_is_folded_once_and_the_latest_row_of_a_batch_stands(connect: Connect, log: Recorder) -> None:
    assert Runner(connect, log, TALLY, batch=9).catch_up() == log.head()
    assert each_counted_once(connect, log.head())
    latest = {logged.stream: (logged.topic, logged.version) for logged in log.read(0, 10_000)}
    found = {stream: (topic, events) for stream, topic, events in query(connect, "SELECT * FROM read.tally_latest")}
    assert found == {stream: row for stream, row in latest.items() if row[0] != "household.visited.v1"}


def test_a_batch_that_crashed_before_its_commit_is_folded_again_as_if_for_the_first_time(
    connect: Connect, log: Recorder
) -> None:
    def die(point: Point) -> None:
        if point is Point.AFTER_WRITE:
            raise psycopg.OperationalError("the connection is lost")

    Runner(connect, log, TALLY).catch_up(40)
    with pytest.raises(psycopg.OperationalError):
        Runner(connect, log, TALLY, reached=die).catch_up()
    assert each_counted_once(connect, 40)
    Runner(connect, log, TALLY).catch_up()
    assert each_counted_once(connect, log.head())


def test_a_batch_delivered_again_after_its_commit_is_not_written_again(connect: Connect, log: Recorder) -> None:
    slow = Runner(
        connect, log, TALLY, batch=40, reached=lambda point: overtake() if point is Point.BEFORE_WRITE else None
    )
    other = Runner(connect, log, TALLY, batch=40)

    def overtake() -> None:
        if other.position < 40:
            other.catch_up(40)

    slow.catch_up(40)
    assert (other.folded, slow.folded) == (40, 0)
    assert each_counted_once(connect, 40)
    assert query(connect, "SELECT position FROM read.projection_position WHERE name = 'tally'") == [(40,)]


def test_each_batch_tells_of_its_points_in_their_order(connect: Connect, log: Recorder) -> None:
    seen: list[tuple[Point, int]] = []

    def note(point: Point) -> None:
        ((position,),) = query(connect, "SELECT position FROM read.projection_position WHERE name = 'tally'")
        seen.append((point, position))

    Runner(connect, log, TALLY, batch=20, reached=note).catch_up(40)
    assert seen == [
        (Point.BEFORE_WRITE, 0),
        (Point.AFTER_WRITE, 0),
        (Point.AFTER_COMMIT, 20),
        (Point.BEFORE_WRITE, 20),
        (Point.AFTER_WRITE, 20),
        (Point.AFTER_COMMIT, 40),
    ]


def test_of_two_runners_catching_up_at_once_neither_counts_what_the_other_did(connect: Connect, log: Recorder) -> None:
    runners = [Runner(connect, log, TALLY, batch=3) for _ in range(4)]
    threads = [threading.Thread(target=runner.catch_up) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert each_counted_once(connect, log.head())


def test_one_of_two_runners_leads_and_the_other_takes_over(connect: Connect, log: Recorder, told: str) -> None:
    first, second = Runner(connect, log, TALLY), Runner(connect, log, TALLY)
    with running(first) as stop_first:
        eventually(lambda: first.position == log.head())
        with running(second):
            time.sleep(0.2)
            assert first.leading
            assert not second.leading
            stop_first.set()
            eventually(lambda: second.leading and not first.leading)
            last = readable(told)
            eventually(lambda: second.position == last)
    assert each_counted_once(connect, last)
    assert second.folded == 1


def test_a_notification_is_followed_at_once(connect: Connect, log: Recorder, told: str) -> None:
    runner = Runner(connect, log, TALLY)
    with running(runner):
        eventually(lambda: runner.position == log.head())
        waits = []
        for _ in range(5):
            time.sleep(0.05)
            began = time.monotonic()
            last = readable(told)
            assert wait_until(connect, ["tally"], last, 5)
            waits.append(time.monotonic() - began)
    assert sorted(waits)[2] < 0.3


def test_lost_connections_are_made_anew(connect: Connect, log: Recorder, told: str) -> None:
    runner = Runner(connect, log, TALLY)
    with running(runner):
        eventually(lambda: runner.position == log.head())
        for _ in range(3):
            kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            query(lambda: psycopg.connect(told), f"{kill} AND pid <> pg_backend_pid()")
            last = readable(told)
            assert wait_until(connect, ["tally"], last, 10)
    assert each_counted_once(connect, last)


@pytest.mark.parametrize("batch", [1, 1000])
def test_an_event_of_an_unknown_topic_stops_the_projection_there_with_everything_before_it_folded(
    batch: int, connect: Connect, log: Recorder, told: str
) -> None:
    good = log.head()
    bad = add(told, topic="household.abducted.v1")
    readable(told)
    runner = Runner(connect, log, TALLY, batch=batch)
    with pytest.raises(Stopped) as stopped:
        runner.catch_up()
    assert stopped.value.position == bad == good + 1
    assert each_counted_once(connect, good)
    with connect() as connection:
        (standing,) = standings(connection)
    assert (standing.position, standing.stopped_at_position) == (good, bad)
    assert standing.error is not None
    assert "household.abducted.v1" in standing.error


def test_an_event_that_cannot_be_folded_stops_that_projection_until_it_can(connect: Connect, log: Recorder) -> None:
    projection, faults = faulty(33)
    runner = Runner(connect, log, projection)
    with running(runner):
        eventually(lambda: runner.error)
        assert runner.error is not None
        assert (runner.error.position, runner.position) == (33, 32)
        assert each_counted_once(connect, 32)
        with connect() as connection:
            (standing,) = standings(connection)
            assert (standing.stopped_at_position, standing.error) == (33, "LookupError: no such agency")
        assert not wait_until(connect, ["tally"], 33, 60)
        faults.clear()
        eventually(lambda: runner.position == log.head())
        assert runner.error is None
    assert query(connect, "SELECT error, stopped_at_position FROM read.projection_position") == [(None, None)]
    assert each_counted_once(connect, log.head())


def test_a_row_that_its_table_refuses_stops_the_projection_at_its_event(connect: Connect, log: Recorder) -> None:
    with connect() as connection:
        connection.execute("ALTER TABLE read.tally_pairs ADD CHECK (position <> 33)")
    with pytest.raises(Stopped) as stopped:
        Runner(connect, log, TALLY).catch_up()
    assert stopped.value.position == 33
    assert each_counted_once(connect, 32)
    assert "CheckViolation" in stopped.value.reason


def test_a_column_that_the_table_lacks_is_a_fault(connect: Connect, log: Recorder) -> None:
    with connect() as connection:
        connection.execute("ALTER TABLE read.tally_latest DROP COLUMN events")
    with pytest.raises(Stopped, match="tally_latest has no column events"):
        Runner(connect, log, TALLY).catch_up()


def test_waiting_ends_when_all_are_there_or_time_is_up(connect: Connect, log: Recorder) -> None:
    began = time.monotonic()
    assert not wait_until(connect, ["tally"], 1, 0.2)
    assert 0.1 < time.monotonic() - began < 2
    Runner(connect, log, TALLY).catch_up(10)
    assert wait_until(connect, ["tally"], 10, 0)
    assert not wait_until(connect, ["tally"], 11, 0)
    assert not wait_until(connect, ["tally", "households"], 10, 0)
    with connect() as connection:
        assert positions(connection) == {"tally": 10}
