"""`rujukan follow`: one more process that keeps projections up with the log, beside those there are."""

from collections.abc import Sequence
from typing import Any

from infra.bootstrap import Composed
from infra.commands.naming import named
from infra.terminal import console, fail, step
from infra.told_to_stop import told_to_stop
from projections.engine.dividing import divided
from projections.engine.follower import Follower
from projections.engine.runner import Stopped
from projections.engine.shard import Shard


def follow(whole: Composed, names: Sequence[str], *, shards: int | None) -> None:
    """Runs until Ctrl-C or SIGTERM, and ends between two batches."""
    projections = named(names)
    with told_to_stop() as stop:
        if shards is not None:
            with step(f"Dividing into {shards} shards"):
                _divide(whole, projections, shards)
        console.print(f"Following {', '.join(p.name for p in projections)}. Ctrl-C stops it.")
        Follower(whole.connect, whole.recorder, projections, told=_told).run(stop)
    console.print("Stopped.")


def _divide(whole: Composed, projections: Sequence[Any], shards: int) -> None:
    """A projection that has stopped stays divided as it is, and is followed so; the others are not kept by it."""
    for projection in projections:
        try:
            divided(whole.connect, whole.recorder, projection, shards)
        except Stopped as stopped:
            console.print(f"{projection.name} stays divided as it is: {stopped}", markup=False)
        except ValueError as fault:
            fail(str(fault))


def _told(name: str, shard: Shard, here: bool) -> None:
    console.print(f"{name} {shard}: {'run here' if here else 'handed over'}")
