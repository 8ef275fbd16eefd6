"""What a log holds of a simulation: nothing yet, an earlier part of this one, or something else."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from infra.simulation.telling import simulation_id

DAYS_BACK = 3660
"""How long ago a simulation may have been begun to be gone on with."""
ONE_AT_A_TIME = 0x52554A55_0011
WORKING = 0x52554A55_0012
"""Advisory locks: of a simulation, and shared, of each of its workers."""
PATIENCE = "60s"


class SimulationError(Exception):
    """A simulation that cannot be; the text says why, on one line."""


def day_begun(connection: psycopg.Connection[Any], *, years: int, seed: int, today: date, fixed: bool) -> date | None:
    """The day from which this simulation was laid back when it was begun; None in an empty log.

    Where `fixed` no other day than `today` will do. Raises `SimulationError` where the log begins with anything else.
    """
    row = connection.execute("SELECT state FROM rujukan_events ORDER BY notification_id LIMIT 1").fetchone()
    if row is None:
        return None
    first = UUID(msgspec.json.decode(row[0])["caused_by"])
    for back in range(1 if fixed else DAYS_BACK):
        day = today - timedelta(days=back)
        if first == simulation_id(years=years, seed=seed, today=day):
            return day
    raise SimulationError(
        "The log holds something else than an earlier part of this simulation; it goes into an empty log,"
        " and is gone on with by the same years and seed."
    )


def present(connection: psycopg.Connection[Any], streams: Iterable[UUID]) -> set[UUID]:
    """Those of the streams that the log has."""
    rows = connection.execute(
        "SELECT originator_id FROM rujukan_events WHERE originator_version = 1 AND originator_id = ANY(%s)",
        [list(streams)],
    )
    return {row[0] for row in rows}


@contextmanager
def alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Only one simulation runs on a database, and none beside workers of one that was killed."""
    connection.autocommit = True
    if connection.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME]).fetchone() != (True,):
        raise SimulationError("Another simulation is running on this database.")
    try:
        connection.execute(f"SET lock_timeout = '{PATIENCE}'")
        connection.execute("SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", [WORKING, WORKING])
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def working(connection: psycopg.Connection[Any]) -> None:
    """Says until the connection ends that a worker is here."""
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [WORKING])
