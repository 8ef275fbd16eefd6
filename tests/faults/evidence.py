"""What must hold after every fault: nothing acknowledged is lost or doubled, nothing is missed, and rows are right."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from infra.persistence import session_parameters
from projections.catalogue import PROJECTIONS
from projections.engine import rebuild
from projections.engine.positions import standings
from tests.faults.programs import eventually
from tests.projections.conftest import recorder_of


@dataclass(frozen=True, slots=True)
class Account:
    """What one writer wrote down; see `writer`."""

    begun: dict[str, int]
    """The number of events of each command."""
    done: dict[str, int]
    """The position told for each acknowledged command."""
    failed: dict[str, str]
    """The error of each command that raised one."""


def account(file: Path) -> Account:
    """A last line that a kill cut off counts for nothing."""
    text = file.read_text() if file.exists() else ""
    lines: list[dict[str, Any]] = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    return Account(
        {line["begun"]: line["events"] for line in lines if "begun" in line},
        {line["done"]: line["position"] for line in lines if "done" in line},
        {line["failed"]: line["error"] for line in lines if "failed" in line},
    )


def assert_each_command_is_there_once_or_not_at_all(url: str, accounts: Iterable[Account]) -> None:
    """And if it was acknowledged, it is there, its last event at the position told."""
    positions: dict[str, list[int]] = defaultdict(list)
    for position, command in query(url, "SELECT position, state ->> 'caused_by' FROM log ORDER BY position"):
        positions[command].append(position)
    for written in accounts:
        for command, events in written.begun.items():
            found = positions[command]
            if command in written.done:
                last = written.done[command]
                assert found == list(range(last - events + 1, last + 1)), f"{command} was acknowledged at {last}"
            else:
                assert len(found) in (0, events), f"{command} is there in part, or twice: {found}"
                assert not found or found == list(range(found[0], found[0] + events))


def assert_positions_are_dense_and_moments_in_order(url: str) -> None:
    rows = query(url, "SELECT notification_id, logged_at FROM rujukan_events ORDER BY notification_id")
    assert [position for position, _ in rows] == list(range(1, len(rows) + 1))
    moments = [moment for _, moment in rows]
    assert moments == sorted(moments)


def assert_seen_in_order_without_gap(url: str, seen: Path) -> None:
    """The reader, which looked all the while, saw exactly what the log now holds."""
    logged = query(
        url, "SELECT notification_id, originator_id, originator_version FROM rujukan_events ORDER BY notification_id"
    )
    assert seen.read_text().splitlines() == [f"{position} {stream} {version}" for position, stream, version in logged]


def assert_projections_equal_a_rebuild(url: str) -> None:
    with recorder_of(url) as log:
        session: Any = session_parameters(url)
        assert rebuild.check(lambda: psycopg.connect(**session), log, PROJECTIONS, lambda *_: None) == []


def wait_until_folded(url: str, within: float = 30.0) -> None:
    """Every projection has come to the end of the log, and none is stopped."""
    eventually(lambda: folded(url), within, lambda: str(stands(url)))


def folded(url: str) -> bool:
    ((head,),) = query(url, "SELECT coalesce(max(notification_id), 0) FROM rujukan_events")
    return stands(url) == {projection.name: (head, None, None) for projection in PROJECTIONS}


def stands(url: str) -> dict[str, tuple[int, str | None, int | None]]:
    """Of each projection its position, error and the position that it stopped at."""
    with psycopg.connect(url) as connection:
        return {s.name: (s.position, s.error, s.stopped_at_position) for s in standings(connection)}


def query(url: str, text: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(text, parameters).fetchall()
