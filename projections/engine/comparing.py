"""Compares tables of one schema with those of another, row by row, without holding more than a few rows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import tuple_row

from projections.engine.projection import Table

REPORTED = 1000
"""How many rows of a table are reported at most; all are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not the same on both sides; None where a side lacks it. Values are as in JSON."""

    table: str
    key: Mapping[str, Any]
    live: Mapping[str, Any] | None
    aside: Mapping[str, Any] | None


class Differences(list[Difference]):
    """The first ones; `counts` has them all, by table."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def note(self, found: "Differences") -> None:
        self.extend(found)
        self.counts += found.counts

    def note_one(self, difference: Difference) -> None:
        self.append(difference)
        self.counts[difference.table] += 1


_DIFFERENT = "FROM {live} live FULL JOIN {aside} aside ON {same} WHERE live IS DISTINCT FROM aside"


def compare(connection: Connection[Any], table: Table, live: str, aside: str) -> Differences:
    """Rows of `table` that differ between the schemas `live` and `aside`, by key."""
    names = [sql.Identifier(name) for name in table.key]
    different = sql.SQL(_DIFFERENT).format(
        live=sql.Identifier(live, table.name),
        aside=sql.Identifier(aside, table.name),
        same=sql.SQL(" AND ").join(sql.SQL("live.{0} = aside.{0}").format(name) for name in names),
    )
    found = Differences()
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(sql.SQL("SELECT count(*) {}").format(different)).fetchone()
        if row is None or row[0] == 0:
            return found
        found.counts[table.name] = row[0]
        first = sql.SQL("SELECT to_jsonb(live), to_jsonb(aside) {} ORDER BY {} LIMIT {}").format(
            different,
            sql.SQL(", ").join(sql.SQL("coalesce(live.{0}, aside.{0})").format(name) for name in names),
            sql.Literal(REPORTED),
        )
        for one, other in cursor.execute(first):
            key = {name: (one or other)[name] for name in table.key}
            found.append(Difference(table.name, key, one, other))
    return found
