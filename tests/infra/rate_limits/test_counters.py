"""Counters of what callers ask for: bounded in memory, shared where it matters, and cheap."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from api.rate_limits import Limited
from infra.persistence import reading_parameters
from infra.rate_limits.counters import Bounds, Counters
from infra.rate_limits.in_memory import InMemory
from infra.rate_limits.opened import OpenedLately
from infra.rate_limits.shared import Shared

FEW = Bounds(
    requests_per_minute=5, look_ups_per_hour=5, strangers_per_minute=5, households_per_hour=100, numbers_per_day=5
)
HOUR = 3600


@pytest.fixture
def pool(database: str) -> Iterator[ConnectionPool[Any]]:
    """As the application's, with no more rights than it has."""
    with ConnectionPool(kwargs=reading_parameters(database), min_size=1, max_size=8) as found:
        yield found


@pytest.fixture(params=["in memory", "shared"])
def storage(request: pytest.FixtureRequest, pool: ConnectionPool[Any]) -> InMemory | Shared:
    return InMemory() if request.param == "in memory" else Shared(pool)


def test_hits_add_up_for_each_key_until_its_window_ends(storage: InMemory | Shared) -> None:
    assert [storage.incr("a", HOUR), storage.incr("a", HOUR, 4), storage.incr("b", HOUR)] == [1, 5, 1]
    assert (storage.get("a"), storage.get("none")) == (5, 0)
    assert storage.incr("short", 0) == 1
    assert (storage.get("short"), storage.incr("short", HOUR)) == (0, 1)
    assert storage.check()


def test_a_window_begins_with_its_first_hit_and_is_not_drawn_out(storage: InMemory | Shared) -> None:
    storage.incr("a", HOUR)
    first = storage.get_expiry("a")
    storage.incr("a", 2 * HOUR)
    assert storage.get_expiry("a") == first


def test_keys_can_be_forgotten(storage: InMemory | Shared) -> None:
    storage.incr("a", HOUR)
    storage.incr("b", HOUR)
    storage.clear("a")
    assert (storage.get("a"), storage.get("b")) == (0, 1)
    assert storage.reset() == 1
    assert storage.get("b") == 0


def test_no_hit_of_many_at_once_is_lost(storage: InMemory | Shared) -> None:
    with ThreadPoolExecutor(8) as callers:
        counts = list(callers.map(lambda _: storage.incr("a", HOUR), range(200)))
    assert sorted(counts) == list(range(1, 201))


def test_a_memory_full_of_keys_is_emptied() -> None:
    storage = InMemory(most=10)
    for number in range(1000):
        storage.incr(str(number), HOUR)
    assert 0 < storage.reset() <= 10


def test_a_full_memory_forgets_first_what_has_ended() -> None:
    storage = InMemory(most=10)
    storage.incr("kept", HOUR)
    for number in range(100):
        storage.incr(str(number), 0)
    assert storage.get("kept") == 1


def test_windows_that_have_ended_are_forgotten_in_the_database(
    pool: ConnectionPool[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.rate_limits.shared.FORGOTTEN_EVERY", 3)
    storage = Shared(pool)
    for key in ("a", "b", "c"):
        storage.incr(key, 0)
    storage.incr("d", HOUR)
    with pool.connection() as connection:
        assert [row["key"] for row in connection.execute("SELECT key FROM rate_limits")] == ["d"]


@pytest.mark.parametrize("limited", [Limited.REQUESTS, Limited.STRANGERS, Limited.LOOK_UPS])
def test_beyond_the_bound_one_is_told_how_long_to_wait(pool: ConnectionPool[Any], limited: Limited) -> None:
    counters = Counters(FEW, pool)
    assert [counters.hit(limited, "a") for _ in range(5)] == [None] * 5
    wait = counters.hit(limited, "a")
    assert wait is not None
    assert 0 < wait <= HOUR
    assert counters.hit(limited, "b") is None


def test_strangers_from_however_many_addresses_reset_no_principal(
    pool: ConnectionPool[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InMemory.__init__, "__defaults__", (10,))
    counters = Counters(FEW, pool)
    for _ in range(5):
        counters.hit(Limited.REQUESTS, "a")
    for number in range(50):
        counters.hit(Limited.STRANGERS, str(number))
    assert counters.hit(Limited.REQUESTS, "a") is not None


def test_looking_whether_more_is_allowed_counts_nothing(pool: ConnectionPool[Any]) -> None:
    counters = Counters(FEW, pool)
    assert [counters.spent(Limited.LOOK_UPS, "a") for _ in range(9)] == [None] * 9
    for _ in range(5):
        counters.hit(Limited.LOOK_UPS, "a")
    assert counters.spent(Limited.LOOK_UPS, "a") is not None


def test_processes_count_look_ups_and_households_together(pool: ConnectionPool[Any]) -> None:
    processes = [Counters(FEW, pool) for _ in range(3)]
    looked_up = [processes[number % 3].hit(Limited.LOOK_UPS, "a") for number in range(9)]
    assert [wait is None for wait in looked_up] == [True] * 5 + [False] * 4
    opened = [processes[number % 3].opened("a", [uuid4()]) for number in range(150)]
    assert 70 <= sum(wait is None for wait in opened) <= 100, "a portion of each process may be counted too much"


def test_a_household_opened_again_is_not_counted_again(pool: ConnectionPool[Any]) -> None:
    counters = Counters(FEW, pool)
    own = [uuid4() for _ in range(60)]
    for _ in range(50):
        assert counters.opened("a", own) is None
    assert counters.opened("a", [uuid4() for _ in range(60)]) is not None
    assert counters.opened("a", own) is None, "what was opened before may be opened again"
    assert counters.opened("b", own) is None


def test_nearly_all_answers_cost_no_statement(pool: ConnectionPool[Any]) -> None:
    counters = Counters(Bounds(10**6, 10**6, 10**6, 10**6, 10**6), pool)
    for _ in range(500):
        counters.opened("a", [uuid4()])
    with pool.connection() as connection:
        row = connection.execute("SELECT hits FROM rate_limits").fetchone()
    assert row == {"hits": 500}, "ten portions of fifty"


def test_households_opened_at_once_are_all_counted() -> None:
    lately = OpenedLately(HOUR)
    assert lately.open("a", [], 40) == 0
    with ThreadPoolExecutor(8) as callers:
        lacking = list(callers.map(lambda _: lately.open("a", [uuid4()]), range(100)))
    assert sum(not lack for lack in lacking) == 40


def test_too_many_households_to_remember_are_counted_again() -> None:
    lately = OpenedLately(HOUR, most=10)
    household = uuid4()
    assert lately.open("a", [household], 1) == 0
    assert lately.open("a", [household]) == 0
    assert lately.open("b", [uuid4() for _ in range(20)], 20) == 0
    assert lately.open("a", [household]) == 1


def test_the_counters_of_a_crashed_server_begin_anew_and_no_login_reads_them_but_ours(database: str) -> None:
    with psycopg.connect(database, row_factory=dict_row) as connection:
        found = connection.execute(
            "SELECT relpersistence, relacl::text AS acl FROM pg_class WHERE relname = 'rate_limits'"
        ).fetchone()
    assert found is not None
    assert found["relpersistence"] == "u"
    assert "rujukan_application=arwd/" in found["acl"]
    assert "{=" not in found["acl"] and ",=" not in found["acl"]
