"""Shards: each event is one shard's, together they write what one alone would, and their number may change."""

import threading
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from infra.event_log.recorder import Recorder
from projections.catalogue import PROJECTIONS
from projections.engine.dividing import divided
from projections.engine.log import Undecodable, Wanted
from projections.engine.place import Divided
from projections.engine.positions import positions, shard_standings, standings, wait_until
from projections.engine.projection import Projection
from projections.engine.runner import Connect, Runner, Stopped
from projections.engine.shard import MOST, Shard, division
from projections.engine.tables import state_table
from tests.projections.acting import add, each_counted_once, eventually, query, readable, running
from tests.projections.engine.tally import TALLY, make_tables


@pytest.fixture(autouse=True)
def tables(told: str) -> None:
    make_tables(told)


def dump(connect: Connect, *projections: Projection[object]) -> dict[str, list[object]]:
    with connect() as connection:
        return {
            table.name: connection.execute(
                sql.SQL("SELECT to_jsonb(t) FROM {} t ORDER BY to_jsonb(t)").format(sql.Identifier("read", table.name))
            ).fetchall()
            for projection in projections
            for table in (state_table(projection), *projection.tables)
        }


def forget(connect: Connect, *projections: Projection[object]) -> None:
    with connect() as connection:
        for projection in projections:
            for table in (state_table(projection), *projection.tables):
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier("read", table.name)))
            connection.execute("DELETE FROM read.projection_position WHERE name = %s", [projection.name])


@pytest.mark.parametrize("of", [1, 2, 3, 7, MOST])
def test_every_key_is_held_by_exactly_one_shard(of: int) -> None:
    for key in (uuid4() for _ in range(300)):
        assert sum(shard.holds(key) for shard in division(of)) == 1


@pytest.mark.parametrize(("number", "of"), [(-1, 2), (2, 2), (0, 0), (0, MOST + 1)])
def test_there_is_no_shard_outside_its_division(number: int, of: int) -> None:
    with pytest.raises(ValueError, match="no shard"):
        Shard(number, of)


def test_the_log_gives_each_shard_its_own_households_with_their_referrals(log: Recorder) -> None:
    every = {logged.position: logged for logged in log.read(0, 10_000)}
    seen: list[int] = []
    for shard in division(3):
        batch = log.batch(0, 10_000, Wanted(shard=shard))
        assert batch.last == log.head()
        for logged in batch.events:
            owner = getattr(logged.event, "household", None) if logged.topic.startswith("referral.") else logged.stream
            assert isinstance(owner, UUID)
            assert shard.holds(owner)
            assert logged == every[logged.position]
        seen += [logged.position for logged in batch.events]
    assert sorted(seen) == sorted(every)


def test_shards_write_together_what_one_runner_writes_alone(connect: Connect, log: Recorder) -> None:
    for projection in PROJECTIONS:
        Runner(connect, log, projection).catch_up()
    expected = dump(connect, *PROJECTIONS)
    forget(connect, *PROJECTIONS)
    for projection in PROJECTIONS:
        for shard in division(3):
            Runner(connect, log, projection, shard=shard, batch=50).catch_up()
    assert dump(connect, *PROJECTIONS) == expected


def test_shards_at_once_add_to_the_same_rows_without_standing_in_each_others_way(
    connect: Connect, log: Recorder
) -> None:
    runners = [Runner(connect, log, TALLY, batch=2, shard=shard) for shard in division(4)]
    faults: list[Exception] = []

    def catch_up(runner: Runner[object]) -> None:
        try:
            runner.catch_up()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=catch_up, args=[runner]) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert each_counted_once(connect, log.head())


def test_an_event_that_cannot_be_read_stops_the_shard_of_its_household_alone(
    connect: Connect, log: Recorder, told: str
) -> None:
    good = log.head()
    bad = add(told, state="{}")
    ((stream,),) = query(connect, f"SELECT stream FROM log WHERE position = {bad}")
    last = readable(told)
    (stopping,) = [shard for shard in division(2) if shard.holds(stream)]
    (going,) = [shard for shard in division(2) if not shard.holds(stream)]
    assert Runner(connect, log, TALLY, shard=going).catch_up() == last
    with pytest.raises(Stopped):
        Runner(connect, log, TALLY, shard=stopping).catch_up()
    with connect() as connection:
        (whole,) = standings(connection)
        assert (whole.position, whole.stopped_at_position) == (good, bad)
        assert {s.part: s.position for s in shard_standings(connection)} == {stopping: good, going: last}
    assert not wait_until(connect, ["tally"], last, 60)


def test_an_unknown_topic_stops_every_shard_for_it_may_be_anyones(log: Recorder, told: str) -> None:
    bad = add(told, topic="household.abducted.v1")
    for shard in division(2):
        with pytest.raises(Undecodable) as unknown:
            log.batch(bad - 1, 10, Wanted(shard=shard))
        assert unknown.value.position == bad


def test_a_projection_is_as_far_as_the_last_of_its_shards(connect: Connect, log: Recorder) -> None:
    first, second = (Runner(connect, log, TALLY, shard=shard) for shard in division(2))
    first.catch_up()
    with connect() as connection:
        assert positions(connection) == {"tally": 0}
    assert not wait_until(connect, ["tally"], 30, 0)
    second.catch_up(30)
    assert wait_until(connect, ["tally"], 30, 0)
    with connect() as connection:
        assert positions(connection) == {"tally": 30}


def test_a_runner_of_another_division_folds_nothing(connect: Connect, log: Recorder) -> None:
    Runner(connect, log, TALLY, shard=Shard(0, 3)).catch_up(10)
    for shard in (Shard(0, 1), Shard(1, 2)):
        with pytest.raises(Divided, match="tally is divided into 3 shards"):
            Runner(connect, log, TALLY, shard=shard).catch_up()


@pytest.mark.parametrize("numbers", [(3, 2, 1), (2, 5), (1, 4)])
def test_dividing_anew_brings_the_old_shards_to_one_position_and_loses_nothing(
    numbers: tuple[int, ...], connect: Connect, log: Recorder, told: str
) -> None:
    for into in numbers:
        divided(connect, log, TALLY, into)
        assert not divided(connect, log, TALLY, into)
        for shard in division(into):
            Runner(connect, log, TALLY, shard=shard, batch=10).catch_up(log.head() - 3 * shard.number)
        readable(told)
    divided(connect, log, TALLY, 1)
    assert each_counted_once(connect, Runner(connect, log, TALLY).catch_up())


def test_dividing_while_others_follow_ends_their_runners_at_a_batch_and_loses_nothing(
    connect: Connect, log: Recorder, told: str
) -> None:
    old = [Runner(connect, log, TALLY, batch=5, shard=shard) for shard in division(2)]
    with running(*old):
        eventually(lambda: all(runner.position > 0 for runner in old))
        assert divided(connect, log, TALLY, 3)
    new = [Runner(connect, log, TALLY, shard=shard) for shard in division(3)]
    with running(*new):
        last = readable(told)
        assert wait_until(connect, ["tally"], last, 10)
    assert each_counted_once(connect, last)


def test_a_shard_that_has_stopped_keeps_its_projection_as_it_is_divided(
    connect: Connect, log: Recorder, told: str
) -> None:
    Runner(connect, log, TALLY, shard=Shard(0, 2)).catch_up()
    Runner(connect, log, TALLY, shard=Shard(1, 2)).catch_up()
    bad = add(told, state="{}")
    ((stream,),) = query(connect, f"SELECT stream FROM log WHERE position = {bad}")
    readable(told)
    (going,) = [shard for shard in division(2) if not shard.holds(stream)]
    Runner(connect, log, TALLY, shard=going).catch_up()
    with pytest.raises(Stopped):
        divided(connect, log, TALLY, 3)
    with psycopg.connect(told) as connection:
        assert {s.shards for s in shard_standings(connection)} == {2}
