"""Simulations for tests: told in memory, or read out of a log, household by household."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from domain.deadlines import Days
from domain.ports import Sealer
from domain.values import Sealed
from infra.indonesia import Indonesia
from infra.keys.rehearsed import rehearsed
from infra.simulation.rehearsal import Rehearsal
from infra.simulation.telling import Simulation, Tools
from infra.working_days import WorkingDays

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Event:
    """`state` is without the moment of recording."""

    topic: str
    version: int
    state: dict[str, Any]

    @property
    def on(self) -> date:
        return date.fromisoformat(self.state["on"])


Log = dict[UUID, list[Event]]
"""The events of each stream, by position."""


def simulation(households: int, *, years: int = 2, seed: int = 1) -> Simulation:
    tools = Tools(rehearsed(), Indonesia(), WorkingDays(None), Days())
    return Simulation(tools, households=households, years=years, seed=seed, today=TODAY)


def told(of: Simulation, numbers: Iterable[int]) -> Log:
    """The directories and these households, in memory."""
    with Rehearsal() as application:
        of.fill(application, set())
        for number in numbers:
            of.live(application, number)
        application.flush()
        stored = application.recorder.select_notifications(start=1, limit=10**9)
        return _by_stream((n.originator_id, n.originator_version, n.topic, n.state) for n in stored)


def logged(url: str) -> Log:
    with psycopg.connect(url) as connection:
        return _by_stream(
            connection.execute(
                "SELECT originator_id, originator_version, topic, state FROM rujukan_events ORDER BY notification_id"
            )
        )


def opened(log: Log, sealer: Sealer) -> Log:
    """With texts in place of boxes, which differ between installations."""
    return {
        stream: [
            Event(e.topic, e.version, {f: _text(stream, f, v, sealer) for f, v in e.state.items()}) for e in events
        ]
        for stream, events in log.items()
    }


def _text(stream: UUID, field: str, value: Any, sealer: Sealer) -> Any:
    if not (isinstance(value, dict) and value.keys() == {"key", "box"}):
        return value
    return sealer.open(Sealed(UUID(value["key"]), base64.b64decode(value["box"])), stream=stream, field=field)


def _by_stream(rows: Iterable[Any]) -> Log:
    log: Log = defaultdict(list)
    for stream, version, topic, state in rows:
        found = json.loads(bytes(state))
        del found["recorded_at"]
        log[stream].append(Event(topic, version, found))
    return log
