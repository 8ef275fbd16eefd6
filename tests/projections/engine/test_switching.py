"""The switch to rebuilt tables: readers see the old or the new, and the new are what migrations made."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from infra.event_log.recorder import Recorder
from projections.catalogue import PROJECTIONS
from projections.engine.dividing import divided
from projections.engine.place import division_of
from projections.engine.rebuild import check, rebuild
from projections.engine.runner import Connect, Runner
from projections.engine.shard import division
from tests.projections.acting import each_counted_once, query, readable, running
from tests.projections.engine.tally import TALLY, make_tables


@pytest.fixture(autouse=True)
def tables(told: str, connect: Connect, log: Recorder) -> None:
    make_tables(told)
    Runner(connect, log, TALLY).catch_up()


def quiet(name: str, position: int, target: int) -> None:
    pass


FORM = """
SELECT c.relname, c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), c.relacl::text, c.reloptions,
       (SELECT array_agg(a.attname || format_type(a.atttypid, a.atttypmod) || a.attnotnull ORDER BY a.attname)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       (SELECT array_agg(k.conname || pg_get_constraintdef(k.oid) ORDER BY k.conname)
        FROM pg_constraint k WHERE k.conrelid = c.oid),
       (SELECT pg_get_indexdef(c.oid) WHERE c.relkind = 'i')
FROM pg_class c WHERE c.relnamespace = 'read'::regnamespace ORDER BY c.relname
"""


@contextmanager
def reading(connect: Connect, text: str) -> Iterator[list[tuple[Any, ...]]]:
    """Asks again and again on another thread; what is yielded takes the answers, and faults as they come."""
    stop = threading.Event()
    answers: list[tuple[Any, ...]] = []

    def read() -> None:
        with connect() as connection:
            connection.autocommit = True
            while not stop.is_set():
                try:
                    answers.extend(connection.execute(sql.SQL(text), prepare=True).fetchall())
                except psycopg.Error as fault:
                    answers.append((fault,))
                    return

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_the_new_tables_have_the_names_indexes_owners_privileges_and_options_of_the_old(
    connect: Connect, log: Recorder, told: str
) -> None:
    with psycopg.connect(told) as connection:
        connection.execute("CREATE ROLE some_reader")
        connection.execute("GRANT SELECT ON read.tally_counts TO some_reader")
        connection.execute("GRANT SELECT ON read.tally_latest TO PUBLIC")
        connection.execute("ALTER TABLE read.tally_latest SET (fillfactor = 80)")
        connection.execute("CREATE INDEX tally_latest_topic_idx ON read.tally_latest (topic) INCLUDE (events)")
        connection.execute("ALTER TABLE read.tally_pairs ADD CONSTRAINT tally_pairs_positive CHECK (position > 0)")
    try:
        before = query(connect, FORM)
        rebuild(connect, log, [TALLY, *PROJECTIONS], quiet)
        assert query(connect, FORM) == before
        assert check(connect, log, [TALLY, *PROJECTIONS], quiet) == []
    finally:
        with psycopg.connect(told) as connection:
            connection.execute("DROP OWNED BY some_reader")
            connection.execute("DROP ROLE some_reader")


def test_readers_meet_no_fault_and_no_half_state_while_tables_are_switched(
    connect: Connect, log: Recorder, told: str
) -> None:
    ask = (
        "SELECT (SELECT sum(times) FROM read.tally_counts), (SELECT count(*) FROM read.tally_pairs),"
        " (SELECT sum((state ->> 'events')::int) FROM read.tally_state),"
        " (SELECT position FROM read.projection_position WHERE name = 'tally')"
    )
    with running(Runner(connect, log, TALLY)), reading(connect, ask) as answers:
        for _ in range(5):
            readable(told)
            rebuild(connect, log, [TALLY], quiet)
        last = readable(told)
        rebuild(connect, log, [TALLY], quiet)
    assert len(answers) > 20
    assert {len(set(answer)) for answer in answers} == {1}
    assert each_counted_once(connect, last)


def test_a_long_reader_holds_up_the_switch_but_neither_other_readers_nor_the_runner(
    connect: Connect, log: Recorder, told: str
) -> None:
    with running(Runner(connect, log, TALLY)), connect() as long_reader:
        long_reader.execute("SELECT count(*) FROM read.tally_counts")
        rebuilding = threading.Thread(target=rebuild, args=(connect, log, [TALLY], quiet))
        rebuilding.start()
        longest = 0.0
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            began = time.monotonic()
            assert query(connect, "SELECT count(*) FROM read.tally_counts")
            longest = max(longest, time.monotonic() - began)
        assert rebuilding.is_alive()
        assert longest < 1
        long_reader.rollback()
        rebuilding.join(30)
        assert not rebuilding.is_alive()
    assert each_counted_once(connect, log.head())


@pytest.mark.parametrize("workers", [1, 4])
def test_a_rebuild_works_whatever_the_number_of_live_shards(workers: int, connect: Connect, log: Recorder) -> None:
    divided(connect, log, TALLY, 3)
    for shard in division(3):
        Runner(connect, log, TALLY, shard=shard).catch_up(log.head() - 20 * shard.number)
    assert check(connect, log, [TALLY], quiet, workers=workers) == []
    with connect() as connection:
        connection.execute("UPDATE read.tally_latest SET events = 99")
    found = rebuild(connect, log, [TALLY], quiet, workers=workers)
    assert found.counts.keys() == {"tally_latest"}
    with connect() as connection:
        assert division_of(connection, "tally") == 3
    assert each_counted_once(connect, log.head())
    assert check(connect, log, [TALLY], quiet) == []


def test_every_row_that_differs_is_counted_by_table(connect: Connect, log: Recorder) -> None:
    with connect() as connection:
        connection.execute("UPDATE read.tally_counts SET times = times + 1")
        connection.execute("DELETE FROM read.tally_pairs WHERE position <= 7")
    found = check(connect, log, [TALLY], quiet)
    ((counts,),) = query(connect, "SELECT count(*) FROM read.tally_counts")
    assert found.counts == {"tally_counts": counts, "tally_pairs": 7}
    assert len(found) == counts + 7


def test_the_next_migration_applies_to_switched_tables(connect: Connect, log: Recorder, told: str) -> None:
    rebuild(connect, log, PROJECTIONS, quiet)
    with psycopg.connect(told) as connection:
        connection.execute("ALTER TABLE read.households RENAME CONSTRAINT households_pkey TO households_key")
        connection.execute("ALTER INDEX read.households_region_idx RENAME TO households_by_region")
        connection.execute("ALTER TABLE read.households ADD COLUMN another int")
