"""Referrals as they stand."""

import base64
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from domain.application import Rujukan
from domain.codes import ReferralReason
from domain.referral import Referral
from domain.values import Actor, Role, Sealed
from infra.event_log.recorder import Recorder
from infra.persistence import persistence_environment
from projections import referral_rows, referrals
from projections.engine.runner import Connect, Runner
from tests.projections.conftest import SEALER
from tests.projections.story import BANK, CENTRE, JOKO, MINISTRY, OFFICER, SARI, Teller, day, due, named

pytestmark = pytest.mark.usefixtures("folded")
TODAY = date(2026, 6, 30)
ALL = ("siti-loan", "first", "second", "third", "fourth", "fifth")


def listed(rows: Connection[DictRow], actor: Actor = MINISTRY, **asked: Any) -> set[UUID]:
    found = referrals.listing(rows, actor, TODAY, **{"as_of": TODAY, "limit": 100, **asked})
    return {row["referral"] for row in found}


def find(rows: Connection[DictRow], actor: Actor, today: date, referral: UUID) -> Any:
    return referrals.find(rows, actor, today, referral, retention_days=90)


def called(*names: str) -> set[UUID]:
    return {named(name) for name in names}


@pytest.mark.parametrize("name", ALL)
def test_a_row_is_what_the_aggregate_is(name: str, rows: Connection[DictRow], told: str) -> None:
    application = Rujukan(env=persistence_environment(told))
    aggregate = application.load(Referral, named(name))
    application.close()
    row = find(rows, MINISTRY, TODAY, named(name))
    assert row is not None
    assert {field: row[field] for field in ("state", "since", "respond_by", "next_by", "cancel_by", "version")} == {
        field: getattr(aggregate, field)
        for field in ("state", "since", "respond_by", "next_by", "cancel_by", "version")
    }


def test_a_row_tells_what_became_of_a_referral(rows: Connection[DictRow]) -> None:
    loan = find(rows, SARI, day("2026-06-01"), named("siti-loan"))
    assert loan is not None
    assert (loan["agency_name"], loan["service_name"], loan["service_kind"]) == ("Bank Rakyat", "KUR mikro", "capital")
    assert (loan["outcome"], loan["amount"], loan["appointment"]) == ("capital_disbursed", 5_000_000, day("2026-02-15"))
    assert (loan["who"], loan["due"], loan["progress_overdue"]) == (None, None, True)
    first = find(rows, SARI, TODAY, named("first"))
    second = find(rows, SARI, TODAY, named("second"))
    assert first is not None
    assert second is not None
    assert (first["state"], first["reason"], first["redirected_to"]) == ("redirected", "not_eligible", named("second"))
    assert (first["information"], first["response_overdue"]) == (["business_details"], False)
    assert (second["previous"], second["reason"]) == (named("first"), "household_refused")


def test_the_need_opens_under_the_households_key_for_this_referral_alone(rows: Connection[DictRow]) -> None:
    row = find(rows, MINISTRY, TODAY, named("fifth"))
    assert row is not None
    box = Sealed(UUID(row["need"]["key"]), base64.b64decode(row["need"]["box"]))
    assert box.key == named("budi")
    assert SEALER.open(box, stream=named("fifth"), field="need") == "Modal untuk warung"


def test_notes_are_kept_sealed_in_their_order(
    told: str, rows: Connection[DictRow], connect: Connect, log: Recorder
) -> None:
    application = Rujukan(env=persistence_environment(told))
    teller = Teller(application, SEALER)
    for on, text in (("2026-06-30", "Kuota penuh"),):
        note = teller.sealed(text, "budi", "fifth", "note")
        application.decline(named("fifth"), teller.by(BANK, on), reason=ReferralReason.OTHER, note=note)
    application.close()
    Runner(connect, log, referral_rows.PROJECTION).catch_up()
    row = find(rows, SARI, TODAY, named("fifth"))
    assert row is not None
    (kept,) = row["notes"]
    assert (kept["topic"], kept["on"], kept["position"]) == ("referral.declined.v1", "2026-06-30", log.head())
    box = Sealed(UUID(kept["note"]["key"]), base64.b64decode(kept["note"]["box"]))
    assert SEALER.open(box, stream=named("fifth"), field="note") == "Kuota penuh"


def test_agencies_see_what_was_sent_to_them_and_others_what_their_households_have(rows: Connection[DictRow]) -> None:
    assert listed(rows) == called(*ALL)
    assert listed(rows, OFFICER) == called(*ALL)
    assert listed(rows, Actor("elsewhere", Role.REGIONAL_OFFICER, "33.25")) == set()
    assert listed(rows, BANK) == called("siti-loan", "first", "third", "fifth")
    assert listed(rows, CENTRE) == called("second", "fourth")
    assert listed(rows, CENTRE, agency=named("bank")) == set()
    assert listed(rows, SARI) == called("first", "second", "third", "fourth", "fifth")
    assert listed(rows, JOKO) == called("siti-loan")
    for role in (Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR):
        assert listed(rows, Actor("x", role)) == set()
    assert find(rows, CENTRE, TODAY, named("first")) is None
    assert find(rows, CENTRE, TODAY, named("second")) is not None
    assert find(rows, MINISTRY, TODAY, named("nothing")) is None


def test_a_list_narrows_by_agency_state_household_and_what_is_overdue(rows: Connection[DictRow]) -> None:
    assert listed(rows, agency=named("centre")) == called("second", "fourth")
    assert listed(rows, state="sent") == called("fifth")
    assert listed(rows, household=named("siti")) == called("siti-loan")
    assert listed(rows, overdue=True) == called("fifth")
    assert listed(rows, overdue=True, as_of=day("2026-06-20")) == set()
    assert listed(rows, overdue=False) == called(*ALL) - called("fifth")


def test_a_list_goes_on_after_the_last_one_given(rows: Connection[DictRow]) -> None:
    seen: list[UUID] = []
    while found := referrals.listing(rows, MINISTRY, TODAY, as_of=TODAY, after=seen[-1] if seen else None, limit=2):
        seen += [row["referral"] for row in found]
    assert seen == sorted(called(*ALL))


def test_the_clock_is_told_of_each_deadline_until_its_event_is_written(
    told: str, rows: Connection[DictRow], connect: Connect, log: Recorder
) -> None:
    assert referrals.due(rows, day("2026-06-20"), 10) == []
    assert referrals.due(rows, day("2026-06-21"), 10) == [named("fifth")]
    assert referrals.due(rows, day("2026-06-21"), 10, passed=named("fifth")) == []
    application = Rujukan(env=persistence_environment(told))
    teller = Teller(application, SEALER)
    application.accept(named("fifth"), teller.by(BANK, "2026-06-30"), next_by=due("2026-07-10"))
    application.close()
    Runner(connect, log, referral_rows.PROJECTION).catch_up()
    rows.rollback()
    assert referrals.due(rows, day("2026-07-10"), 10) == []
    assert referrals.due(rows, day("2026-07-11"), 10) == [named("fifth")]
