"""The tables of a rebuild: beside the live ones and of their form, until they are dropped or take their place."""

from typing import Any

from psycopg import Connection, sql
from psycopg.rows import tuple_row

from projections.engine.fingerprint import mark_of
from projections.engine.place import divide, division_of
from projections.engine.projection import Projection, Table
from projections.engine.shard import Shard, division
from projections.engine.tables import state_table

LIVE = "read"
ASIDE = "read_aside"
ASIDE_PLACES = sql.Identifier(ASIDE, "projection_position")


def tables_of(projection: Projection[Any]) -> tuple[Table, ...]:
    return (state_table(projection), *projection.tables)


def prepared(connection: Connection[Any], projection: Projection[Any], into: int, log: object) -> tuple[Shard, ...]:
    """The shards in which the rebuild is made: `into` so many, or those of one that was cut short and can go on.

    It can where it was made by the same code into tables of the same form; otherwise everything begins anew.
    """
    mark = mark_of(connection, projection, [f'{LIVE}."{table.name}"' for table in tables_of(projection)], log)
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute("SELECT mark FROM read_aside.rebuild WHERE name = %s", [projection.name]).fetchone()
        begun = division_of(connection, projection.name, ASIDE_PLACES)
        if found == (mark,) and begun and begun % into == 0:
            return division(begun)
        dropped(connection, projection)
        for table in tables_of(projection):
            _made(connection, table)
        cursor.execute("INSERT INTO read_aside.rebuild VALUES (%s, %s, false)", [projection.name, mark])
        divide(connection, projection.name, division(into), 0, ASIDE_PLACES)
    return division(into)


def dropped(connection: Connection[Any], projection: Projection[Any]) -> None:
    for table in tables_of(projection):
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(ASIDE, table.name)))
    forgotten(connection, projection)


def forgotten(connection: Connection[Any], projection: Projection[Any]) -> None:
    connection.execute("DELETE FROM read_aside.projection_position WHERE name = %s", [projection.name])
    connection.execute("DELETE FROM read_aside.rebuild WHERE name = %s", [projection.name])


def analysed(connection: Connection[Any], projection: Projection[Any]) -> None:
    for table in tables_of(projection):
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(ASIDE, table.name)))


def finished(connection: Connection[Any], projection: Projection[Any]) -> None:
    """Gives the tables all that the live ones have, so that they can take their place: once, however often called.

    They become durable, and get indexes, owner, privileges and storage options.
    """
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        query = "SELECT finished FROM read_aside.rebuild WHERE name = %s"
        if cursor.execute(query, [projection.name]).fetchone() == (False,):
            for table in tables_of(projection):
                _completed(connection, table)
            cursor.execute("UPDATE read_aside.rebuild SET finished = true WHERE name = %s", [projection.name])
    for table in tables_of(projection):
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(ASIDE, table.name)))


def _made(connection: Connection[Any], table: Table) -> None:
    """Without indexes but those of constraints: the others are quicker made at the end."""
    names = {"aside": sql.Identifier(ASIDE, table.name), "live": sql.Identifier(LIVE, table.name)}
    connection.execute(
        sql.SQL("CREATE UNLOGGED TABLE {aside} (LIKE {live} INCLUDING ALL EXCLUDING INDEXES)").format(**names)
    )
    for name, definition in _rows(
        connection,
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'x') ORDER BY conname",
        table,
    ):
        connection.execute(
            sql.SQL("ALTER TABLE {aside} ADD CONSTRAINT {name} {definition}").format(
                **names, name=sql.Identifier(name), definition=sql.SQL(definition)
            )
        )


def _completed(connection: Connection[Any], table: Table) -> None:
    aside = sql.Identifier(ASIDE, table.name)
    connection.execute(sql.SQL("ALTER TABLE {} SET LOGGED").format(aside))
    for name, unique, definition in _rows(
        connection,
        "SELECT c.relname, i.indisunique, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid) ORDER BY c.relname",
        table,
    ):
        form = "CREATE UNIQUE INDEX {} ON {} USING {}" if unique else "CREATE INDEX {} ON {} USING {}"
        method = sql.SQL(definition.partition(" USING ")[2])
        connection.execute(sql.SQL(form).format(sql.Identifier(name), aside, method))
    _options(connection, table, aside)
    _privileges(connection, table, aside)


def _options(connection: Connection[Any], table: Table, aside: sql.Identifier) -> None:
    query = "SELECT unnest(reloptions) FROM pg_class WHERE oid = %s::regclass"
    for (option,) in _rows(connection, query, table):
        name, _, value = option.partition("=")
        connection.execute(
            sql.SQL("ALTER TABLE {} SET ({} = {})").format(aside, sql.Identifier(name), sql.Literal(value))
        )


def _privileges(connection: Connection[Any], table: Table, aside: sql.Identifier) -> None:
    query = (
        "SELECT coalesce(r.rolname, ''), a.privilege_type, a.is_grantable, pg_get_userbyid(c.relowner),"
        " c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        " FROM pg_class c LEFT JOIN LATERAL aclexplode(c.relacl) a ON true LEFT JOIN pg_roles r ON r.oid = a.grantee"
        " WHERE c.oid = %s::regclass"
    )
    rows = _rows(connection, query, table)
    for role, privilege, grantable, _owner, _own in rows:
        if privilege is not None:
            to = sql.Identifier(role) if role else sql.SQL("PUBLIC")
            option = sql.SQL(" WITH GRANT OPTION" if grantable and role else "")
            connection.execute(sql.SQL("GRANT {} ON {} TO {}{}").format(sql.SQL(privilege), aside, to, option))
    owner, own = rows[0][3:]
    if not own:
        connection.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(aside, sql.Identifier(owner)))


def _rows(connection: Connection[Any], query: str, table: Table) -> list[tuple[Any, ...]]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(sql.SQL(query), [f'{LIVE}."{table.name}"']).fetchall()
