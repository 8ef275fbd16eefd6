"""Loads states and writes rows of one projection, whole batches at a time."""

from collections.abc import Iterable, Sequence
from typing import Any, Generic
from uuid import UUID

import msgspec
from psycopg import Connection, sql
from psycopg.rows import tuple_row

from projections.engine.folding import Folded
from projections.engine.projection import Projection, Row, State, Table

_encode = msgspec.json.Encoder().encode


class Tables(Generic[State]):
    """The tables of a projection in a schema: its own and `<projection>_state`.

    Rows travel as one JSON document for each table. A state or a row that does not fit its table raises
    `psycopg.Error`, and a row with a column that the table lacks `ValueError`.
    """

    def __init__(self, projection: Projection[State], schema: str) -> None:
        self._schema = schema
        self._states = state_table(projection)
        self._decode = msgspec.json.Decoder(projection.state).decode
        self._columns: dict[str, frozenset[str]] = {}
        self._load = sql.SQL("SELECT key, state::text FROM {} WHERE key = ANY(%s)").format(self._named(self._states))

    def load(self, connection: Connection[Any], keys: Iterable[UUID]) -> dict[UUID, State]:
        """The states of these keys, as far as there are any."""
        with connection.cursor(row_factory=tuple_row) as cursor:
            found = cursor.execute(self._load, [list(keys)]).fetchall()
        return {key: self._decode(state) for key, state in found}

    def write(self, connection: Connection[Any], folded: Folded[State]) -> None:
        """Replaces, adds and removes; within the caller's transaction.

        Rows with `sums` are shared between shards: everyone goes through tables and keys in one order, so that two
        wait for each other's rows but never in a circle.
        """
        self._put(connection, self._states, [{"key": key, "state": state} for key, state in folded.states.items()])
        for table in sorted(folded.rows, key=lambda table: table.name):
            rows = folded.rows[table]
            gone = [dict(zip(table.key, key, strict=True)) for key, row in rows.items() if row is None]
            if gone:
                self._drop(connection, table, gone)
            self._put(connection, table, [row for row in rows.values() if row is not None])

    def _put(self, connection: Connection[Any], table: Table, rows: Sequence[Row]) -> None:
        if not rows:
            return
        columns = self._columns_of(connection, table)
        for row in rows:
            if not row.keys() <= columns:
                raise ValueError(f"{table.name} has no column {', '.join(sorted(row.keys() - columns))}.")
        names = sorted(columns)
        others = [name for name in names if name not in table.key]
        statement = sql.SQL(
            "INSERT INTO {table} AS t ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s::json)"
            " ORDER BY {key} ON CONFLICT ({key}) DO {update}"
        ).format(
            table=self._named(table),
            names=_list(names),
            key=_list(table.key),
            update=sql.SQL("UPDATE SET {}").format(sql.SQL(", ").join(_assignment(name, table) for name in others))
            if others
            else sql.SQL("NOTHING"),
        )
        connection.execute(statement, [_encode(rows).decode()])

    def _drop(self, connection: Connection[Any], table: Table, keys: Sequence[Row]) -> None:
        statement = sql.SQL(
            "DELETE FROM {table} t USING json_populate_recordset(NULL::{table}, %s::json) gone WHERE {same}"
        ).format(
            table=self._named(table),
            same=sql.SQL(" AND ").join(sql.SQL("t.{0} = gone.{0}").format(sql.Identifier(name)) for name in table.key),
        )
        connection.execute(statement, [_encode(keys).decode()])

    def _columns_of(self, connection: Connection[Any], table: Table) -> frozenset[str]:
        if table.name not in self._columns:
            with connection.cursor(row_factory=tuple_row) as cursor:
                found = cursor.execute(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                    " AND NOT attisdropped",
                    [f'"{self._schema}"."{table.name}"'],
                ).fetchall()
            self._columns[table.name] = frozenset(name for (name,) in found)
        return self._columns[table.name]

    def _named(self, table: Table) -> sql.Identifier:
        return sql.Identifier(self._schema, table.name)


def state_table(projection: Projection[Any]) -> Table:
    """Where a projection's states are kept: `key` and `state`."""
    return Table(f"{projection.name}_state", ("key",))


def _list(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _assignment(name: str, table: Table) -> sql.Composed:
    form = "{0} = t.{0} + EXCLUDED.{0}" if name in table.sums else "{0} = EXCLUDED.{0}"
    return sql.SQL(form).format(sql.Identifier(name))
