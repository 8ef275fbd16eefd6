"""Rotations: all that was sealed still opens, whoever is at work meanwhile and wherever one is cut short."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from infra.keys import rotation
from infra.keys.database import KeyDatabase
from infra.keys.encryption import KeyEncryptionError
from infra.keys.installation import ensure_installed
from infra.keys.rotating import RotationRunning
from infra.keys.rotation import rotate, rotate_encryption
from infra.keys.sealer import Keys
from infra.keys.wrapping import MasterKey
from infra.settings import SettingsError
from tests.infra.keys.conftest import MASTER

Open = Callable[[], KeyDatabase]
NEXT = MasterKey(bytes(range(1, 33)))


def quiet(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


class CutShort(BaseException):
    pass


def stored(url: str) -> dict[str, tuple[int, bytes]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT id::text, intermediate, wrapped FROM data_keys"
            " UNION ALL SELECT name, intermediate, wrapped FROM secrets"
        )
        return {name: (number, bytes(wrapped)) for name, number, wrapped in rows}


def intermediates(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM intermediate_keys ORDER BY 1")]


def test_every_key_is_wrapped_anew_and_is_the_same_key(open_store: Open, keys_url: str) -> None:
    store, ids = open_store(), [uuid4() for _ in range(30)]
    keys, secrets, before = store.make(ids), store.secrets(), stored(keys_url)
    assert rotate(keys_url, MASTER, quiet) == 30
    after = stored(keys_url)
    assert {number for number, _ in after.values()} == {2} == set(intermediates(keys_url))
    assert not {wrapped for _, wrapped in after.values()} & {wrapped for _, wrapped in before.values()}
    for each in (store, open_store()):
        assert each.fetch(ids) == keys
        assert each.secrets() == secrets


def test_a_process_that_knows_the_earlier_one_makes_keys_under_the_new(open_store: Open, keys_url: str) -> None:
    store, key = open_store(), uuid4()
    store.make([uuid4()])
    rotate(keys_url, MASTER, quiet)
    made = store.make([key])
    assert stored(keys_url)[str(key)][0] == 2
    assert open_store().fetch([key]) == made


def test_one_that_was_cut_short_is_gone_on_with(
    open_store: Open, keys_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 10)
    store, ids = open_store(), [uuid4() for _ in range(35)]
    keys = store.make(ids)

    def cut_short(done: int, total: int) -> None:
        assert total == 35
        if done == 20:
            raise CutShort

    with pytest.raises(CutShort):
        rotate(keys_url, MASTER, cut_short)
    assert intermediates(keys_url) == [1, 2]
    assert store.fetch(ids) == keys
    assert rotate(keys_url, MASTER, quiet) == 15
    assert intermediates(keys_url) == [2]
    assert open_store().fetch(ids) == keys


def test_keys_are_made_opened_and_destroyed_while_they_are_rotated(
    open_store: Open, keys_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 7)
    store = open_store()
    ids = [uuid4() for _ in range(200)]
    doomed, kept = ids[:50], store.make(ids)
    new = [uuid4() for _ in range(100)]
    with ThreadPoolExecutor(4) as pool:
        rotating = [pool.submit(rotate, keys_url, MASTER, quiet)]
        made = list(pool.map(lambda id_: store.make([id_]), new))
        for id_ in doomed:
            store.destroy([id_])
            assert store.fetch(ids[60:70]) == {other: kept[other] for other in ids[60:70]}
        rotating[0].result()
    after = open_store()
    assert after.fetch(doomed) == {}
    assert after.fetch(ids[50:]) == {id_: kept[id_] for id_ in ids[50:]}
    assert after.fetch(new) == {id_: key for one in made for id_, key in one.items()}
    assert intermediates(keys_url) == [2]


def test_while_one_is_running_no_other_begins(open_store: Open, keys_url: str) -> None:
    ids = [uuid4() for _ in range(3)]
    keys = open_store().make(ids)

    def meanwhile(_done: int, _total: int) -> None:
        with pytest.raises(RotationRunning):
            rotate(keys_url, MASTER, quiet)
        with pytest.raises(RotationRunning):
            rotate_encryption(keys_url, MASTER, NEXT)

    assert rotate(keys_url, MASTER, meanwhile) == 3
    assert rotate(keys_url, MASTER, quiet) == 3
    assert intermediates(keys_url) == [3]
    assert open_store().fetch(ids) == keys


def test_the_key_encryption_key_changes_and_the_earlier_one_opens_nothing_more(
    database: str, open_store: Open, keys_url: str
) -> None:
    key = uuid4()
    made = open_store().make([key])
    assert rotate_encryption(keys_url, MASTER, NEXT) == 1
    assert rotate_encryption(keys_url, MASTER, NEXT) == 0, "the same again changes nothing"
    with pytest.raises(SettingsError):
        ensure_installed(database, keys_url, MASTER)
    ensure_installed(database, keys_url, NEXT)
    with pytest.raises(KeyEncryptionError):
        open_store().fetch([key])
    later = KeyDatabase(keys_url, NEXT)
    assert later.fetch([key]) == made
    later.close()


def test_a_wrong_previous_key_changes_nothing(keys_url: str, open_store: Open) -> None:
    with pytest.raises(KeyEncryptionError):
        rotate_encryption(keys_url, MasterKey(bytes(32)), NEXT)
    assert Keys(open_store()).fingerprint(b"{}")
