"""Writers, readers and sessions end at any moment, without a word."""

import time
from pathlib import Path
from random import Random

from projections.catalogue import PROJECTIONS
from tests.faults.evidence import assert_projections_equal_a_rebuild, query, wait_until_folded
from tests.faults.load import Load
from tests.faults.programs import Program, eventually

TIMES = 3


def test_writers_killed_in_the_middle_leave_whole_appends_and_a_killed_reader_misses_nothing(
    told: str, tmp_path: Path, chance: Random
) -> None:
    with Load(told, tmp_path, chance, writers=TIMES + 1, pause=0) as load:
        for _ in range(TIMES):
            time.sleep(chance.uniform(0.05, 0.3))
            load.kill_writer(chance.choice(load.writers))
            load.kill_reader()
            load.goes_on(5)
        load.end()
        assert load.failures() == []


def listeners(url: str) -> list[int]:
    """The sessions that lead, fold, and wait for notifications."""
    found = query(
        url,
        "SELECT DISTINCT a.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory'"
        " AND l.mode = 'ExclusiveLock' AND a.application_name = 'rujukan projections'"
        " AND a.datname = current_database()",
    )
    return [pid for (pid,) in found]


def test_projections_go_on_after_their_listening_connections_were_ended(
    told: str, tmp_path: Path, chance: Random
) -> None:
    everyone = len(PROJECTIONS)
    projector = Program("projector", "--url", told, output=tmp_path / "projector.out")
    sessions: list[int] = []
    with projector, Load(told, tmp_path, chance, writers=1) as load:
        for _ in range(TIMES):
            before = set(sessions)  # one that was ended may hold its lock for a moment more
            eventually(
                lambda: len(found := listeners(told)) == everyone and before.isdisjoint(found),  # noqa: B023
                otherwise=projector.said,
            )
            time.sleep(chance.uniform(0, 0.2))
            sessions = listeners(told)
            ended = query(told, "SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", sessions)
            assert ended == [(True,)] * everyone
            load.goes_on(3)
        eventually(lambda: len(listeners(told)) == everyone)
        load.end()
        wait_until_folded(told)
        projector.stop()
    assert_projections_equal_a_rebuild(told)
