"""Loads the sample into an empty log, and goes on with a load that was cut short."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum

import psycopg

from infra.bootstrap import Composed
from infra.sample.loading import load

SEED = 2026


class Sample(Enum):
    LOADED = "loaded"
    CONTINUED = "continued"
    THERE = "there"
    """It was loaded to its end before."""
    OTHER = "other"
    """The log holds other events, so the sample stays out."""


@dataclass(frozen=True, slots=True)
class _Begun:
    seed: int
    today: date
    finished: bool


def ensure_sample(
    composed: Composed, *, seed: int | None, today: date | None, progress: Callable[[int, int], None]
) -> Sample:
    """An unfinished load is continued with the seed and day it was begun with, so that it comes to the same."""
    with psycopg.connect(composed.url, autocommit=True) as connection:
        begun = _begun(connection)
        if begun is not None and begun.finished:
            return Sample.THERE
        result = Sample.CONTINUED
        if begun is None:
            if composed.recorder.head():
                return Sample.OTHER
            begun = _Begun(SEED if seed is None else seed, today or composed.services.time.today(), False)
            connection.execute("INSERT INTO sample_load (seed, today) VALUES (%s, %s)", [begun.seed, begun.today])
            result = Sample.LOADED
        services = composed.services
        application, keys = composed.bulk()
        with application:
            load(
                application,
                keys,
                services.registry,
                services.calendar,
                services.days,
                seed=begun.seed,
                today=begun.today,
                progress=progress,
            )
        connection.execute("UPDATE sample_load SET finished_at = now()")
    return result


def _begun(connection: psycopg.Connection) -> _Begun | None:
    row = connection.execute("SELECT seed, today, finished_at IS NOT NULL FROM sample_load").fetchone()
    return None if row is None else _Begun(*row)
