"""Whom a facilitator follows, and who may be ready to graduate."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.application import Rujukan
from domain.codes import AssignmentRole, Criterion, HouseholdLeftReason, IncomeBand, RevocationReason
from domain.values import Actor, Role
from infra.event_log.recorder import Recorder
from infra.persistence import persistence_environment
from projections import caseload
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from tests.projections.conftest import SEALER
from tests.projections.teller import MINISTRY, SARI, Teller, day, named

TODAY = date(2026, 6, 30)


def of(rows: Connection[DictRow], who: str, on: date = TODAY) -> dict[UUID, dict[str, Any]]:
    return {row["household"]: row for row in caseload.caseload(rows, MINISTRY, named(who), on)}


@pytest.mark.usefixtures("folded")
def test_of_a_caseload_each_sees_what_is_in_their_scope(rows: Connection[DictRow]) -> None:
    def seen(actor: Actor) -> set[UUID]:
        return {row["household"] for row in caseload.caseload(rows, actor, named("sari"), day("2026-06-01"))}

    assert seen(MINISTRY) == seen(SARI) == {named("siti"), named("budi"), named("yuni")}
    for elsewhere in (Actor("officer-9", Role.REGIONAL_OFFICER, "33.74"), Actor("bank", Role.AGENCY_OFFICER, "x")):
        assert seen(elsewhere) == set()


@pytest.mark.usefixtures("folded")
def test_a_caseload_is_of_those_followed_that_day(rows: Connection[DictRow]) -> None:
    assert set(of(rows, "sari")) == {named("budi"), named("yuni")}
    assert set(of(rows, "sari", day("2026-06-01"))) == {named("siti"), named("budi"), named("yuni")}
    assert set(of(rows, "sari", day("2024-01-31"))) == {named("siti")}
    assert of(rows, "joko", day("2026-06-01"))[named("siti")]["role"] == "helper"
    assert of(rows, "joko")[named("siti")]["role"] == "lead"
    assert of(rows, "nobody") == {}


@pytest.mark.usefixtures("folded")
def test_one_who_left_is_in_no_caseload(rows: Connection[DictRow]) -> None:
    assert set(of(rows, "joko")) == {named("siti")}


@pytest.mark.usefixtures("folded")
def test_a_case_tells_the_latest_findings_by_their_dates_not_by_when_they_were_recorded(
    rows: Connection[DictRow],
) -> None:
    siti = of(rows, "joko")[named("siti")]
    assert (siti["decile_period"], siti["decile"], siti["earlier_decile"]) == ("2025-Q4", 5, 4)
    assert (siti["assessed_on"], siti["has_business"], siti["income_band"]) == (day("2025-11-01"), True, "3m_to_5m")
    assert siti["criteria"] == ["own_business", "savings"]


@pytest.mark.usefixtures("folded")
def test_payments_and_visits_are_counted_without_those_reversed(rows: Connection[DictRow]) -> None:
    siti = of(rows, "joko")[named("siti")]
    assert (siti["payments"], siti["last_paid_on"]) == (2, day("2025-07-05"))
    assert [(p["programme"], p["period"]) for p in caseload.assistance(rows, named("siti"))] == [
        ("sembako", "2025-07"),
        ("pkh", "2025-Q1"),
    ]
    assert (siti["visits"], siti["visits_this_year"]) == ({"2025": 2, "2026": 1}, 1)
    assert siti["last_visit_on"] == day("2026-02-10")
    assert of(rows, "joko", day("2027-01-01"))[named("siti")]["visits_this_year"] == 0


@pytest.mark.usefixtures("folded")
def test_the_head_of_the_family_comes_sealed(rows: Connection[DictRow]) -> None:
    head = of(rows, "joko")[named("siti")]["head"]
    assert head["member"] == str(named("siti-head"))
    assert head["name"].keys() == {"key", "box"}


class Families:
    """Followed by Sari, enrolled in PKH and Sembako, told as wanted and folded."""

    def __init__(self, told: Teller, url: str, log: Recorder) -> None:
        self.told = told
        self.url = url
        self.log = log

    def add(self, name: str, *, decile: int | None, business: bool, criteria: tuple[Criterion, ...] = ()) -> None:
        self.told.register(name, "2025-01-01", f"{name}-head")
        self.told.follow(name, "2025-01-01", SARI, AssignmentRole.LEAD)
        self.told.enrol(name, "2025-01-02", "pkh", "sembako")
        if decile:
            self.told.rank(name, "2026-01-02", "2025-Q4", decile)
        self.told.app.assess(
            named(name),
            self.told.by(SARI, "2026-01-03"),
            has_business=business,
            income_band=IncomeBand.UNDER_1M,
            criteria=criteria,
        )

    def candidates(self) -> list[tuple[UUID, int, list[str]]]:
        for projection in PROJECTIONS:
            Runner(lambda: psycopg.connect(self.url), self.log, projection).catch_up()
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            found = caseload.candidates(connection, MINISTRY, named("sari"), TODAY)
        assert [row["rank"] for row in found] == list(range(1, len(found) + 1))
        return [(row["household"], row["score"], [reason["code"] for reason in row["reasons"]]) for row in found]


@pytest.fixture
def families(told: str, log: Recorder) -> Iterator["Families"]:
    application = Rujukan(env=persistence_environment(told))
    teller = Teller(application, SEALER, first_command=10_000)
    teller.app.leave(named("budi"), teller.by(SARI, "2026-06-30"), reason=HouseholdLeftReason.MOVED_ABROAD)
    yield Families(teller, told, log)
    application.close()


def test_candidates_are_ranked_by_score_with_their_reasons_and_those_without_reasons_left_out(
    families: Families,
) -> None:
    families.add("ani", decile=None, business=False)
    families.add("ida", decile=4, business=False)
    families.add("eka", decile=6, business=True, criteria=(Criterion.SAVINGS,))
    families.add("tuti", decile=None, business=True)
    assert families.candidates() == [
        (named("eka"), 65, ["has_business", "decile_5_or_above", "savings"]),
        (named("tuti"), 30, ["has_business"]),
        (named("ida"), 15, ["decile_4"]),
    ]


def test_one_with_an_open_proposal_is_no_candidate_until_it_ends(families: Families) -> None:
    told = families.told
    families.add("eka", decile=6, business=True)
    told.propose("eka", "eka-1", "2026-02-01", "sembako")
    assert families.candidates() == []
    told.app.withdraw_graduation(named("eka"), told.by(SARI, "2026-02-02"), named("eka-1"))
    assert [row[0] for row in families.candidates()] == [named("eka")]


def test_one_who_graduated_is_a_candidate_for_the_other_programme_and_again_when_it_is_revoked(
    families: Families, rows: Connection[DictRow]
) -> None:
    told = families.told
    families.add("eka", decile=6, business=True)

    def graduable() -> list[str]:
        families.candidates()
        rows.rollback()
        return next(row["graduable"] for row in caseload.candidates(rows, MINISTRY, named("sari"), TODAY))

    assert graduable() == ["pkh", "sembako"]
    told.propose("eka", "eka-1", "2026-02-01", "sembako")
    told.graduate("eka", "eka-1", "2026-02-03")
    assert graduable() == ["pkh"]
    told.enrol("eka", "2026-03-01", "sembako")
    assert graduable() == ["pkh"], "nobody leaves the same programme twice in a year"
    assert [r["graduable"] for r in caseload.candidates(rows, MINISTRY, named("sari"), day("2027-01-01"))] == [
        ["pkh", "sembako"]
    ]
    told.app.revoke_graduation(
        named("eka"), told.by(MINISTRY, "2026-04-01"), named("eka-1"), reason=RevocationReason.APPEAL_UPHELD
    )
    assert graduable() == ["pkh", "sembako"]
