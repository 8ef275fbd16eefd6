"""A rebuild that was killed is gone on with; by other code or into other tables it begins anew."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.event_log.recorder import Recorder
from infra.rebuild_workers import WorkerLost, Workers
from projections.engine.aside import ASIDE, dropped, prepared
from projections.engine.log import LoggedEvent
from projections.engine.projection import Projection
from projections.engine.rebuild import check, rebuild
from projections.engine.runner import Connect, Runner, Stopped
from projections.engine.shard import Shard, division
from tests.projections.acting import add, each_counted_once, query
from tests.projections.engine.killed_rebuild import REACHED
from tests.projections.engine.tally import TALLY, fold, make_tables

LIVE_AT = 20
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def tables(told: str, connect: Connect, log: Recorder) -> None:
    make_tables(told)
    Runner(connect, log, TALLY).catch_up()


@pytest.fixture
def killed(told: str) -> None:
    """A rebuild of the tally was killed at position 40."""
    words = [sys.executable, "-m", "tests.projections.engine.killed_rebuild", told]
    process = subprocess.run(words, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert process.returncode == -signal.SIGKILL, process.stderr


def begun_at(work: Callable[..., object], connect: Connect, log: Recorder, projection: Projection[Any]) -> int:
    """The position at which a rebuild begins."""
    seen: list[int] = []
    work(connect, log, [projection], lambda _name, position, _target: seen.append(position))
    return seen[0]


@pytest.mark.usefixtures("killed")
@pytest.mark.parametrize("work", [check, rebuild])
def test_a_killed_rebuild_is_gone_on_with(work: Callable[..., object], connect: Connect, log: Recorder) -> None:
    assert begun_at(work, connect, log, TALLY) == REACHED
    assert each_counted_once(connect, log.head())
    assert begun_at(work, connect, log, TALLY) == 0


def test_one_that_was_brought_on_past_the_live_tables_begins_anew(connect: Connect, log: Recorder) -> None:
    """They may stand anywhere: nothing follows, or they have stopped. What they are yet to fold is no difference."""
    with connect() as connection:
        prepared(connection, TALLY, 1, log)
    Runner(connect, log, TALLY, ASIDE, shard=Shard(0, 1)).catch_up()
    with connect() as connection:
        connection.execute("TRUNCATE read.tally_counts, read.tally_latest, read.tally_pairs, read.tally_state")
        connection.execute("UPDATE read.projection_position SET position = 0, changed = 0 WHERE name = 'tally'")
    Runner(connect, log, TALLY).catch_up(LIVE_AT)
    assert check(connect, log, [TALLY], lambda *_: None) == []


def counted_twice(state: Any, logged: LoggedEvent) -> Any:
    state, changes = fold(state, logged)
    return state, [*changes, changes[0]]


@pytest.mark.usefixtures("killed")
def test_by_another_fold_it_begins_anew(connect: Connect, log: Recorder) -> None:
    assert begun_at(check, connect, log, replace(TALLY, fold=counted_twice)) == 0


@pytest.mark.usefixtures("killed")
def test_into_tables_of_another_form_it_begins_anew(connect: Connect, log: Recorder) -> None:
    with connect() as connection:
        connection.execute("CREATE INDEX ON read.tally_latest (topic)")
    assert begun_at(rebuild, connect, log, TALLY) == 0
    assert each_counted_once(connect, log.head())


@pytest.mark.usefixtures("killed")
def test_after_a_crash_of_the_server_which_empties_unlogged_tables_it_begins_anew(
    connect: Connect, log: Recorder
) -> None:
    unlogged = "SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'"
    emptied = query(connect, f"{unlogged} AND relnamespace = 'read_aside'::regnamespace")
    assert {"projection_position", "rebuild", "tally_counts", "tally_state"} <= {name for (name,) in emptied}
    with connect() as connection:
        connection.execute(f"TRUNCATE {', '.join(f'read_aside.{name}' for (name,) in emptied)}")
    assert begun_at(rebuild, connect, log, TALLY) == 0
    assert each_counted_once(connect, log.head())


def folded_by_two(connect: Connect, log: Recorder, told: str, projection: Projection[Any] = TALLY) -> dict[Shard, int]:
    """Where two worker processes have brought the two shards of a rebuild."""
    with connect() as connection:
        prepared(connection, projection, 2, log)
    ends = dict.fromkeys(division(2), log.head())
    Workers(told, 2)(projection, ends, lambda: None)
    places = query(connect, "SELECT shard, shards, position FROM read_aside.projection_position")
    return {Shard(number, of): position for number, of, position in places}


def test_worker_processes_share_the_shards(connect: Connect, log: Recorder, told: str) -> None:
    assert folded_by_two(connect, log, told) == dict.fromkeys(division(2), log.head())
    same = "SELECT count(*) FROM read.tally_counts JOIN read_aside.tally_counts USING (topic, times)"
    assert query(connect, same) == query(connect, "SELECT count(*) FROM read.tally_counts")
    assert rebuild(connect, log, [TALLY], lambda *_: None, workers=2, fold=Workers(told, 2)) == []


def test_an_event_that_a_worker_cannot_fold_stops_the_rebuild_there(connect: Connect, log: Recorder, told: str) -> None:
    bad = add(told, topic="household.abducted.v1")
    with pytest.raises(Stopped) as stopped:
        folded_by_two(connect, log, told)
    assert (stopped.value.projection, stopped.value.position) == ("tally", bad)


def dying(state: Any, logged: LoggedEvent) -> Any:
    """A fold that takes its process with it; in a worker alone."""
    signal.raise_signal(signal.SIGKILL)


def test_a_worker_that_is_killed_is_told_and_what_it_did_is_kept(connect: Connect, log: Recorder, told: str) -> None:
    with pytest.raises(WorkerLost):
        folded_by_two(connect, log, told, replace(TALLY, fold=dying))
    with psycopg.connect(told) as connection:
        dropped(connection, TALLY)
    assert folded_by_two(connect, log, told) == dict.fromkeys(division(2), log.head())
