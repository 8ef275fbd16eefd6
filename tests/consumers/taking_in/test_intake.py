"""Answers of agencies come into the log once, and what is refused is kept with its reason."""

import json
import re
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from consumers.replies import Envelope, Place, received
from consumers.taking_in.intake import Came, Intake, Taken, TryAgain
from domain.answering import Answering
from tests.api.rig import OFFICER, Rig


class Partner:
    """An agency, and how it answers."""

    def __init__(self, rig: Rig, intake: Intake) -> None:
        self.rig = rig
        self.intake = intake
        agency, self.officer = rig.agency()
        self.agency = UUID(agency)
        self.service = rig.service(agency)

    def referral(self) -> str:
        return self.rig.referral(self.rig.household(), self.service)

    def envelope(self, action: str, referral: str, *, id_: str | None = None, **content: Any) -> Envelope:
        body = json.dumps({"referral": referral, **content}).encode()
        return Envelope(f"/agencies/{self.agency}", id_ or str(uuid4()), f"rujukan.reply.{action}.v1", body)

    def answers(self, action: str, referral: str, *, id_: str | None = None, **content: Any) -> Taken:
        return self.intake.take(self.agency, self.envelope(action, referral, id_=id_, **content))

    def state(self, referral: str) -> str:
        return str(self.rig.latest(f"/v1/referrals/{referral}", OFFICER).json()["state"])


def intake_of(rig: Rig) -> Intake:
    services = rig.services
    answering = Answering(services.application, services.calendar, services.days)
    return Intake(answering, services.log, services.pool.connection, services.time)


@pytest.fixture
def partner(rig: Rig) -> Partner:
    return Partner(rig, intake_of(rig))


def rejected(rig: Rig) -> list[dict[str, Any]]:
    with psycopg.connect(rig.url, row_factory=dict_row) as connection:
        return connection.execute("SELECT * FROM rejected_replies ORDER BY number").fetchall()


def head(rig: Rig) -> int:
    return rig.services.log.head()


def test_a_referral_is_answered_from_its_receipt_to_its_outcome(partner: Partner) -> None:
    referral = partner.referral()
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("received", {}, "received"),
        ("request_information", {"information": ["business_details"]}, "waiting"),
    ]
    for action, content, state in steps:
        assert partner.answers(action, referral, **content).came is Came.APPLIED
        assert partner.state(referral) == state
    partner.rig.post(f"/v1/referrals/{referral}/supply-information", {}, OFFICER, 200)
    for action, content, state in [
        ("accept", {}, "accepted"),
        ("schedule", {"appointment": "2026-06-20"}, "scheduled"),
        ("miss", {}, "accepted"),
        ("schedule", {"appointment": "2026-06-22"}, "scheduled"),
        ("attend", {}, "accepted"),
        ("start", {}, "in_service"),
        ("complete", {"outcome": "capital_disbursed", "amount": 5_000_000}, "completed"),
    ]:
        taken = partner.answers(action, referral, **content)
        assert taken == Taken(Came.APPLIED, position=head(partner.rig))
        assert partner.state(referral) == state


def test_one_that_comes_again_is_known_and_changes_nothing(partner: Partner) -> None:
    referral = partner.referral()
    envelope = partner.envelope("accept", referral)
    first = partner.intake.take(partner.agency, envelope)
    partner.answers("start", referral)
    before = head(partner.rig)
    assert partner.intake.take(partner.agency, envelope) == Taken(Came.KNOWN, position=first.position)
    assert head(partner.rig) == before
    assert rejected(partner.rig) == []


def test_what_is_so_already_is_satisfied_and_remembered(partner: Partner) -> None:
    referral = partner.referral()
    first = partner.answers("accept", referral)
    envelope = partner.envelope("accept", referral)
    assert partner.intake.take(partner.agency, envelope) == Taken(Came.SATISFIED, position=first.position)
    assert partner.intake.take(partner.agency, envelope).came is Came.KNOWN


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("start", "illegal-transition"),
        ("cancel", "forbidden"),
        ("settle", "forbidden"),
        ("expire", "forbidden"),
        ("mark_response_overdue", "forbidden"),
        ("dance", "unknown-type"),
    ],
)
def test_what_the_table_does_not_allow_is_refused_once_with_its_code(partner: Partner, action: str, code: str) -> None:
    referral = partner.referral()
    before = head(partner.rig)
    envelope = partner.envelope(action, referral)
    assert [partner.intake.take(partner.agency, envelope).came for _ in range(2)] == [Came.REJECTED, Came.KNOWN]
    (row,) = rejected(partner.rig)
    assert (row["code"], row["agency"], str(row["referral"]), row["id"]) == (
        code,
        partner.agency,
        referral,
        envelope.id,
    )
    assert row["digest"] == envelope.digest
    assert head(partner.rig) == before


@pytest.mark.parametrize("content", [{"reason": "no_longer_needed"}, {"note": "Siti"}])
def test_what_only_a_sender_may_do_is_called_so_whatever_stands_in_the_body(
    partner: Partner, content: dict[str, Any]
) -> None:
    assert partner.answers("cancel", partner.referral(), **content).code == "forbidden"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),
        (b"{", None),
        (b"\xff\xfe", None),
        (b"[]", None),
        (b'{"referral": 12}', "referral"),
        (b'{"referral": "x\\u0000"}', "referral"),
        (b'{"referral": "REFERRAL", "reason": "because"}', "reason"),
        (b'{"referral": "REFERRAL"}', "reason"),
        (b'{"referral": "REFERRAL", "reason": "other", "note": "Siti 3324040101900001"}', "note"),
        (b'{"referral": "REFERRAL", "reason": "no_budget", "amount": 5}', "amount"),
        (b'{"referral": "REFERRAL", "reason": "no_budget", "3324040101900001": "Siti"}', None),
        (b'{"referral": "REFERRAL", "reason": "no_budget", "on": "31/12/2026"}', "on"),
        (b'{"referral": "REFERRAL", "reason": "no_budget", "pad": "' + b"x" * 20_000 + b'"}', None),
        (b'{"referral": "REFERRAL", "pad": ' + b"[" * 4_500 + b"]" * 4_500 + b"}", None),
    ],
)
def test_a_poison_answer_is_refused_and_nothing_of_it_repeated(
    partner: Partner, body: bytes, field: str | None
) -> None:
    referral = partner.referral()
    body = body.replace(b"REFERRAL", referral.encode())
    envelope = Envelope(f"/agencies/{partner.agency}", "poison", "rujukan.reply.decline.v1", body)
    taken = partner.intake.take(partner.agency, envelope)
    assert (taken.came, taken.field) == (Came.REJECTED, field)
    assert taken.code in ("malformed-reply", "too-long")
    (row,) = rejected(partner.rig)
    assert "3324040101900001" not in str(row) and "because" not in str(row)
    assert partner.answers("decline", referral, reason="no_budget").came is Came.APPLIED


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "it is no JSON."),
        (b"[]", "it is no JSON object."),
        (b'{"referral": "REFERRAL"}', "`information` is missing."),
        (b'{"referral": "REFERRAL", "information": ["other", "more"]}', "look at `information[1]`."),
        (b'{"referral": "REFERRAL", "information": [], "note": "x"}', "look at `information`."),
        (b'{"referral": "REFERRAL", "reason": "no_budget"}', "`reason` does not belong there."),
        (b'{"referral": "REFERRAL", "information": ["x - at `$.siti`"]}', "look at `information[0]`."),
        (b'{"referral": "REFERRAL", "x` - at `$.siti": 1}', "it has a field that does not belong there."),
        (b'{"referral": "REFERRAL", "SITI": 1}', "it has a field that does not belong there."),
    ],
)
def test_what_is_wrong_with_a_body_is_told_in_words_without_its_content(
    partner: Partner, body: bytes, detail: str
) -> None:
    body = body.replace(b"REFERRAL", partner.referral().encode())
    type_ = "rujukan.reply.request_information.v1"
    taken = partner.intake.take(partner.agency, Envelope(f"/agencies/{partner.agency}", "poison", type_, body))
    assert taken.detail == f"The body is not what the schema of {type_} says: {detail}"
    named = re.search("`(.*)`", detail)
    assert taken.field == (named[1] if named else None)


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ([], "specversion"),
        ([("ce_specversion", b"1.0")], "source"),
        ([("ce_specversion", b"0.3"), ("ce_id", b"1"), ("ce_source", b"/x"), ("ce_type", b"t")], "specversion"),
        ([("ce_specversion", b"1.0"), ("ce_id", b"a\x00b"), ("ce_source", b"/x"), ("ce_type", b"t")], "id"),
        ([("ce_specversion", b"1.0"), ("ce_id", b"i" * 201), ("ce_source", b"/x"), ("ce_type", b"t")], "id"),
        ([("ce_specversion", b"1.0"), ("ce_id", b"\xff"), ("ce_source", b"/x"), ("ce_type", b"t\x00")], "id"),
        ([("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", None), ("ce_type", b"t")], "source"),
        ([("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/x")], "type"),
    ],
)
def test_what_is_no_cloudevent_is_refused_by_the_name_of_its_place(
    partner: Partner, headers: list[tuple[str, bytes]], field: str
) -> None:
    envelope = received(partner.agency, Place("replies", 2, 17), headers, b"{}")
    taken = partner.intake.take(partner.agency, envelope)
    assert (taken.code, taken.field) == ("no-cloudevent", field)
    (row,) = rejected(partner.rig)
    assert (row["id"], row["topic"], row["partition"], row["offset"]) == ("replies/2/17", "replies", 2, 17)


@pytest.mark.parametrize("name", ["id", "source", "type"])
def test_a_name_with_the_number_of_a_person_is_refused_and_not_kept(partner: Partner, name: str) -> None:
    own = f"/agencies/{partner.agency}"
    names = {"id": "1", "source": own, "type": "rujukan.reply.accept.v1"}
    names[name] += "/3324040101900001"
    headers = [("ce_specversion", b"1.0"), *((f"ce_{key}", value.encode()) for key, value in names.items())]
    taken = partner.intake.take(partner.agency, received(partner.agency, Place("replies", 2, 17), headers, b"{}"))
    assert (taken.code, taken.field) == ("malformed-id", name)
    (row,) = rejected(partner.rig)
    assert row["id"] == "replies/2/17" and "3324040101900001" not in str(row)


def test_an_answer_in_the_name_of_another_agency_is_refused(rig: Rig, partner: Partner) -> None:
    other = Partner(rig, partner.intake)
    mine, theirs = partner.referral(), other.referral()
    assert partner.answers("accept", theirs).code == "not-found"
    envelope = other.envelope("accept", mine)
    assert partner.intake.take(partner.agency, envelope).code == "foreign-source"
    assert (partner.state(mine), other.state(theirs)) == ("sent", "sent")
    assert other.answers("accept", theirs, id_=envelope.id).came is Came.APPLIED


def test_another_answer_under_the_same_id_is_refused_and_neither_is_lost(partner: Partner) -> None:
    referral = partner.referral()
    assert partner.answers("accept", referral, id_="1").came is Came.APPLIED
    assert partner.answers("start", referral, id_="1").code == "id-reused"
    assert partner.answers("start", referral, id_="1").came is Came.KNOWN
    assert partner.state(referral) == "accepted"


def test_a_note_that_is_missing_is_named(partner: Partner) -> None:
    taken = partner.answers("decline", partner.referral(), reason="other")
    assert (taken.code, taken.field) == ("note-missing", "note")
    assert rejected(partner.rig)[-1]["field"] == "note"


def test_a_date_in_the_future_is_refused(partner: Partner) -> None:
    assert partner.answers("accept", partner.referral(), on="2099-01-01").field == "on"


def test_while_the_log_is_away_nothing_is_decided(rig: Rig, partner: Partner) -> None:
    class Away:
        def receipt(self, *_: str) -> None:
            raise psycopg.OperationalError("away")

    services = rig.services
    answering = Answering(services.application, services.calendar, services.days)
    intake = Intake(answering, Away(), services.pool.connection, services.time)
    with pytest.raises(TryAgain):
        intake.take(partner.agency, partner.envelope("accept", partner.referral()))
    assert rejected(rig) == []
