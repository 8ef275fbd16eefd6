"""Households as they stand now."""

import base64
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from domain.application import Rujukan
from domain.household import Household
from domain.values import Actor, Role, Sealed
from infra.persistence import persistence_environment
from projections import households
from tests.projections.conftest import SEALER
from tests.projections.teller import JOKO, MINISTRY, OFFICER, SARI, day, named

pytestmark = pytest.mark.usefixtures("folded")
TODAY = date(2026, 6, 30)
EVERYONE = ("siti", "wati", "budi", "rina", "yuni")


def ids(found: list[dict[str, Any]]) -> set[UUID]:
    return {row["household"] for row in found}


def called(*names: str) -> set[UUID]:
    return {named(name) for name in names}


@pytest.mark.parametrize("name", EVERYONE)
def test_a_row_is_what_the_aggregate_is(name: str, rows: Connection[DictRow], told: str) -> None:
    application = Rujukan(env=persistence_environment(told))
    household = application.load(Household, named(name))
    application.close()
    row = households.find(rows, MINISTRY, TODAY, named(name))
    assert row is not None
    assert (row["region"], row["status"], row["version"]) == (household.region, household.status, household.version)
    assert (row["registered_on"], row["registered_by"]) == (household.began_on, household.registered_by)
    assert (row["last_on"], row["left_on"]) == (household.last_on, household.left_on)
    assert row["decile"] == household.decile
    assert row["programmes"] == sorted(code for code in household.enrolments if household.is_enrolled(code))
    assert [(a["facilitator"], a["role"], a["since"], a["until"]) for a in row["assignments"]] == [
        (str(a.facilitator), a.role, a.since.isoformat(), a.until and a.until.isoformat())
        for a in household.assignments
    ]
    assert {UUID(m["member"]): (m["head"], m["left_on"], m["pas_class"]) for m in row["members"]} == {
        member: (m.head, m.left_on and m.left_on.isoformat(), m.pas_class) for member, m in household.members.items()
    }
    assert {UUID(g["graduation"]): (g["kind"], g["on"], g["revoked"], g["relapsed"]) for g in row["graduations"]} == {
        graduation: (g.kind, g.on.isoformat(), g.revoked, g.relapsed) for graduation, g in household.graduations.items()
    }
    assert (row["proposal"] is None) == (household.proposal is None)
    assert row["lead"] == household.lead_on(TODAY)


def test_sealed_boxes_in_a_row_open_where_they_were_sealed(rows: Connection[DictRow]) -> None:
    row = households.find(rows, MINISTRY, TODAY, named("siti"))
    assert row is not None
    head = next(member for member in row["members"] if member["head"])
    sealed = sealed_in(head["name"])
    assert SEALER.open(sealed, stream=named("siti"), field="name") == "siti-head"


def sealed_in(box: dict[str, str]) -> Sealed:
    return Sealed(UUID(box["key"]), base64.b64decode(box["box"]))


def test_boxes_whose_keys_were_erased_are_gone_from_the_row(rows: Connection[DictRow]) -> None:
    row = households.find(rows, MINISTRY, TODAY, named("wati"))
    assert row is not None
    assert (row["kk"], row["address"]) == (None, None)
    assert [(m["nik"], m["name"], m["birth_date"], m["details"]) for m in row["members"]] == [(None,) * 4]


def test_one_outside_the_scope_is_not_found(rows: Connection[DictRow]) -> None:
    assert households.find(rows, SARI, TODAY, named("siti")) is None
    assert households.find(rows, JOKO, TODAY, named("siti")) is not None
    assert households.find(rows, Actor("analyst-1", Role.ANALYST), TODAY, named("siti")) is None
    assert households.find(rows, MINISTRY, TODAY, named("nobody")) is None


def test_the_lead_is_that_of_the_day(rows: Connection[DictRow]) -> None:
    for on, lead in (("2026-06-01", SARI), ("2026-06-02", JOKO)):
        row = households.find(rows, MINISTRY, day(on), named("siti"))
        assert row is not None
        assert row["lead"] == lead.facilitator


def test_listings_are_filtered_within_the_scope(rows: Connection[DictRow]) -> None:
    def listed(actor: Actor = OFFICER, **filters: Any) -> set[UUID]:
        return ids(households.listing(rows, actor, TODAY, **filters))

    assert listed() == called(*EVERYONE)
    assert listed(region="33.24.04.2005") == called("wati", "budi")
    assert listed(region="33.24.0") == set()
    assert listed(status="left") == called("wati")
    assert listed(status="graduated") == called("rina")
    assert listed(programme="pkh") == called("siti", "budi", "yuni")
    assert listed(facilitator=named("joko")) == called("siti", "wati")
    assert listed(facilitator=named("joko"), programme="pkh") == called("siti")
    assert listed(SARI) == called("budi", "rina", "yuni")
    assert listed(SARI, region="33.24.04.2007") == called("rina", "yuni")
    assert listed(Actor("officer-2", Role.REGIONAL_OFFICER, "33.25")) == set()


def test_pages_follow_one_another_without_gap_or_repeat(rows: Connection[DictRow]) -> None:
    pages: list[UUID] = []
    after = None
    while page := households.listing(rows, MINISTRY, TODAY, after=after, limit=1):
        assert len(page) == 1
        after = page[-1]["household"]
        pages.append(after)
    assert pages == sorted(called(*EVERYONE))
