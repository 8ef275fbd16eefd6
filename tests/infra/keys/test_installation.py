"""A log, its keys and the key-encryption key belong together: another is noticed before anything is sealed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from infra.bootstrap import composed
from infra.keys.installation import ensure_installed
from infra.keys.wrapping import MasterKey
from infra.postgres.names import beside
from infra.settings import Settings, SettingsError
from tests.conftest import TEMPLATE, fresh
from tests.infra.keys.conftest import MASTER
from tests.infra.test_bootstrap import register_agency


def refused(log: str, keys: str, encryption: MasterKey, because: str) -> None:
    with pytest.raises(SettingsError, match=because) as caught:
        ensure_installed(log, keys, encryption)
    assert "\n" not in str(caught.value)


def test_it_is_begun_once_by_all_who_begin_at_once(database: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ensure_installed(database, beside(database), MASTER), range(8)))
    with psycopg.connect(beside(database)) as connection:
        tables = ("installation", "intermediate_keys", "secrets")
        counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables]
    assert counts == [(1,), (1,), (2,)]


def test_another_key_encryption_key_is_refused(database: str) -> None:
    ensure_installed(database, beside(database), MASTER)
    refused(database, beside(database), MasterKey(bytes(32)), "RUJUKAN_MASTER_KEY")


def test_keys_of_another_log_are_refused_on_either_side(database: str, server: str) -> None:
    ensure_installed(database, beside(database), MASTER)
    with fresh(server, TEMPLATE) as other:
        refused(other, beside(database), MASTER, "do not belong to this log")
        ensure_installed(other, beside(other), MASTER)
        refused(database, beside(other), MASTER, "do not belong to this log")


def test_a_log_that_has_lost_its_keys_is_refused_and_gets_no_new_ones(
    database: str, server: str, tmp_path: Path
) -> None:
    with composed(Settings(home=tmp_path), database) as whole:
        register_agency(whole)
    with fresh(server, TEMPLATE) as other:
        refused(database, beside(other), MASTER, "holds no keys")
        with psycopg.connect(beside(other)) as connection:
            assert connection.execute("SELECT count(*) FROM intermediate_keys").fetchone() == (0,)


def test_one_cut_short_between_the_two_databases_is_completed(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO installation (keys_id) VALUES ('begun')")
    ensure_installed(database, beside(database), MASTER)


def test_a_log_of_development_keys_is_refused(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO installation (master_key_check) VALUES ('derived')")
    refused(database, beside(database), MASTER, "development keys .* Begin anew")
