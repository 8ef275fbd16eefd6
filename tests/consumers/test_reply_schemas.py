"""An answer is understood exactly where the schema of its type allows it."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consumers.replies import FORMS, Envelope, Malformed, answer_in
from domain.codes import Information, ReferralOutcome, ReferralReason
from tests.schema_check import faults_in

TYPES = st.sampled_from(sorted(FORMS))
RUPIAH = 10**15


def ids() -> st.SearchStrategy[Any]:
    forms = (
        str,
        lambda i: str(i).upper(),
        lambda i: i.hex,
        lambda i: i.urn,
        lambda i: f"{{{i}}}",
        lambda i: str(i)[1:],
    )
    return st.builds(lambda i, form: form(i), st.uuids(), st.sampled_from(forms))


def days() -> st.SearchStrategy[Any]:
    forms = ("%Y-%m-%d", "%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%Y-%m-%dT00:00:00Z", "%Y-%m", "%G-W%V-%u", "2026-02-30")
    return st.builds(lambda day, form: day.strftime(form), st.dates(), st.sampled_from(forms))


def codes(*enums: type[Any]) -> st.SearchStrategy[Any]:
    known = [str(code) for enum in enums for code in enum]
    return st.sampled_from([*known, *(code.upper() for code in known), "because", ""])


def amounts() -> st.SearchStrategy[Any]:
    whole = st.integers(-2, 10) | st.integers(RUPIAH - 2, RUPIAH + 2) | st.integers()
    return whole | whole.map(float) | st.floats(allow_nan=False, allow_infinity=False) | whole.map(str)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "referral": ids(),
    "on": days() | st.none(),
    "information": st.lists(codes(Information), max_size=12),
    "reason": codes(ReferralReason),
    "appointment": days(),
    "outcome": codes(ReferralOutcome),
    "amount": amounts() | st.none(),
}
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "referral": st.uuids().map(str),
    "on": st.dates().map(str),
    "information": st.lists(st.sampled_from([str(code) for code in Information]), min_size=1, max_size=10),
    "reason": st.sampled_from([str(code) for code in ReferralReason]),
    "appointment": st.dates().map(str),
    "outcome": st.sampled_from([str(code) for code in ReferralOutcome]),
    "amount": st.integers(0, RUPIAH),
}


@st.composite
def answers(draw: st.DrawFn) -> tuple[str, Any]:
    """A good one, with up to two faults: a field left out, or with another value, or one too many."""
    type_ = draw(TYPES)
    body = {name: draw(GOOD[name]) for name in FORMS[type_].__struct_fields__}
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from([*body, *FIELDS, "note"]))
        if draw(st.booleans()):
            body.pop(name, None)
        else:
            body[name] = draw(FIELDS.get(name, ANYTHING) | ANYTHING)
    return type_, body


def is_understood(type_: str, body: Any) -> bool:
    try:
        answer_in(Envelope("/agencies/x", "1", type_, json.dumps(body).encode()))
    except Malformed:
        return False
    return True


@given(answers())
def test_what_the_schema_allows_is_understood_and_nothing_else(answer: tuple[str, Any]) -> None:
    type_, body = answer
    assert is_understood(type_, body) == (faults_in(type_, body) == [])


@given(TYPES, ANYTHING)
def test_what_is_no_object_of_an_answer_is_not_understood(type_: str, body: Any) -> None:
    assume(not isinstance(body, dict))
    assert not is_understood(type_, body)
    assert faults_in(type_, body)


@pytest.mark.parametrize("type_", sorted(FORMS))
def test_each_field_of_a_form_is_in_its_schema_and_needed_in_both(type_: str) -> None:
    whole = {
        "referral": str(uuid4()), "on": "2026-03-31", "information": ["other"], "reason": "no_budget",
        "appointment": "2026-04-07", "outcome": "recovered", "amount": 0,
    }  # fmt: skip
    body = {name: whole[name] for name in FORMS[type_].__struct_fields__}
    assert is_understood(type_, body) and faults_in(type_, body) == []
    for name in body:
        less = {other: value for other, value in body.items() if other != name}
        assert is_understood(type_, less) == (faults_in(type_, less) == []), name


@pytest.mark.parametrize(
    ("written", "meant"), [("5000000", 5_000_000), ("5000000.0", 5_000_000), ("5e6", 5_000_000), ("5000000.5", None)]
)
def test_an_amount_is_a_whole_number_however_it_is_written(written: str, meant: int | None) -> None:
    body = f'{{"referral": "{UUID(int=1)}", "outcome": "capital_disbursed", "amount": {written}}}'
    envelope = Envelope("/agencies/x", "1", "rujukan.reply.complete.v1", body.encode())
    if meant is None:
        with pytest.raises(Malformed) as caught:
            answer_in(envelope)
        assert caught.value.field == "amount"
    else:
        found = answer_in(envelope).amount
        assert (found, type(found)) == (meant, int)
