"""What agencies are told is what the schemas say, and nothing of anybody's data."""

import json
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator
from psycopg import Connection
from psycopg.rows import DictRow

from consumers.contracts import CODES, REJECTED, SOURCE, Message, referral_message, rejection_message
from consumers.replies import FORMS
from consumers.schema_files import schema, types
from domain.codes import Information, LegalBasis, ReferralOutcome, ReferralReason
from domain.events import event_classes
from domain.referral_table import State
from projections import referral_feed
from tests.projections.teller import named
from tests.schema_check import faults_in

ENUMS: dict[str, type[Any]] = {
    "state": State,
    "back_to": State,
    "legal_basis": LegalBasis,
    "information": Information,
    "reason": ReferralReason,
    "outcome": ReferralOutcome,
}
AGENCIES = (named("bank"), named("centre"))
REJECTION: dict[str, Any] = {
    "number": 3,
    "agency": named("bank"),
    "source": f"/agencies/{named('bank')}",
    "id": "11",
    "digest": bytes(32),
    "type": "rujukan.reply.accept.v1",
    "referral": named("siti-loan"),
    "code": "illegal-transition",
    "field": None,
    "detail": "accept is not possible in state completed.",
    "topic": "replies",
    "partition": 2,
    "offset": 17,
    "at": datetime(2026, 3, 31, 3, 4, 5, 678901, tzinfo=UTC),
}


@pytest.fixture
def messages(rows: Connection[DictRow], folded: int) -> list[Message]:
    """All that the agencies of the story are told."""
    return [
        referral_message(row)
        for agency in AGENCIES
        for row in referral_feed.read(rows, agency, 0, 10_000, until=folded)
    ]


def test_every_message_has_a_schema_and_every_schema_a_message() -> None:
    assert set(types()) == {*CODES, *FORMS, REJECTED}


@pytest.mark.parametrize("type_", types())
def test_a_schema_is_one_and_says_in_words_what_its_message_is(type_: str) -> None:
    found = schema(type_)
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert found["$id"] == f"urn:rujukan:schema:{type_}"
    assert found["title"] and found["description"].endswith(".")


@pytest.mark.parametrize("type_", types())
def test_what_agencies_read_may_grow_and_what_they_write_holds_nothing_unknown(type_: str) -> None:
    found = schema(type_)
    assert found["additionalProperties"] is (type_ not in FORMS)
    if type_ in CODES:
        assert found["properties"]["codes"]["additionalProperties"] is True


@pytest.mark.parametrize("type_", CODES)
def test_the_codes_of_a_schema_are_those_that_its_event_has_and_needed_where_it_always_has_them(type_: str) -> None:
    told, event = schema(type_)["properties"]["codes"], event_classes()[type_.removeprefix("rujukan.")]
    assert tuple(told["properties"]) == CODES[type_]
    needed = {field.name: field.default is MISSING for field in fields(event) if field.name in CODES[type_]}
    assert needed.keys() == set(CODES[type_]), "the contract promises what no event holds"
    assert set(told["required"]) == {name for name, always in needed.items() if always}


@pytest.mark.parametrize("type_", types())
def test_lists_of_codes_are_those_of_the_domain(type_: str) -> None:
    properties = schema(type_)["properties"]
    for name, listed in {**properties, **properties.get("codes", {}).get("properties", {})}.items():
        if name in ENUMS and type_ != REJECTED:
            assert listed.get("items", listed)["enum"] == [str(code) for code in ENUMS[name]], name


def test_all_that_the_story_tells_agencies_is_what_the_schemas_say(messages: list[Message]) -> None:
    assert {message.type for message in messages} == set(CODES)
    for message in messages:
        body = json.loads(message.value)
        assert faults_in(message.type, body) == []
        assert set(body) == set(schema(message.type)["properties"])
        assert set(body["codes"]) <= set(CODES[message.type])


def test_a_refusal_is_what_its_schema_says() -> None:
    for row in (REJECTION, {**REJECTION, "type": None, "referral": None, "field": "referral"}):
        body = json.loads(rejection_message(row).value)
        assert faults_in(REJECTED, body) == []
        assert set(body) == set(schema(REJECTED)["properties"])


@pytest.mark.parametrize("replayed", [False, True])
def test_headers_are_those_of_cloudevents_in_binary_mode(messages: list[Message], replayed: bool) -> None:
    refused = [rejection_message(REJECTION), rejection_message({**REJECTION, "referral": None})]
    for message in [*messages, *refused]:
        attributes: dict[str, Any] = {
            "specversion": "1.0",
            "id": message.id,
            "source": SOURCE,
            "type": message.type,
            "time": datetime.fromisoformat(message.time),
            "datacontenttype": "application/json",
            "subject": message.subject,
        }
        body = json.loads(message.value)
        given = {name: value for name, value in attributes.items() if value is not None}
        event = CloudEvent({**given, **({"replayed": "true"} if replayed else {})}, body)
        expected = to_binary(event, JSONFormat())
        headers = message.headers(replayed=replayed)
        assert dict(headers) == expected.headers
        assert len(headers) == len(expected.headers)
        read = from_binary(KafkaMessage(dict(headers), message.key, message.value), JSONFormat())
        assert read.get_attributes().items() >= given.items()
        assert read.get_data() == body


def test_no_message_holds_anything_personal(messages: list[Message], rows: Connection[DictRow]) -> None:
    told = b"\n".join(message.value + repr(message.headers()).encode() for message in messages).decode()
    words = "Modal untuk warung", "Pelatihan", "Dukuh Krajan", "Surat 12/2026", "1990-01-01", "33240401", "33241001"
    people = "siti-head", "siti-child", "siti-mother", "siti-baby", "wati-head", "budi-head", "rina-head", "yuni-head"
    assert [canary for canary in (*words, *people) if canary in told] == []
    boxes = boxes_in([row["state"] for row in rows.execute("SELECT state FROM log").fetchall()])
    assert len(boxes) > 30
    assert [box for box in boxes if box in told] == []


def boxes_in(found: Any) -> set[str]:
    """All ciphertext, as the log holds it."""
    if isinstance(found, dict):
        own = {found["box"]} if {"box", "key"} <= found.keys() else set()
        return own.union(*map(boxes_in, found.values()))
    return set().union(*map(boxes_in, found)) if isinstance(found, list) else set()
