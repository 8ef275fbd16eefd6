"""Moments in the past of a log, for `known_at`."""

from datetime import datetime
from random import Random

import psycopg

from tests.bench.logs import DAY

MOMENTS = 400


def past_moments(url: str, seed: int) -> list[str]:
    """Of this year up to now, by chance, so that there is something to be known: RFC 3339 in UTC."""
    chance = Random(f"{seed}/moments")
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT max(logged_at) FROM rujukan_events").fetchone()
    if row is None or row[0] is None:
        raise ValueError("A log without events has no past.")
    last: datetime = row[0]
    first = last.replace(year=DAY.year, month=1, day=2)
    return [(first + chance.random() * (last - first)).strftime("%Y-%m-%dT%H:%M:%SZ") for _ in range(MOMENTS)]
