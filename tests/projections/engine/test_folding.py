"""A batch in memory: of several changes of a row the last stands, and sums add up."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from projections.engine.folding import Folded, fold_batch
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Draft, Drop, Projection, Put, Table

ROWS = Table("rows", ("id",))
SUMS = Table("sums", ("id",), sums=("total",))
KEY = UUID(int=1)


def folded(*batch: list[Change]) -> Folded[int]:
    """What a batch of events with these changes comes to; the state counts them."""

    def fold(state: int | None, logged: LoggedEvent) -> tuple[int, list[Change]]:
        return (state or 0) + 1, batch[logged.position]

    projection = Projection("p", (ROWS, SUMS), int, lambda logged: KEY, fold)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    event: Any = None
    events = [(KEY, LoggedEvent(n, moment, KEY, n, "topic", event)) for n in range(len(batch))]
    return fold_batch(projection, events, {})


def test_the_last_put_of_a_row_stands() -> None:
    found = folded([Put(ROWS, {"id": 1, "a": 1}), Put(ROWS, {"id": 2, "a": 1})], [Put(ROWS, {"id": 1, "a": 2})])
    assert found.rows == {ROWS: {(1,): {"id": 1, "a": 2}, (2,): {"id": 2, "a": 1}}}
    assert found.states == {KEY: 2}


def test_a_row_put_and_dropped_is_gone_and_one_dropped_and_put_stands() -> None:
    found = folded([Put(ROWS, {"id": 1}), Drop(ROWS, {"id": 2})], [Drop(ROWS, {"id": 1}), Put(ROWS, {"id": 2})])
    assert found.rows == {ROWS: {(1,): None, (2,): {"id": 2}}}


def test_sums_are_added_and_a_row_stays_where_they_come_to_nothing() -> None:
    found = folded(
        [Put(SUMS, {"id": 1, "total": 1}), Put(SUMS, {"id": 1, "total": 4})],
        [Put(SUMS, {"id": 2, "total": 1})],
        [Put(SUMS, {"id": 2, "total": -1})],
    )
    assert found.rows == {SUMS: {(1,): {"id": 1, "total": 5}, (2,): {"id": 2, "total": 0}}}


def test_a_row_of_sums_is_never_dropped() -> None:
    with pytest.raises(ValueError, match="never dropped"):
        folded([Drop(SUMS, {"id": 1})])


def test_a_draft_is_made_once_a_batch_and_only_if_it_still_stands() -> None:
    made: list[int] = []

    def row(key: int, number: int) -> dict[str, int]:
        made.append(number)
        return {"id": key, "number": number}

    drafts: list[Change] = [
        Draft(ROWS, {"id": key}, row, (key, number)) for number, key in enumerate((1, 1, 2, 3), start=1)
    ]
    rows = folded(drafts, [Drop(ROWS, {"id": 2})], [Put(ROWS, {"id": 3, "number": 30})]).rows[ROWS]
    assert rows == {(1,): {"id": 1, "number": 2}, (2,): None, (3,): {"id": 3, "number": 30}}
    assert made == [2]


def test_sums_are_never_drafted() -> None:
    with pytest.raises(ValueError, match="added to"):
        folded([Draft(SUMS, {"id": 1}, dict, ())])
