"""The wall clock of the database's machine is set back while commands are carried out."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import psycopg
from psycopg import sql

from tests.faults.evidence import query
from tests.faults.load import Load


def set_clock(url: str, ahead: timedelta) -> None:
    """For this database alone, by another function in place of the server's own.

    Sessions keep plans with the old one; making a schema has them made anew.
    """
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL allow_system_table_mods = on")
        connection.execute(
            sql.SQL(
                "CREATE OR REPLACE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE"
                " AS $$ SELECT timeofday()::timestamptz + {} $$"
            ).format(sql.Literal(ahead))
        )
        connection.execute("CREATE SCHEMA clock_was_set")
        connection.execute("DROP SCHEMA clock_was_set")


def latest(url: str) -> datetime:
    ((found,),) = query(url, "SELECT max(logged_at) FROM rujukan_events")
    assert isinstance(found, datetime)
    return found


def test_the_moment_logged_stands_still_until_the_clock_is_past_it_again(
    told: str, tmp_path: Path, chance: Random
) -> None:
    back = timedelta(seconds=chance.uniform(60, 86_400))
    with Load(told, tmp_path, chance) as load:
        set_clock(told, -back)
        load.goes_on(2)
        standing = latest(told)
        load.goes_on(5)
        assert latest(told) == standing
        set_clock(told, timedelta(0))
        load.goes_on(5)
        assert latest(told) > standing
        load.end()
    moments = query(told, "SELECT logged_at, max(notification_id) FROM rujukan_events GROUP BY 1 ORDER BY 1")
    for moment, last in moments:
        assert query(told, "SELECT log_position_at(%s)", moment) == [(last,)]
