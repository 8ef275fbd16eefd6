"""The composition: what it is given and nothing else."""

import time
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from domain.codes import AgencyKind
from domain.values import Actor, Command, Role
from infra.bootstrap import Composed, composed
from infra.event_log.mapper import EventMapper
from infra.event_log.recorder import Recorder
from infra.keys.sealer import Keys
from infra.settings import Settings, SettingsError
from infra.time import FixedTime

TODAY = date(2026, 6, 15)

HOSTILE = {
    "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
    "RUJUKAN_POSTGRES_ENABLE_DB_FUNCTIONS": "y",
    "MAPPER_TOPIC": "eventsourcing.persistence:Mapper",
    "RUJUKAN_MAPPER_TOPIC": "eventsourcing.persistence:Mapper",
    "COMPRESSOR_TOPIC": "zlib",
    "CIPHER_TOPIC": "eventsourcing.cipher:AESCipher",
    "CIPHER_KEY": "MDEyMzQ1Njc4OWFiY2RlZg==",
    "TRANSCODER_TOPIC": "no.such:Transcoder",
    "IS_SNAPSHOTTING_ENABLED": "y",
    "PERSISTENCE_MODULE": "eventsourcing.popo",
    "APPLICATION_RECORDER_TOPIC": "eventsourcing.postgres:PostgresApplicationRecorder",
    "POSTGRES_SCHEMA": "elsewhere",
    "POSTGRES_DBNAME": "another",
    "CREATE_TABLE": "y",
    "AGGREGATE_CACHE_MAXSIZE": "10",
    "ORIGINATOR_ID_TYPE": "text",
}


def register_agency(whole: Composed) -> None:
    command = Command(uuid4(), Actor("a", Role.ADMINISTRATOR), TODAY, TODAY)
    kind = AgencyKind.LOCAL_GOVERNMENT
    whole.services.application.register_agency(command, uuid4(), name="Dinas Sosial", kind=kind)


def test_nothing_of_the_environment_reaches_the_event_library(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    with composed(Settings(home=tmp_path), database) as whole:
        application = whole.services.application
        assert not HOSTILE.keys() & {k for k, v in application.env.items() if v == HOSTILE.get(k)}
        assert type(application.mapper) is EventMapper
        assert (application.mapper.compressor, application.mapper.cipher) == (None, None)
        assert type(application.recorder) is Recorder
        assert not application.recorder.datastore.enable_db_functions
        assert application.snapshots is None
        assert application.repository.cache is None
        register_agency(whole)
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT position, topic, state ->> 'name' FROM log").fetchone()
        tables = connection.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'es_insert%'").fetchone()
    assert row == (1, "agency.registered.v1", "Dinas Sosial")
    assert tables == (0,)


def test_a_database_opens_only_under_the_key_that_it_was_begun_with(database: str, tmp_path: Path) -> None:
    first, second = Settings(home=tmp_path / "first"), Settings(home=tmp_path / "second")
    with composed(first, database) as whole:
        register_agency(whole)
    with pytest.raises(SettingsError, match="RUJUKAN_MASTER_KEY") as caught, composed(second, database):
        pass
    assert "\n" not in str(caught.value)
    with composed(first, database) as whole:
        assert isinstance(whole.services.sealer, Keys)
        assert whole.recorder.head() == 1


def test_the_time_given_is_the_time_of_everything(database: str, tmp_path: Path) -> None:
    with composed(Settings(home=tmp_path), database, time=FixedTime(TODAY)) as whole:
        assert whole.services.time.today() == TODAY


def test_nothing_stays_open_behind_it(database: str, tmp_path: Path) -> None:
    with composed(Settings(home=tmp_path), database) as whole:
        register_agency(whole)
        with whole.recorder.claiming("c", "r", "k") as ours, whole.services.pool.connection():
            assert ours
    with psycopg.connect(database, autocommit=True) as connection:

        def others() -> list[tuple[Any, ...]]:
            query = "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
            return connection.execute(f"{query} AND pid <> pg_backend_pid()").fetchall()

        deadline = time.monotonic() + 5
        while others() and time.monotonic() < deadline:  # a session ends a little after its connection
            time.sleep(0.01)
        assert others() == []
