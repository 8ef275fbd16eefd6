"""Data keys in their database: one for each id whoever asks, many by one statement, wrapped in all that is stored."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.ports import Unopenable, Unsealable
from domain.values import Sealed
from infra.keys.cache import KeyCache
from infra.keys.database import KeyDatabase
from infra.keys.gathered import GatheredKeys, KeysTaken
from infra.keys.sealer import Keys

Open = Callable[[], KeyDatabase]
STREAM = uuid4()


def seal(keys: Keys, key: UUID, text: str = "Sri Wahyuni") -> Sealed:
    return keys.seal(text, key=key, stream=STREAM, field="name")


def test_what_one_process_sealed_another_opens_and_seals_alike(open_store: Open) -> None:
    one, other, key = Keys(open_store()), Keys(open_store()), uuid4()
    one.make_keys([key])
    assert other.open(seal(one, key), stream=STREAM, field="name") == "Sri Wahyuni"
    assert seal(other, key) == seal(one, key)
    assert one.digest("nik", "1") == other.digest("nik", "1")
    assert one.fingerprint(b"{}") == other.fingerprint(b"{}")


def test_keys_that_are_made_at_once_by_many_are_the_same_for_all(open_store: Open) -> None:
    stores = [open_store() for _ in range(4)]
    ids = [uuid4() for _ in range(50)]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda number: stores[number % 4].make(ids[number % 7 :]), range(64)))
    assert all(made[id_] == found[0][id_] for made in found for id_ in made)
    assert all(len(made) == len(ids) - number % 7 for number, made in enumerate(found))


def test_two_installations_share_no_key(open_store: Open, keys_url: str) -> None:
    key = uuid4()
    (made,) = open_store().make([key]).values()
    with psycopg.connect(keys_url) as connection:
        connection.execute("DELETE FROM data_keys")
    (again,) = open_store().make([key]).values()
    assert made != again


def test_many_are_made_by_one_statement_and_fetched_by_one(open_store: Open) -> None:
    ids = [uuid4() for _ in range(500)]
    store = open_store()
    keys = Keys(store)
    before = store.executed
    keys.make_keys(ids)
    assert store.executed == before + 1
    boxes = [seal(keys, id_) for id_ in ids]
    keys.forget_keys()
    before = store.executed
    keys.fetch_keys(ids)
    assert [keys.open(box, stream=STREAM, field="name") for box in boxes] == ["Sri Wahyuni"] * 500
    assert store.executed == before + 1


def test_nothing_is_sealed_without_a_key(open_store: Open) -> None:
    store = open_store()
    keys, nobody = Keys(store), uuid4()
    with pytest.raises(Unsealable):
        seal(keys, nobody)
    assert not store.fetch([nobody])


def test_a_key_that_was_destroyed_is_never_made_again(open_store: Open, keys_url: str) -> None:
    keys, key = Keys(open_store()), uuid4()
    with psycopg.connect(keys_url) as connection:
        connection.execute("INSERT INTO destroyed_keys (id) VALUES (%s)", [key])
    for attempt in (lambda: keys.make_keys([key]), lambda: seal(keys, key)):
        with pytest.raises(Unsealable):
            attempt()
    with pytest.raises(Unopenable, match="destroyed"):
        keys.open(Sealed(key, b"\x02" + bytes(80)), stream=STREAM, field="name")


def test_a_key_that_is_there_again_is_not_fetched(open_store: Open, keys_url: str) -> None:
    store, key = open_store(), uuid4()
    store.make([key])
    with psycopg.connect(keys_url) as connection:
        connection.execute("INSERT INTO destroyed_keys (id) VALUES (%s)", [key])
    assert (store.fetch([key]), store.make([key]), store.returned()) == ({}, {}, {key})
    store.destroy([key])
    assert store.returned() == set()


def test_nothing_that_is_stored_is_a_key(open_store: Open, keys_url: str) -> None:
    store = open_store()
    made = store.make([uuid4() for _ in range(20)])
    secrets = store.secrets()
    with psycopg.connect(keys_url) as connection:
        rows = [
            str(row)
            for table in ("data_keys", "intermediate_keys", "secrets", "installation")
            for row in connection.execute(f"SELECT t::text FROM {table} t")
        ]
    plain = [*made.values(), *secrets.index.values(), secrets.fingerprint, bytes(range(32))]
    assert len(rows) == 24
    assert not any(key.hex() in row for key in plain for row in rows)


def test_gathered_keys_are_stored_together_before_what_they_sealed(open_store: Open) -> None:
    store = open_store()
    keys, ids = GatheredKeys(store), [uuid4() for _ in range(30)]
    for id_ in ids:
        keys.make_keys([id_])
    box = seal(keys, ids[3])
    assert not open_store().fetch(ids)
    keys.store()
    assert Keys(open_store()).open(box, stream=STREAM, field="name") == "Sri Wahyuni"
    assert seal(GatheredKeys(store), ids[3]) == box, "a load that is gone on with has the keys that are there"


def test_keys_that_another_process_made_meanwhile_end_a_load(open_store: Open) -> None:
    keys, key = GatheredKeys(open_store()), uuid4()
    keys.make_keys([key])
    open_store().make([key])
    with pytest.raises(KeysTaken):
        keys.store()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_no_key_is_kept_for_longer_than_a_minute_nor_more_than_so_many() -> None:
    clock = Clock()
    cache = KeyCache(most=200, longest=60.0, clock=clock)
    for second in range(300):
        clock.now = float(second)
        ids = [UUID(int=second * 1000 + number) for number in range(3)]
        cache.put({id_: id_.bytes for id_ in ids})
        assert len(cache) <= 200
        assert cache.get(ids[0]) == ids[0].bytes
        for age in (61, 75, 90):
            assert not isinstance(cache.get(UUID(int=(second - age) * 1000 % 2**128)), bytes)
    clock.now += 59
    cache.put({UUID(int=1): b"k"})
    clock.now += 61
    assert not isinstance(cache.get(UUID(int=1)), bytes)
