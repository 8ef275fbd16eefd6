"""A disk that is full or broken, as the server tells of it over the connection."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.faults.evidence import assert_projections_equal_a_rebuild, wait_until_folded
from tests.faults.load import Load
from tests.faults.mishaps import DISK_BROKEN, DISK_FULL, Sometimes, refused, refused_in_the_end
from tests.faults.programs import Program, eventually
from tests.faults.relay import Relay, Session

TIMES = 10


def appends(session: Session) -> bool:
    return session.appends


def settles(session: Session) -> bool:
    return session.settles


@pytest.mark.parametrize(
    ("concerns", "befall", "text"),
    [
        (appends, refused(*DISK_FULL), DISK_FULL[1]),
        (settles, refused_in_the_end(*DISK_FULL), DISK_FULL[1]),
        (settles, refused_in_the_end(*DISK_BROKEN), DISK_BROKEN[1]),
    ],
    ids=["full at the write", "full at the commit", "broken at the commit"],
)
def test_a_command_that_the_disk_refuses_fails_alone_and_leaves_nothing(
    concerns: Callable[[Session], bool],
    befall: Callable[[Session], None],
    text: str,
    told: str,
    tmp_path: Path,
    chance: Random,
) -> None:
    disk = Sometimes(chance, 0.2, concerns, befall)
    with Relay(told, disk) as relay, Load(told, tmp_path, chance, through=relay.url) as load:
        eventually(lambda: disk.times >= TIMES)
        load.goes_on(5)
        load.end()
        failures = load.failures()
        assert len(failures) == disk.times
        assert all(text in failure for failure in failures)
        load.assert_nothing_is_there_of_what_failed()


def test_projections_whose_batches_the_disk_refuses_go_on_when_it_does_no_longer(
    backlog: str, tmp_path: Path, chance: Random
) -> None:
    disk = Sometimes(chance, 0.0, lambda session: session.commits, refused_in_the_end(*DISK_FULL))
    with (
        Relay(backlog, disk) as relay,
        Program("projector", "--url", relay.url, "--batch", 80, output=tmp_path / "projector.out") as projector,
    ):
        projector.ready()
        disk.share = 0.3
        eventually(lambda: disk.times >= TIMES, otherwise=projector.said)
        disk.share = 0.0
        wait_until_folded(backlog)
        projector.stop()
    assert_projections_equal_a_rebuild(backlog)
