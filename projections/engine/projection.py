"""What a projection is: a pure fold of one key's events, and the rows that answer its question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from domain.aggregate import RecordedEvent
from projections.engine.log import LoggedEvent

State = TypeVar("State")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of rows in the schema `read`; `key` are the columns of its natural key.

    `sums` are columns that accumulate: a change adds to them, and rows of many households share one key.
    """

    name: str
    key: tuple[str, ...]
    sums: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Put:
    """The row now stands so, whole; in a table with `sums`, those columns are added to what stands."""

    table: Table
    row: Row


@dataclass(frozen=True, slots=True)
class Drop:
    """The row of this key is no more; `key` has the table's key columns."""

    table: Table
    key: Row


@dataclass(frozen=True, slots=True)
class Draft:
    """The row of this key now stands as `make(*of)` gives it; made only if it still does at the end of a batch.

    For wide rows that most events change. What `make` is given never changes, and `make` is pure as the fold is.
    """

    table: Table
    key: Row
    make: Callable[..., Row]
    of: tuple[Any, ...]


Change = Put | Draft | Drop


@dataclass(frozen=True, slots=True)
class Projection(Generic[State]):
    """One reader's question.

    `key` gives the partition of an event (the household for households and referrals, None where the event does not
    matter); `fold` takes the key's state (None at first) and one event, and returns the new state and the changed
    rows, without clock, chance or database. It changes nothing in place, and returns the very state it was given where
    nothing of it changes. States are msgspec structs or dataclasses of type `state`, stored as JSON in
    `read.<name>_state`, which keeps no order of keys; they hold no sets, whose order differs between processes.

    `classes` are those of the events that may matter: others are not even decoded. A projection may be divided into
    shards of households, so a fold relies on nothing but the events of its key, and a row without `sums` on one
    household, or one stream of a directory, alone.
    """

    name: str
    tables: tuple[Table, ...]
    state: type[State]
    key: Callable[[LoggedEvent], UUID | None]
    fold: Callable[[State | None, LoggedEvent], tuple[State, list[Change]]]
    classes: tuple[type[RecordedEvent], ...] = (RecordedEvent,)
