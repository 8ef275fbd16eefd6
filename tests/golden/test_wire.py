"""Messages go over Kafka as they did when agencies first read them, byte for byte; answers are still understood."""

import pytest

from consumers.contracts import CODES, REJECTED
from consumers.replies import FORMS, Place, answer_in, received
from consumers.schema_files import types
from tests.golden.examples import AGENCY
from tests.golden.wire import FOLDER, answer, golden, message, value_in, written
from tests.schema_check import faults_in

READ = (*CODES, REJECTED)


def test_every_type_has_a_golden_message_and_every_message_a_type() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(types())


@pytest.mark.parametrize("type_", types())
def test_a_golden_message_is_what_its_schema_says(type_: str) -> None:
    assert faults_in(type_, golden(type_)["value"]) == []


@pytest.mark.parametrize("type_", READ)
def test_the_same_goes_to_agencies_now(type_: str) -> None:
    found, now = golden(type_), message(type_)
    assert found == written(type_)
    assert list(found["headers"].items()) == [(name, value.decode()) for name, value in now.headers()]
    assert value_in(found) == now.value


@pytest.mark.parametrize("type_", FORMS)
def test_an_answer_as_agencies_write_it_is_understood(type_: str) -> None:
    found = golden(type_)
    headers = [(name, value.encode()) for name, value in found["headers"].items()]
    envelope = received(AGENCY, Place("replies", 0, 0), headers, value_in(found))
    assert (envelope.type, envelope.fault) == (type_, None)
    assert answer_in(envelope) == answer(type_)


@pytest.mark.parametrize("type_", types())
def test_every_field_and_code_of_a_schema_is_in_its_golden_message(type_: str) -> None:
    value, said = golden(type_)["value"], written(type_)["value"]
    assert value.keys() == said.keys()
    if type_ in CODES:
        assert tuple(value["codes"]) == CODES[type_]
