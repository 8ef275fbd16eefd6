"""Logs to measure on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time

import psycopg
from psycopg import sql

from domain.deadlines import Days
from infra.event_log.bulk import Bulk
from infra.indonesia import Indonesia
from infra.keys.database import KeyDatabase
from infra.keys.gathered import GatheredKeys
from infra.keys.installation import ensure_installed
from infra.keys.wrapping import MasterKey
from infra.persistence import persistence_environment
from infra.postgres.names import beside
from infra.sample.loading import load
from infra.working_days import WorkingDays
from tests.bench.bench import MASTER_KEY

DAY = date(2026, 6, 30)
"""Today, wherever something is measured: the same log on every machine and day."""
ENCRYPTION = MasterKey(MASTER_KEY)


class OnTheDay:
    """The time port: it is always noon in Jakarta, of the day that everything is measured on."""

    def today(self) -> date:
        return DAY

    def now(self) -> datetime:
        return datetime.combine(DAY, time(5), UTC)


@contextmanager
def keys_of(url: str) -> Iterator[GatheredKeys]:
    """The keys to this log, which may be begun by that."""
    ensure_installed(url, beside(url), ENCRYPTION)
    database = KeyDatabase(beside(url), ENCRYPTION)
    try:
        yield GatheredKeys(database)
    finally:
        database.close()


def load_sample(url: str, seed: int) -> int:
    """The sample of 546 households of one subdistrict over two years, and the position of its end."""
    with keys_of(url) as keys, Bulk(persistence_environment(url), before=keys.store) as application:
        return load(
            application,
            keys,
            Indonesia(),
            WorkingDays(None),
            Days(),
            seed=seed,
            today=DAY,
            progress=lambda _done, _of: None,
        ).position


def copy_to_library(url: str, table: str, until: int | None = None) -> None:
    """The same events at the same positions in a table of the library's."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "INSERT INTO {table} (originator_id, originator_version, topic, state, notification_id)"
                " SELECT originator_id, originator_version, topic, state, notification_id FROM rujukan_events"
                " WHERE notification_id <= coalesce(%s, notification_id) ORDER BY notification_id"
            ).format(table=sql.Identifier(table)),
            [until],
        )
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({literal}, 'notification_id'),"
                    " coalesce(max(notification_id), 1)) FROM {table}").format(
                literal=sql.Literal(table), table=sql.Identifier(table)
            )
        )  # fmt: skip
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
        connection.execute("ANALYZE rujukan_events")
