"""Compares tables of one schema with those of another, row by row both ways."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import tuple_row

from projections.projection import Table

REPORTED = 1000
"""How many rows of a table are reported at most, of those that only one side has."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not the same on both sides; None where a side lacks it. Values are as in JSON."""

    table: str
    key: Mapping[str, Any]
    live: Mapping[str, Any] | None
    aside: Mapping[str, Any] | None


def compare(connection: Connection[Any], table: Table, live: str, aside: str) -> list[Difference]:
    """Rows of `table` that differ between the schemas `live` and `aside`, at most `REPORTED` of each side."""
    only_live = _only_in(connection, table, live, aside)
    only_aside = _only_in(connection, table, aside, live)
    return [
        Difference(table.name, dict(zip(table.key, key, strict=True)), only_live.get(key), only_aside.get(key))
        for key in dict.fromkeys([*only_live, *only_aside])
    ]


def _only_in(connection: Connection[Any], table: Table, one: str, other: str) -> dict[tuple[str, ...], dict[str, Any]]:
    query = sql.SQL(
        "SELECT to_jsonb(d) FROM (SELECT * FROM {one} EXCEPT SELECT * FROM {other}) d ORDER BY {key} LIMIT %s"
    ).format(
        one=sql.Identifier(one, table.name),
        other=sql.Identifier(other, table.name),
        key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
    )
    with connection.cursor(row_factory=tuple_row) as cursor:
        return {tuple([str(row[k]) for k in table.key]): row for (row,) in cursor.execute(query, [REPORTED])}
