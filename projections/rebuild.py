"""Folds the whole log anew beside the live tables: to compare them with it, or to replace them by it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, IsolationLevel, sql
from psycopg.rows import tuple_row

from projections.comparing import Difference, compare
from projections.log import LogReader
from projections.place import Place, held
from projections.projection import Projection, Table
from projections.runner import Connect, Runner, Stopped
from projections.tables import state_table

LIVE = "read"
ASIDE = "read_aside"
ONE_AT_A_TIME = 0x52554A55_0002
"""An advisory lock: two rebuilds would use the same tables."""
STEP = 20_000
"""Events between two tellings of progress."""
NEAR = 1_000
"""Events that a live runner can be made to wait for."""
POSITIONS = Table("projection_position", ("name",))

Progress = Callable[[str, int, int], None]
"""Told a projection's name, the position reached and the one aimed at."""


class RebuildRunning(Exception):
    """Another process is rebuilding."""

    def __init__(self) -> None:
        super().__init__("Another rebuild is running on this database.")


def check(
    connect: Connect, log: LogReader, projections: Sequence[Projection[Any]], progress: Progress
) -> list[Difference]:
    """What a rebuild would change; empty where the live tables are what the log says.

    Live runners go on meanwhile and wait only for the last few events. A live projection, or the rebuild itself,
    that stopped at an event is a difference too, in the table of positions.
    """
    differences: list[Difference] = []
    with _alone(connect) as connection:
        for projection in projections:
            differences += _stopped_live(connection, projection)
            try:
                differences += _check_one(connect, log, projection, progress)
            except Stopped as stopped:
                found = {"position": stopped.position, "error": stopped.reason}
                differences.append(Difference(POSITIONS.name, {"name": projection.name}, None, found))
    return differences


def rebuild(connect: Connect, log: LogReader, projections: Sequence[Projection[Any]], progress: Progress) -> None:
    """Replaces the rows of these projections by what the log says, each in one transaction.

    Readers see the old rows until then, and live runners wait for the last part. Raises `Stopped`, having changed
    nothing of that projection, where an event cannot be folded.
    """
    with _alone(connect):
        for projection in projections:
            with _aside(connect, projection), _session(connect) as live:
                runner = _caught_up(connect, log, projection, progress)
                with live.transaction():
                    _unhurried(live)
                    place = Place(projection.name, LIVE)
                    old = min(held(live, projection.name).values())
                    new = runner.catch_up()
                    for table in _tables(projection):
                        _replace(live, table)
                    place.move(live, old, new)
            progress(projection.name, new, new)


def _check_one(connect: Connect, log: LogReader, projection: Projection[Any], progress: Progress) -> list[Difference]:
    """The live position is held only until a snapshot shows both sides at it; they are compared in the snapshot."""
    with _aside(connect, projection), _session(connect) as holder, _session(connect) as reader:
        runner = _caught_up(connect, log, projection, progress)
        reader.isolation_level = IsolationLevel.REPEATABLE_READ
        with reader.transaction():
            _unhurried(reader)
            with holder.transaction():
                _unhurried(holder)
                position = min(held(holder, projection.name).values())
                runner.catch_up(position)
                reader.execute("SELECT FROM read.projection_position")
            progress(projection.name, position, position)
            return [found for table in _tables(projection) for found in compare(reader, table, LIVE, ASIDE)]


def _caught_up(connect: Connect, log: LogReader, projection: Projection[Any], progress: Progress) -> Runner[Any]:
    """A runner beside the live one, and no more than `NEAR` events behind it."""
    runner = Runner(connect, log, projection, schema=ASIDE)
    while True:
        with _session(connect) as connection:
            live = Place(projection.name, LIVE).ensure(connection)
        progress(projection.name, runner.position, live)
        if live - runner.position <= NEAR:
            return runner
        runner.catch_up(min(live, runner.position + STEP))


def _stopped_live(connection: Connection[Any], projection: Projection[Any]) -> list[Difference]:
    row = connection.execute(
        "SELECT position, error, stopped_at_position FROM read.projection_position"
        " WHERE name = %s AND error IS NOT NULL",
        [projection.name],
    ).fetchone()
    if row is None:
        return []
    found = dict(zip(("position", "error", "stopped_at_position"), row, strict=True))
    return [Difference(POSITIONS.name, {"name": projection.name}, found, None)]


def _tables(projection: Projection[Any]) -> tuple[Table, ...]:
    return (state_table(projection), *projection.tables)


def _replace(connection: Connection[Any], table: Table) -> None:
    names = {"live": sql.Identifier(LIVE, table.name), "aside": sql.Identifier(ASIDE, table.name)}
    connection.execute(sql.SQL("DELETE FROM {live}").format(**names))
    connection.execute(sql.SQL("INSERT INTO {live} SELECT * FROM {aside}").format(**names))


@contextmanager
def _aside(connect: Connect, projection: Projection[Any]) -> Iterator[None]:
    """Empty tables of the same form beside the live ones, gone at the end."""
    with _session(connect) as connection:
        _drop_aside(connection)
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(ASIDE)))
        for table in (POSITIONS, *_tables(projection)):
            connection.execute(
                sql.SQL("CREATE UNLOGGED TABLE {} (LIKE {} INCLUDING ALL)").format(
                    sql.Identifier(ASIDE, table.name), sql.Identifier(LIVE, table.name)
                )
            )
        try:
            yield
        finally:
            _drop_aside(connection)


def _drop_aside(connection: Connection[Any]) -> None:
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(ASIDE)))


def _unhurried(connection: Connection[Any]) -> None:
    """This transaction may take as long as there are rows."""
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


@contextmanager
def _alone(connect: Connect) -> Iterator[Connection[Any]]:
    with _session(connect) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME]).fetchone()
        if row != (True,):
            raise RebuildRunning
        try:
            yield connection
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


@contextmanager
def _session(connect: Connect) -> Iterator[Connection[Any]]:
    connection = connect()
    try:
        connection.autocommit = True
        connection.row_factory = tuple_row
        yield connection
    finally:
        connection.close()
