"""The stored form of events: plain, typed when read, and open to what comes later."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import JSONTranscoder, MapperDeserialisationError, StoredEvent
from eventsourcing.utils import Environment, TopicError, register_topic

from domain.agency import Agency
from domain.aggregate import RecordedEvent
from domain.codes import AgencyKind, Criterion
from domain.household_events import MemberJoined
from domain.values import Actor, Command, Role, Sealed
from infra.event_log.mapper import EventMapper
from infra.event_log.recorder import Recorder
from infra.persistence import Factory, persistence_environment
from projections.engine.log import Undecodable

MAPPER = EventMapper(JSONTranscoder())
COMMAND = Command(uuid4(), Actor("a", Role.ADMINISTRATOR), date(2026, 1, 2), date(2026, 1, 2))
JOINED = MemberJoined(
    originator_id=uuid4(),
    originator_version=2,
    timestamp=datetime(2026, 1, 2, 10, 0, tzinfo=timezone(timedelta(hours=7))),
    on=date(2026, 1, 2),
    by="a",
    caused_by=uuid4(),
    member=uuid4(),
    nik=Sealed(uuid4(), b"\x00\xff"),
    name=Sealed(uuid4(), b"n"),
    birth_date=Sealed(uuid4(), b"b"),
    head=True,
    warnings=("birth-date-differs", "other"),
)


def test_an_event_read_back_is_the_event_that_was_stored() -> None:
    back = MAPPER.to_domain_event(MAPPER.to_stored_event(JOINED))
    assert back == JOINED
    assert vars(back) == vars(JOINED)
    assert isinstance(back, MemberJoined)
    assert isinstance(back.nik, Sealed)
    assert back.timestamp.tzinfo is UTC


def test_the_first_event_of_a_stream_is_read_back_with_its_aggregates_topic() -> None:
    agency = Agency.register(COMMAND, uuid4(), name="Dinas Sosial", kind=AgencyKind.LOCAL_GOVERNMENT)
    (created,) = agency.collect_events()
    stored = MAPPER.to_stored_event(created)
    assert json.loads(stored.state)["originator_topic"] == "agency"
    back = MAPPER.to_domain_event(stored)
    assert back == created
    assert type(vars(back)["kind"]) is AgencyKind


def test_the_stored_form_is_plain_json_with_sorted_keys() -> None:
    stored = MAPPER.to_stored_event(JOINED)
    state = json.loads(stored.state)
    assert stored.topic == "household.member_joined.v1"
    assert list(state) == sorted(state)
    assert stored.state == json.dumps(state, separators=(",", ":"), ensure_ascii=False).encode()
    assert state == {
        "birth_date": {"box": "Yg==", "key": str(JOINED.birth_date.key)},
        "by": "a",
        "caused_by": str(JOINED.caused_by),
        "head": True,
        "member": str(JOINED.member),
        "name": {"box": "bg==", "key": str(JOINED.name.key)},
        "nik": {"box": "AP8=", "key": str(JOINED.nik.key)},
        "on": "2026-01-02",
        "recorded_at": "2026-01-02T03:00:00Z",
        "warnings": ["birth-date-differs", "other"],
    }


def changed(**changes: Any) -> StoredEvent:
    stored = MAPPER.to_stored_event(JOINED)
    state = json.loads(stored.state) | changes
    state = {name: value for name, value in state.items() if value is not ...}
    return StoredEvent(stored.originator_id, stored.originator_version, stored.topic, json.dumps(state).encode())


def test_a_field_that_was_not_stored_takes_its_default_and_one_unknown_is_left_out() -> None:
    back = MAPPER.to_domain_event(changed(warnings=..., novelty={"x": 1}))
    assert isinstance(back, MemberJoined)
    assert back.warnings == ()
    assert not hasattr(back, "novelty")


@pytest.mark.parametrize(
    "changes", [{"member": "not an id"}, {"on": "2026-13-01"}, {"head": 1}, {"nik": ...}, {"nik": {"key": "x"}}]
)
def test_a_state_that_does_not_fit_its_class_is_an_error_naming_the_event(changes: dict[str, Any]) -> None:
    with pytest.raises(MapperDeserialisationError, match=rf"household.member_joined.v1 .*{JOINED.originator_id}"):
        MAPPER.to_domain_event(changed(**changes))


def test_a_topic_that_no_class_has_is_an_error() -> None:
    with pytest.raises(TopicError, match=r"household\.unheard_of\.v1"):
        MAPPER.to_domain_event(StoredEvent(uuid4(), 1, "household.unheard_of.v1", b"{}"))


class Weighed(RecordedEvent):
    """An event in its third version: the first had kilograms, the second had no criteria."""

    TOPIC = "test.weighed.v3"
    class_version: ClassVar[int] = 3
    grams: int
    criteria: tuple[Criterion, ...]

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["grams"] = state.pop("kilograms") * 1000

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        state["criteria"] = []


for _topic in ("test.weighed.v1", "test.weighed.v2"):
    register_topic(_topic, Weighed)

BASE = {"on": "2026-01-02", "by": "a", "caused_by": str(uuid4()), "recorded_at": "2026-01-02T03:00:00Z"}


@pytest.mark.parametrize(
    ("topic", "state"),
    [
        ("test.weighed.v1", {"kilograms": 2}),
        ("test.weighed.v2", {"class_version": 2, "grams": 2000}),
        ("test.weighed.v3", {"class_version": 3, "grams": 2000, "criteria": []}),
    ],
)
def test_older_versions_are_brought_up_before_types_are_checked(topic: str, state: dict[str, Any]) -> None:
    back = MAPPER.to_domain_event(StoredEvent(uuid4(), 1, topic, json.dumps(BASE | state).encode()))
    assert isinstance(back, Weighed)
    assert (back.grams, back.criteria) == (2000, ())
    again = MAPPER.to_stored_event(back)
    assert again.topic == "test.weighed.v3"
    assert json.loads(again.state)["class_version"] == 3


@pytest.fixture
def recorder(database: str) -> Iterator[Recorder]:
    factory = Factory(Environment("rujukan", persistence_environment(database)))
    made = factory.application_recorder()
    assert isinstance(made, Recorder)
    yield made
    factory.close()


def test_the_log_is_read_by_position_as_the_domains_events(recorder: Recorder, database: str) -> None:
    stored = MAPPER.to_stored_event(JOINED)
    recorder.insert_events([replace(stored, originator_version=1), stored])
    _, logged = recorder.read(0, 10)
    assert (logged.position, logged.stream, logged.version) == (2, JOINED.originator_id, 2)
    assert (logged.topic, logged.event, logged.logged_at) == (stored.topic, JOINED, recorder.logged_at(2))
    assert recorder.read(2, 10) == []
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT position, stream, topic, state FROM log WHERE version = 2").fetchone()
    assert row == (2, JOINED.originator_id, "household.member_joined.v1", json.loads(stored.state))


def test_an_event_that_cannot_be_read_is_named_by_position_after_those_before_it(recorder: Recorder) -> None:
    stream: UUID = uuid4()
    good = [StoredEvent(stream, version, "test.weighed.v1", json.dumps(BASE | {"kilograms": 1}).encode())
            for version in (1, 2)]  # fmt: skip
    recorder.insert_events([*good, StoredEvent(stream, 3, "household.unheard_of.v1", b"{}")])
    assert [logged.position for logged in recorder.read(0, 10)] == [1, 2]
    with pytest.raises(Undecodable, match=r"position 3 \(household.unheard_of.v1\)") as caught:
        recorder.read(2, 10)
    assert caught.value.position == 3
