"""Divides a projection into another number of shards, while others follow it."""

from contextlib import suppress
from typing import Any

from psycopg.rows import tuple_row

from projections.engine.log import LogReader
from projections.engine.place import NEAR, Divided, alone, divide, division_of, held
from projections.engine.projection import Projection
from projections.engine.runner import Connect, Runner
from projections.engine.shard import Shard, division


def divided(connect: Connect, log: LogReader, projection: Projection[Any], into: int) -> bool:
    """Whether it had to be divided; False where there are so many shards already.

    The old shards are brought to one position, from which the new ones go on: first beside their runners, then, while
    those wait, the last few events and the new places in one transaction. Runners of old shards end by themselves.
    Raises `Stopped` where an old shard cannot be brought there, and `ValueError` for a number that there cannot be.
    """
    shards = division(into)
    while True:
        with suppress(Divided):  # somebody else was first; what there is now is looked at again
            old = _shards(connect, projection)
            if len(old) == into:
                return False
            if not old:
                Runner(connect, log, projection, shard=shards[0]).catch_up(0)
            elif _swapped(connect, log, projection, shards):
                return True
            else:
                end = max(Runner(connect, log, projection, shard=shard).catch_up(0) for shard in old)
                for shard in old:
                    Runner(connect, log, projection, shard=shard).catch_up(end)


def _shards(connect: Connect, projection: Projection[Any]) -> tuple[Shard, ...]:
    with connect() as connection:
        into = division_of(connection, projection.name)
    return division(into) if into else ()


def _swapped(connect: Connect, log: LogReader, projection: Projection[Any], shards: tuple[Shard, ...]) -> bool:
    """False, with nothing done, where an old shard is too far behind for the others to wait."""
    with connect() as connection:
        connection.row_factory = tuple_row
        alone(connection, projection.name)
        places = held(connection, projection.name)
        if len(places) == len(shards):
            return True
        end = max(places.values())
        if end - min(places.values()) > NEAR:
            return False
        for shard in places:
            Runner(connect, log, projection, shard=shard).catch_up_within(connection, end)
        divide(connection, projection.name, shards, end)
    return True
