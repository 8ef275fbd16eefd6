"""Replays the log from its first event: the same folds as the read tables', and nothing of these tables."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any
from uuid import UUID

from projections.engine.folding import keyed
from projections.engine.log import LoggedEvent, LogReader, Wanted
from projections.engine.projection import Projection
from projections.engine.shard import MOST, Shard, division
from projections.reports import Figure, Judging, Report

BATCH = 4_000
"""Positions of the log read at a time."""
AT_ONCE = 5_000_000
"""Positions whose households are held in memory together; of a longer log their shards are gone through in turn."""

Progress = Callable[[int, int], None]
"""Told how many positions were passed, of how many."""


class LogEnds(Exception):
    """The log does not go as far as what is to be replayed."""

    def __init__(self, head: int, until: int) -> None:
        super().__init__(f"The log ends at {head}, before position {until}.")


@dataclass(frozen=True, slots=True)
class Behind:
    """An event by which a figure became greater by `adds`, or less."""

    event: LoggedEvent
    adds: int


def figures(
    log: LogReader, report: Report, until: int, judging: Judging, progress: Progress = lambda *_: None
) -> Counter[Figure]:
    """All figures of a report but those that are 0, as known at the position `until`.

    Raises `LogEnds`, and `Undecodable` for an event that this version cannot read.
    """
    found: Counter[Figure] = Counter()
    shards = division(min(MOST, max(1, ceil(until / AT_ONCE))))
    for shard in shards:
        states: dict[UUID, Any] = {}
        for household, event in _events(log, report.projection, until, shard, progress):
            states[household], _ = report.projection.fold(states.get(household), event)
        for household, state in states.items():
            found.update(report.adding(household, state, judging))
    return found


def events_behind(
    log: LogReader, report: Report, figure: Figure, until: int, judging: Judging, progress: Progress = lambda *_: None
) -> list[Behind]:
    """The events that changed a figure, in order: what they add makes up the figure as known at `until`."""
    found: list[Behind] = []
    states: dict[UUID, tuple[Any, int]] = {}
    for household, event in _events(log, report.projection, until, division(1)[0], progress):
        before, added = states.get(household, (None, 0))
        state, _ = report.projection.fold(before, event)
        adds = sum(each == figure for each in report.adding(household, state, judging))
        if adds != added:
            found.append(Behind(event, adds - added))
        states[household] = state, adds
    return found


def state_of(
    log: LogReader, projection: Projection[Any], household: UUID, until: int
) -> tuple[Any, LoggedEvent | None]:
    """The state of one household as known at `until`, and its last event; None where it had none."""
    state, last = None, None
    shard = next(shard for shard in division(MOST) if shard.holds(household))
    for key, event in _events(log, projection, until, shard):
        if key == household:
            state, last = projection.fold(state, event)[0], event
    return state, last


def _events(
    log: LogReader, projection: Projection[Any], until: int, shard: Shard, progress: Progress = lambda *_: None
) -> Iterator[tuple[UUID, LoggedEvent]]:
    after, wanted = 0, Wanted(projection.classes, shard)
    while after < until:
        batch = log.batch(after, min(BATCH, until - after), wanted)
        if batch.last == after:
            raise LogEnds(after, until)
        yield from keyed(projection, batch.events)
        after = batch.last
        progress((after + shard.number * until) // shard.of, until)
