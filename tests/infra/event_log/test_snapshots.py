"""A household is decided on without replaying its years, and stands exactly as if it had been replayed."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import Environment

from domain.household import Household
from infra.event_log import snapshots
from infra.event_log.recorder import Recorder
from infra.event_log.snapshots import SNAPSHOT_EVERY, TOPIC, restored, snapshot
from infra.persistence import Factory, persistence_environment
from tests.conftest import TEMPLATE
from tests.infra.sample_loads import load_sample
from tests.projections.conftest import fresh

GOLDEN = Path(__file__).parent / "household.snapshot.v2.json"
TODAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def sample(server: str) -> Iterator[tuple[str, Recorder]]:
    """URL and recorder of a database with the sample."""
    with fresh(server, TEMPLATE) as url:
        load_sample(url, TODAY)
        factory = Factory(Environment("rujukan", persistence_environment(url)))
        recorder = factory.application_recorder()
        assert isinstance(recorder, Recorder)
        yield url, recorder
        factory.close()


def households(url: str, at_least: int = 1) -> list[UUID]:
    query = (
        "SELECT originator_id FROM rujukan_events GROUP BY 1"
        " HAVING min(topic) FILTER (WHERE originator_version = 1) = 'household.registered.v1' AND count(*) >= %s"
        " ORDER BY count(*) DESC, 1"
    )
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(query, [at_least])]


def replayed(recorder: Recorder, household: UUID, until: int | None = None) -> Household:
    record: Any = None
    for stored in recorder.select_events(household, lte=until):
        record = recorder._decoder.to_recorded_event(stored).mutate(record)
    assert isinstance(record, Household)
    return record


def test_a_household_loaded_from_its_snapshot_is_as_if_replayed_from_its_first_event(
    sample: tuple[str, Recorder],
) -> None:
    url, recorder = sample
    long = households(url, SNAPSHOT_EVERY)[:40]
    assert len(long) == 40
    with psycopg.connect(url) as connection:
        kept = connection.execute(
            "SELECT originator_id, originator_version FROM snapshots WHERE originator_id = ANY(%s)", [long]
        ).fetchall()
    assert {household for household, _ in kept} == set(long)
    assert all(version % SNAPSHOT_EVERY < SNAPSHOT_EVERY and version >= SNAPSHOT_EVERY for _, version in kept)
    loaded = recorder.records(long)
    for household in long:
        assert vars(loaded[household]) == vars(replayed(recorder, household))


def test_at_any_version_a_snapshot_and_the_events_after_it_give_the_same_household(
    sample: tuple[str, Recorder],
) -> None:
    url, recorder = sample
    for household in households(url)[::90]:
        events = [recorder._decoder.to_recorded_event(e) for e in recorder.select_events(household)]
        whole = vars(replayed(recorder, household))
        for version in range(1, len(events)):
            record: Any = restored(snapshot(replayed(recorder, household, version)))
            for event in events[version:]:
                event.mutate(record)
            assert vars(record) == whole, f"from a snapshot at version {version} of {len(events)}"


def test_a_thousand_households_are_loaded_by_one_query(sample: tuple[str, Recorder]) -> None:
    url, recorder = sample
    asked = (households(url) * 2)[:1000]
    before = recorder._loading.executed
    loaded = recorder.records(asked)
    assert recorder._loading.executed - before == 1
    assert set(loaded) == set(asked)
    assert all(isinstance(record, Household) for record in loaded.values())


def test_what_does_not_exist_is_left_out(sample: tuple[str, Recorder]) -> None:
    assert sample[1].records([uuid4()]) == {}


def test_each_caller_is_given_a_record_of_its_own(sample: tuple[str, Recorder]) -> None:
    url, recorder = sample
    household = households(url)[0]
    first, second = (recorder.records([household])[household] for _ in range(2))
    assert first is not second
    assert vars(first) == vars(second)


def test_a_snapshot_of_another_form_is_passed_over(sample: tuple[str, Recorder]) -> None:
    url, recorder = sample
    household = households(url, SNAPSHOT_EVERY)[0]
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE snapshots SET topic = 'household.snapshot.v0', state = 'not even JSON' WHERE originator_id = %s",
            [household],
        )
    assert vars(recorder.records([household])[household]) == vars(replayed(recorder, household))


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", b"not even JSON"), ("state", b"{}"), ("originator_version", 1000)],
    ids=["no JSON", "fields missing", "ahead of the log"],
)
def test_a_damaged_snapshot_is_passed_over(sample: tuple[str, Recorder], column: str, value: object) -> None:
    url, recorder = sample
    household = households(url, SNAPSHOT_EVERY)[1]
    with psycopg.connect(url) as connection:
        kept = connection.execute(f"SELECT {column} FROM snapshots WHERE originator_id = %s", [household]).fetchone()
        assert kept is not None
        change = f"UPDATE snapshots SET {column} = %s WHERE originator_id = %s"
        connection.execute(change, [value, household])
        connection.commit()
        assert vars(recorder.records([household])[household]) == vars(replayed(recorder, household))
        connection.execute(change, [kept[0], household])


def test_the_stored_form_is_a_promise() -> None:
    """Should this fail, the form has changed: give it a new topic, and make the golden file anew."""
    golden = StoredEvent(UUID(int=7), 64, TOPIC, GOLDEN.read_bytes())
    assert msgspec.json.decode(snapshot(restored(golden)).state) == msgspec.json.decode(golden.state)
    form = {field.name for field in msgspec.structs.fields(snapshots.KeptHousehold)}
    assert set(msgspec.json.decode(golden.state)) == form
