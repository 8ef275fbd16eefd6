"""An event that a projection cannot fold, or that this version does not know at all."""

from pathlib import Path
from random import Random
from uuid import uuid4

from eventsourcing.persistence import StoredEvent

from projections.catalogue import PROJECTIONS
from tests.faults.evidence import assert_projections_equal_a_rebuild, query, stands, wait_until_folded
from tests.faults.load import Load
from tests.faults.programs import Program, eventually
from tests.projections.conftest import recorder_of

UNKNOWN = "agency.registered.v2"


def test_an_event_that_one_projection_cannot_fold_stops_that_one_alone_until_it_can(
    backlog: str, tmp_path: Path, chance: Random
) -> None:
    name = chance.choice(["households", "caseload", "history"])
    ((at,),) = query(
        backlog, "SELECT position FROM log WHERE topic = 'household.ranked.v1' ORDER BY position DESC LIMIT 1 OFFSET 5"
    )
    others = {projection.name for projection in PROJECTIONS} - {name}
    words = ("projector", "--url", backlog)
    with Load(backlog, tmp_path, chance, writers=1) as load:
        with Program(*words, "--faulty", name, "--at", at, output=tmp_path / "faulty.out") as faulty:
            stopped = (at - 1, "LookupError: this version cannot fold it", at)
            eventually(lambda: stands(backlog).get(name) == stopped, otherwise=faulty.said)
            load.goes_on(5)
            load.end()
            ((head,),) = query(backlog, "SELECT max(position) FROM log")
            far = dict.fromkeys(others, (head, None, None))
            eventually(lambda: stands(backlog) == {**far, name: stopped}, otherwise=lambda: str(stands(backlog)))
            faulty.stop()
        with Program(*words, output=tmp_path / "mended.out") as mended:
            wait_until_folded(backlog)
            mended.stop()
    assert_projections_equal_a_rebuild(backlog)


def test_an_event_of_an_unknown_topic_stops_projections_before_it_until_a_version_knows_it(
    told: str, tmp_path: Path, chance: Random
) -> None:
    ((state,),) = query(told, "SELECT state FROM rujukan_events WHERE topic = 'agency.registered.v1' LIMIT 1")
    words = ("projector", "--url", told)
    with Load(told, tmp_path, chance, writers=1) as load:
        with Program(*words, output=tmp_path / "older.out") as older:
            with recorder_of(told) as log:
                (unknown,) = log.insert_events([StoredEvent(uuid4(), 1, UNKNOWN, bytes(state))])
            load.goes_on(5)
            eventually(lambda: all_stopped(told, unknown), otherwise=lambda: str(stands(told)))
            older.stop()
        with Program(*words, "--knows", UNKNOWN, "--check", output=tmp_path / "newer.out") as newer:
            load.goes_on(5)
            load.end()
            wait_until_folded(told)
            newer.stop()


def all_stopped(url: str, at: int) -> bool:
    """Every projection, just before the event at this position and because of it."""
    found = stands(url)
    return len(found) == len(PROJECTIONS) and all(
        position == at - 1 and stopped_at == at and error is not None and UNKNOWN in error
        for position, error, stopped_at in found.values()
    )
