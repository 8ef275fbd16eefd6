"""Followers divide the shards among themselves, as they come and go."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from infra.event_log.recorder import Recorder
from projections.engine.dividing import divided
from projections.engine.follower import Follower
from projections.engine.positions import wait_until
from projections.engine.runner import Connect
from projections.engine.shard import Shard, division
from tests.projections.acting import each_counted_once, eventually, query, readable
from tests.projections.engine.tally import TALLY, make_tables


@pytest.fixture(autouse=True)
def tables(told: str) -> None:
    make_tables(told)


class Process:
    """A follower, with the shards that it runs now."""

    def __init__(self, connect: Connect, log: Recorder) -> None:
        self.held: set[Shard] = set()
        self.stop = threading.Event()
        follower = Follower(connect, log, [TALLY], told=self._told)
        self.thread = threading.Thread(target=follower.run, args=(self.stop,))

    def _told(self, _name: str, shard: Shard, here: bool) -> None:
        (self.held.add if here else self.held.discard)(shard)


@contextmanager
def following(*processes: Process) -> Iterator[None]:
    for process in processes:
        process.thread.start()
    try:
        yield
    finally:
        for process in processes:
            process.stop.set()
        for process in processes:
            process.thread.join(20)
            assert not process.thread.is_alive()
            assert not process.held


def dealt(into: int, *processes: Process) -> bool:
    """Whether each shard is run by one, and nobody runs two more than another."""
    held = [shard for process in processes for shard in set(process.held)]
    sizes = [len(process.held) for process in processes]
    return sorted(held) == list(division(into)) and max(sizes) - min(sizes) <= 1


def test_a_follower_runs_a_projection_that_never_ran_as_one_shard(connect: Connect, log: Recorder) -> None:
    process = Process(connect, log)
    with following(process):
        assert wait_until(connect, ["tally"], log.head(), 20)
        assert process.held == {Shard(0, 1)}
    assert each_counted_once(connect, log.head())


def test_followers_share_the_shards_and_take_over_those_of_one_that_leaves(
    connect: Connect, log: Recorder, told: str
) -> None:
    divided(connect, log, TALLY, 4)
    first, second, third = (Process(connect, log) for _ in range(3))
    with following(first):
        eventually(lambda: dealt(4, first))
        with following(second):
            eventually(lambda: dealt(4, first, second))
            with following(third):
                eventually(lambda: dealt(4, first, second, third))
                last = readable(told)
                assert wait_until(connect, ["tally"], last, 20)
            eventually(lambda: dealt(4, first, second))
        eventually(lambda: dealt(4, first))
        last = readable(told)
        assert wait_until(connect, ["tally"], last, 20)
    assert each_counted_once(connect, last)


def test_followers_go_on_with_the_new_shards_when_a_projection_is_divided(
    connect: Connect, log: Recorder, told: str
) -> None:
    first, second = Process(connect, log), Process(connect, log)
    with following(first, second):
        for into in (3, 2):
            divided(connect, log, TALLY, into)
            eventually(lambda into=into: dealt(into, first, second))  # type: ignore[misc]
            last = readable(told)
            assert wait_until(connect, ["tally"], last, 20)
    assert each_counted_once(connect, last)


def test_every_session_lost_at_once_leaves_the_shards_shared_as_before(
    connect: Connect, log: Recorder, told: str
) -> None:
    divided(connect, log, TALLY, 4)
    first, second = Process(connect, log), Process(connect, log)
    with following(first, second):
        eventually(lambda: dealt(4, first, second))
        with suppress(psycopg.Error):
            kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            query(connect, f"{kill} AND pid <> pg_backend_pid()")
        last = readable(told)
        assert wait_until(connect, ["tally"], last, 20)
        eventually(lambda: dealt(4, first, second))
    assert each_counted_once(connect, last)
