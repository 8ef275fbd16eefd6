"""Folds a batch of events in memory: from the states before it to the states and rows after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic
from uuid import UUID

from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Draft, Projection, Put, Row, State, Table

RowKey = tuple[Any, ...]


@dataclass(slots=True)
class Folded(Generic[State]):
    """The states that changed, and per table and key the row that stands after the batch, or None where none does.

    In a table with `sums`, those columns hold what is to be added to the row that stood before.
    """

    states: dict[UUID, State] = field(default_factory=dict)
    rows: dict[Table, dict[RowKey, Row | None]] = field(default_factory=dict)


def keyed(projection: Projection[State], events: Iterable[LoggedEvent]) -> list[tuple[UUID, LoggedEvent]]:
    """The events that matter to a projection, each with its key, in the order given."""
    return [(key, event) for event in events if (key := projection.key(event)) is not None]


def fold_batch(
    projection: Projection[State], events: Iterable[tuple[UUID, LoggedEvent]], before: Mapping[UUID, State]
) -> Folded[State]:
    """Pure. A fold that returns the very state it was given has left it unchanged, so it is not written again."""
    folded: Folded[State] = Folded()
    states = dict(before)
    taken: dict[int, dict[RowKey, Any]] = {}  # by the identity of its table, which is quicker to tell than its name
    for key, event in events:
        old = states.get(key)
        new, changes = projection.fold(old, event)
        if new is not old:
            states[key] = folded.states[key] = new
        for change in changes:
            rows = taken.get(id(change.table))
            if rows is None:
                rows = taken[id(change.table)] = folded.rows.setdefault(change.table, {})
            _take(rows, change)
    for made in taken.values():
        made.update([(row_key, row.make(*row.of)) for row_key, row in made.items() if isinstance(row, Draft)])
    return folded


def _take(rows: dict[RowKey, Any], change: Change) -> None:
    """A draft stands for its row until the batch is folded."""
    table = change.table
    if isinstance(change, Put):
        key = _key(table, change.row)
        if table.sums and key in rows:
            standing = rows[key]
            rows[key] = {**change.row, **{name: standing[name] + change.row[name] for name in table.sums}}
        else:
            rows[key] = change.row
        return
    if table.sums:
        raise ValueError(f"Rows of {table.name} are sums: they are added to, never dropped.")
    rows[_key(table, change.key)] = change if isinstance(change, Draft) else None


def _key(table: Table, row: Row) -> RowKey:
    return tuple([row[name] for name in table.key])
