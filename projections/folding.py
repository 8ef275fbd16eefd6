"""Folds a batch of events in memory: from the states before it to the states and rows after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic
from uuid import UUID

from projections.log import LoggedEvent
from projections.projection import Change, Draft, Drop, Projection, Row, State, Table

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
    drafts: dict[tuple[Table, RowKey], Draft] = {}
    for key, event in events:
        old = folded.states[key] if key in folded.states else before.get(key)
        new, changes = projection.fold(old, event)
        if new is not old:
            folded.states[key] = new
        for change in changes:
            _take(folded.rows.setdefault(change.table, {}), change, drafts)
    for (table, row_key), draft in drafts.items():
        folded.rows[table][row_key] = draft.make(*draft.of)
    return folded


def _take(rows: dict[RowKey, Row | None], change: Change, drafts: dict[tuple[Table, RowKey], Draft]) -> None:
    table = change.table
    if isinstance(change, Draft):
        if table.sums:
            raise ValueError(f"Rows of {table.name} are sums: they are added to, never drafted.")
        drafts[table, _key(table, change.key)] = change
        return
    if drafts:
        drafts.pop((table, _key(table, change.key if isinstance(change, Drop) else change.row)), None)
    if isinstance(change, Drop):
        if table.sums:
            raise ValueError(f"Rows of {table.name} are sums: they are added to, never dropped.")
        rows[_key(table, change.key)] = None
        return
    key = _key(table, change.row)
    standing = rows.get(key)
    if table.sums and standing is not None:
        rows[key] = {**change.row, **{name: standing[name] + change.row[name] for name in table.sums}}
    else:
        rows[key] = change.row


def _key(table: Table, row: Row) -> RowKey:
    return tuple([row[name] for name in table.key])
