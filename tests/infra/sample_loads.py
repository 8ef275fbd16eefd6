"""Loads the sample for tests, whole or up to a moment, and shows the log without what differs from run to run."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg

from domain.deadlines import Days
from infra.event_log.bulk import Bulk
from infra.indonesia import Indonesia
from infra.keys.rehearsed import rehearsed
from infra.persistence import persistence_environment
from infra.sample.loading import Summary, load
from infra.working_days import WorkingDays


def quiet(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def load_sample(
    url: str,
    today: date,
    *,
    seed: int = 1,
    days: Days | None = None,
    batch: int = 1000,
    progress: Callable[[int, int], None] = quiet,
) -> Summary:
    with Bulk(persistence_environment(url), batch=batch) as application:
        return load(
            application,
            rehearsed(),
            Indonesia(),
            WorkingDays(None),
            days or Days(),
            seed=seed,
            today=today,
            progress=progress,
        )


def log_of(url: str) -> list[tuple[Any, ...]]:
    """Position, stream, version, topic and state but for the moment of recording; then the look-up rows."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state FROM rujukan_events ORDER BY 1"
        ).fetchall()
        index = connection.execute(
            "SELECT kind, household, member, digest FROM identity_index ORDER BY kind, digest"
        ).fetchall()
    return [*((*row[:4], _but_recorded_at(bytes(row[4]))) for row in rows), *index]


def _but_recorded_at(state: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(state)
    del found["recorded_at"]
    return found
