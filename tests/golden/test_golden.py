"""Events stored by any earlier version still load, field by field, and are stored in the same bytes."""

import json
from typing import Any

import pytest
from eventsourcing.persistence import JSONTranscoder, StoredEvent
from eventsourcing.utils import register_topic

from domain.aggregate import Initial, Recorded, RecordedEvent
from domain.events import AGGREGATES, event_classes
from infra.event_log.mapper import EventMapper
from tests.golden.examples import CONTENT, FOLDER, STREAM, example, golden_file

TOPICS = sorted(event_classes())
mapper = EventMapper(JSONTranscoder())


def stored(topic: str, state: bytes, version: int = 7) -> StoredEvent:
    return StoredEvent(originator_id=STREAM, originator_version=version, topic=topic, state=state)


def test_every_topic_has_a_golden_file_and_every_file_a_topic() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == TOPICS == sorted(CONTENT)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_stored_bytes_load_as_the_event_they_were(topic: str) -> None:
    expected = example(topic)
    loaded = mapper.to_domain_event(stored(topic, golden_file(topic).read_bytes(), expected.originator_version))
    assert type(loaded) is type(expected)
    assert vars(loaded) == vars(expected)
    assert {name: type(value) for name, value in vars(loaded).items()} == {
        name: type(value) for name, value in vars(expected).items()
    }


@pytest.mark.parametrize("topic", TOPICS)
def test_what_was_loaded_is_stored_in_the_same_bytes(topic: str) -> None:
    was = stored(topic, golden_file(topic).read_bytes())
    again = mapper.to_stored_event(mapper.to_domain_event(was))
    assert (again.topic, again.state) == (was.topic, was.state)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_stored_form_is_plain_json_with_sorted_keys_and_no_types(topic: str) -> None:
    state = json.loads(golden_file(topic).read_bytes())
    assert list(state) == sorted(state)
    assert {"on", "by", "caused_by", "recorded_at"} <= set(state)
    assert not {"originator_id", "originator_version", "timestamp", "topic"} & set(state)
    assert "_type_" not in golden_file(topic).read_text()


@pytest.mark.parametrize("topic", TOPICS)
def test_fields_that_came_later_may_be_missing_and_unknown_ones_are_left_out(topic: str) -> None:
    cls = event_classes()[topic]
    state = json.loads(golden_file(topic).read_bytes())
    optional = {name for name in state if name in vars(cls) or hasattr(cls, name)}
    older = {name: value for name, value in state.items() if name not in optional} | {"from_the_future": 1}
    loaded = vars(mapper.to_domain_event(stored(topic, json.dumps(older).encode())))
    assert "from_the_future" not in loaded
    assert {name: loaded[name] for name in optional} == {name: getattr(cls, name) for name in optional}


def test_every_aggregate_and_event_has_a_pinned_topic() -> None:
    assert [a.TOPIC for a in AGGREGATES] == [
        "household", "referral", "programme", "agency", "service", "facilitator", "target"
    ]  # fmt: skip
    for topic, cls in event_classes().items():
        assert vars(cls)["TOPIC"] == topic
        assert topic.partition(".")[0] in {a.TOPIC for a in AGGREGATES}


class Trial(Recorded):
    TOPIC = "trial"

    class Created(Initial):
        TOPIC = "trial.created.v1"

    class Weighed(RecordedEvent):
        TOPIC = "trial.weighed.v2"
        class_version = 2
        grams: int

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["grams"] = round(state.pop("kilograms") * 1000)


register_topic("trial.weighed.v1", Trial.Weighed)

FIRST_VERSION = (
    b'{"by":"actor-1","caused_by":"00000000-0000-4000-8000-000000000010","kilograms":2.5,'
    b'"on":"2026-03-31","recorded_at":"2026-03-31T03:04:05.678901Z"}'
)


def test_a_second_version_of_an_event_reads_what_the_first_one_stored() -> None:
    """How a stored form changes: a new topic, the old one registered for the same class, and one upcast."""
    loaded: Any = mapper.to_domain_event(stored("trial.weighed.v1", FIRST_VERSION, version=2))
    assert (type(loaded), loaded.grams, loaded.by) == (Trial.Weighed, 2500, "actor-1")
    again = mapper.to_stored_event(loaded)
    assert (again.topic, json.loads(again.state)["class_version"]) == ("trial.weighed.v2", 2)
    assert vars(mapper.to_domain_event(again)) == vars(loaded)
