"""A writer that falls silent in the middle of an append, for a minute, holding whatever an append holds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from infra.persistence import IDLE_IN_TRANSACTION_TIMEOUT
from tests.faults.load import Load
from tests.faults.mishaps import Stall
from tests.faults.programs import eventually
from tests.faults.relay import Relay

NO_LIMITS = "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0 -c lock_timeout=0"
SLACK = 10.0
"""Seconds; a busy machine needs some."""
SHORT_PATIENCE = "-c lock_timeout=700ms"
"""Instead of the ten seconds of a session that is told nothing."""


def test_a_writer_idle_in_its_transaction_is_cut_off_and_the_others_go_on(
    told: str, tmp_path: Path, chance: Random
) -> None:
    stall = Stall()
    with Relay(told, stall) as relay, Load(told, tmp_path, chance) as load:
        others = list(load.writers)
        idle = load.add_writer(relay.url)
        eventually(stall.held.is_set, otherwise=idle.said)
        began = time.monotonic()
        load.goes_on(writers=others)
        assert time.monotonic() - began < IDLE_IN_TRANSACTION_TIMEOUT + SLACK
        assert stall.cut_by_server.is_set()
        load.goes_on(writers=[idle])
        load.end()
        assert load.failures([*others, idle]) == [], "it is carried out again on another session"


@contextmanager
def a_writer_without_limits(load: Load) -> Iterator[None]:
    stall = Stall()
    with Relay(make_conninfo(load.url, options=NO_LIMITS), stall) as relay:
        idle = load.add_writer(relay.url)
        eventually(stall.held.is_set, otherwise=idle.said)
        yield
        load.kill_writer(idle)
        stall.released.set()


@contextmanager
def a_person_who_locks_the_log(load: Load) -> Iterator[None]:
    with psycopg.connect(load.url) as connection:
        connection.execute("LOCK TABLE rujukan_events IN EXCLUSIVE MODE")
        yield


@pytest.mark.parametrize("holding", [a_writer_without_limits, a_person_who_locks_the_log])
def test_behind_a_lock_that_nothing_ends_commands_fail_with_a_clear_error_and_go_on_when_it_is_gone(
    holding: type, told: str, tmp_path: Path, chance: Random
) -> None:
    impatient = make_conninfo(told, options=SHORT_PATIENCE)
    with Load(told, tmp_path, chance, through=impatient) as load:
        others = list(load.writers)
        with holding(load):
            eventually(lambda: all(load.failed([writer]) for writer in others), within=10)
            acknowledged = load.acknowledged(others)
            time.sleep(0.5)
            assert load.acknowledged(others) == acknowledged
        load.goes_on(writers=others)
        load.end()
        assert all("lock timeout" in failure for failure in load.failures(others))
        load.assert_nothing_is_there_of_what_failed()
