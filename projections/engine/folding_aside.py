"""Who folds the bulk of a rebuild: this process, unless others are brought."""

from collections.abc import Callable, Mapping
from typing import Any

from projections.engine.aside import ASIDE
from projections.engine.log import LogReader
from projections.engine.projection import Projection
from projections.engine.runner import Connect, Runner
from projections.engine.shard import Shard

STEP = 20_000
"""Positions between two tellings of progress."""

Progress = Callable[[str, int, int], None]
"""Told a projection's name, the position reached and the one aimed at."""

Fold = Callable[[Projection[Any], Mapping[Shard, int], Callable[[], None]], None]
"""Folds these shards aside, each up to its position, and calls now and then; raises `Stopped`."""


def fold_here(connect: Connect, log: LogReader) -> Fold:
    def fold(projection: Projection[Any], ends: Mapping[Shard, int], told: Callable[[], None]) -> None:
        runners = {shard: Runner(connect, log, projection, schema=ASIDE, shard=shard) for shard in ends}
        while behind := [shard for shard in ends if runners[shard].position < ends[shard]]:
            for shard in behind:
                runners[shard].catch_up(min(ends[shard], runners[shard].position + STEP))
            told()

    return fold
