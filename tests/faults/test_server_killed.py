"""PostgreSQL killed with SIGKILL, wherever it is at that moment."""

import time
from pathlib import Path
from random import Random

import pytest

from projections.catalogue import PROJECTIONS
from tests.faults.evidence import assert_projections_equal_a_rebuild, query, stands, wait_until_folded
from tests.faults.load import Load
from tests.faults.own_server import OwnServer
from tests.faults.programs import Program, eventually
from tests.faults.work import backlog

KILLS = 2


@pytest.mark.parametrize("whole", [True, False], ids=["the whole server", "one session"])
def test_killed_in_the_middle_of_appends_it_loses_and_doubles_nothing_acknowledged(
    whole: bool, own_server: OwnServer, tmp_path: Path, chance: Random
) -> None:
    projector = Program("projector", "--url", own_server.url, output=tmp_path / "projector.out")
    with projector, Load(own_server.url, tmp_path, chance, pause=0) as load:
        projector.ready()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.1, 0.7))
            if whole:
                own_server.kill()
                own_server.revive()
            else:
                own_server.kill_a_backend(chance)
            load.goes_on()
        load.end()
        wait_until_folded(own_server.url)
        projector.stop()
    assert_projections_equal_a_rebuild(own_server.url)


def test_killed_in_the_middle_of_batches_it_leaves_projections_that_go_on_rightly(
    own_server: OwnServer, tmp_path: Path, chance: Random
) -> None:
    backlog(own_server.url, lives=60)
    ((head,),) = query(own_server.url, "SELECT max(position) FROM log")
    words = ("projector", "--url", own_server.url, "--batch", 20)
    with Program(*words, output=tmp_path / "projector.out") as projector:
        for part in range(1, KILLS + 1):
            within = chance.uniform(part - 1, part) * head / (KILLS + 1)
            eventually(lambda within=within: fewest_folded(own_server.url) > within)
            own_server.kill()
            own_server.revive()
            assert fewest_folded(own_server.url) < head
        wait_until_folded(own_server.url)
        projector.stop()
    assert_projections_equal_a_rebuild(own_server.url)


def fewest_folded(url: str) -> int:
    positions = [position for position, _, _ in stands(url).values()]
    return min(positions) if len(positions) == len(PROJECTIONS) else 0
