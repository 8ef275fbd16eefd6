"""The process that keeps the projections up is killed: at a named point of a batch, at any moment, or one of two."""

import signal
from pathlib import Path
from random import Random

import pytest

from projections.engine.points import Point
from tests.faults.evidence import assert_projections_equal_a_rebuild, query, stands, wait_until_folded
from tests.faults.load import Load
from tests.faults.programs import Program, eventually

BATCH = 40


def projector(url: str, directory: Path, name: str, *words: object) -> Program:
    given = ("--url", url, "--batch", BATCH, *words)
    return Program("projector", *given, output=directory / f"{name}.out")


@pytest.mark.parametrize("point", list(Point), ids=[point.name.lower().replace("_", " ") for point in Point])
def test_killed_at_a_point_of_a_batch_it_is_followed_by_one_that_folds_every_event_once(
    point: Point, backlog: str, tmp_path: Path, chance: Random
) -> None:
    batches = chance.randint(1, 60)
    with Load(backlog, tmp_path, chance, writers=1) as load:
        with projector(backlog, tmp_path, "dying", "--die", point.name, "--batches", batches) as dying:
            assert dying.process.wait(30) == -signal.SIGKILL, dying.said()
        with projector(backlog, tmp_path, "following") as following:
            following.ready()
            load.end()
            wait_until_folded(backlog)
            following.stop()
    assert_projections_equal_a_rebuild(backlog)


def test_of_two_started_at_once_each_event_is_folded_by_one_and_the_other_takes_over_when_it_is_killed(
    backlog: str, tmp_path: Path, chance: Random
) -> None:
    ((head,),) = query(backlog, "SELECT max(position) FROM log")
    two = [projector(backlog, tmp_path, name) for name in ("one", "another")]
    killed, left = chance.sample(two, 2)
    with killed, left, Load(backlog, tmp_path, chance, writers=1) as load:
        for started in two:
            started.ready()
        moment = chance.uniform(0, head)
        eventually(lambda: max((position for position, _, _ in stands(backlog).values()), default=0) > moment)
        killed.kill()
        load.goes_on(5)
        load.end()
        wait_until_folded(backlog)
        left.stop()
    assert_projections_equal_a_rebuild(backlog)
