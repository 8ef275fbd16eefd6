"""Programmes, agencies, services, facilitators and targets."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.agency import Agency
from domain.codes import AgencyKind, Cluster, Frequency, GraduationKind, Measure, Pillar, ServiceKind
from domain.errors import Conflict, Invalid, Refused
from domain.facilitator import Facilitator
from domain.programme import Programme, Terms, programme_id
from domain.service import Offer, Service
from domain.target import Target, target_id
from domain.values import Actor, Role
from tests.domain.given import (
    ADMINISTRATOR,
    AGENCY_ID,
    TODAY,
    command,
    event,
    happened,
    raises_unchanged,
    satisfied,
    sealed,
    settled_down,
)

OTHER_ADMINISTRATOR = Actor("admin-2", Role.ADMINISTRATOR)
PKH = Terms("Program Keluarga Harapan", Cluster.PROTECTION, 4, Frequency.QUARTERLY, True, True, 2)
CAPITAL = Offer("Modal usaha", ServiceKind.CAPITAL, ("33.24",), 5, max_decile=5, graduates_only=True)
TOMORROW = TODAY + timedelta(days=1)


def defined() -> Programme:
    return settled_down(Programme.define(command(ADMINISTRATOR), "pkh", PKH))  # type: ignore[no-any-return]


def published(offer: Offer = CAPITAL) -> Service:
    service = Service.publish(command(ADMINISTRATOR), uuid4(), agency=AGENCY_ID, offer=offer)
    return settled_down(service)  # type: ignore[no-any-return]


def appointed() -> Facilitator:
    made = Facilitator.appoint(
        command(ADMINISTRATOR), uuid4(), name=sealed("Budi"), pillar=Pillar.PKH, region="33.24.04"
    )
    return settled_down(made)  # type: ignore[no-any-return]


def test_a_programme_is_defined_under_a_stream_derived_from_its_code() -> None:
    programme = Programme.define(command(ADMINISTRATOR), "pkh", PKH)
    assert happened(programme) == ["programme.defined.v1"]
    assert (programme.id, programme.rule_version, programme.terms) == (programme_id("pkh"), 1, PKH)


def test_changed_terms_are_a_new_rule_version_and_the_same_ones_are_not() -> None:
    programme = defined()
    satisfied(programme, lambda: programme.change(command(OTHER_ADMINISTRATOR), PKH))
    programme.change(command(ADMINISTRATOR), replace(PKH, steps=1))
    assert (event(programme).TOPIC, event(programme).rule_version) == ("programme.changed.v1", 2)
    assert programme.terms.steps == 1
    programme.change(command(ADMINISTRATOR), PKH)
    assert programme.rule_version == 3


@pytest.mark.parametrize("fault", [{"decile_limit": 0}, {"decile_limit": 11}, {"steps": 0}, {"steps": 3}])
def test_terms_that_cannot_be_are_not_recorded(fault: dict[str, int]) -> None:
    programme = defined()
    terms = replace(PKH, **fault)  # type: ignore[arg-type]
    raises_unchanged(Invalid, programme, lambda: programme.change(command(ADMINISTRATOR), terms))
    with pytest.raises(Invalid):
        Programme.define(command(ADMINISTRATOR), "x", terms)


@pytest.mark.parametrize(
    ("frequency", "good", "bad"),
    [
        (Frequency.MONTHLY, "2026-03", ["2026-Q1", "2026", "2026-13", "2026-00", "2026-3", "26-03", "2026-٠٣", ""]),
        (Frequency.QUARTERLY, "2026-Q4", ["2026-Q5", "2026-Q0", "2026-03", "2026", "2026-q1", "2026-Q"]),
        (Frequency.YEARLY, "2026", ["2026-Q1", "1999", "20266", "2026 ", "٢٠٢٦"]),
    ],
)
def test_a_period_has_the_form_in_which_the_programme_pays(frequency: Frequency, good: str, bad: list[str]) -> None:
    programme = Programme.define(command(ADMINISTRATOR), "p", replace(PKH, frequency=frequency))
    programme.check_period(good)
    for period in bad:
        with pytest.raises(Invalid, match="no such period"):
            programme.check_period(period)


def test_nobody_graduates_from_a_programme_that_is_not_graduable() -> None:
    defined().check_graduable()
    with pytest.raises(Conflict) as caught:
        Programme.define(command(ADMINISTRATOR), "pena", replace(PKH, graduable=False)).check_graduable()
    assert caught.value.code == "not-graduable"


def test_an_agency_is_registered() -> None:
    agency = Agency.register(command(ADMINISTRATOR), AGENCY_ID, name="BRI", kind=AgencyKind.STATE_ENTERPRISE)
    assert (happened(agency), agency.name, agency.kind) == (["agency.registered.v1"], "BRI", "state_enterprise")


def test_a_service_is_published_changed_and_withdrawn() -> None:
    service = Service.publish(command(ADMINISTRATOR), uuid4(), agency=AGENCY_ID, offer=CAPITAL)
    service.change(command(ADMINISTRATOR), replace(CAPITAL, capacity=20, capacity_period="2026"))
    service.withdraw(command(ADMINISTRATOR))
    assert happened(service) == ["service.published.v1", "service.changed.v1", "service.withdrawn.v1"]
    assert (service.offer.capacity, service.withdrawn) == (20, True)


def test_the_same_offer_or_withdrawal_again_is_no_event() -> None:
    service = published()
    satisfied(service, lambda: service.change(command(ADMINISTRATOR), CAPITAL))
    service.withdraw(command(ADMINISTRATOR))
    satisfied(service, lambda: service.withdraw(command(ADMINISTRATOR)))


def test_a_withdrawn_service_is_neither_changed_nor_withdrawn_by_another_nor_referred_to() -> None:
    service = published()
    service.withdraw(command(ADMINISTRATOR))
    settled_down(service)
    for decide in (
        lambda: service.change(command(ADMINISTRATOR), replace(CAPITAL, name="x")),
        lambda: service.withdraw(command(OTHER_ADMINISTRATOR)),
    ):
        assert raises_unchanged(Refused, service, decide).code == "service-withdrawn"
    assert raises_unchanged(Conflict, service, lambda: service.check_accepts("33.24.04.2007")).code == (
        "service-withdrawn"
    )


@pytest.mark.parametrize(("region", "served"), [("33.24.04.2007", True), ("33.25.01.2001", False)])
def test_a_service_is_referred_to_in_its_regions(region: str, served: bool) -> None:
    service = published()
    if served:
        service.check_accepts(region)
    else:
        with pytest.raises(Invalid) as caught:
            service.check_accepts(region)
        assert caught.value.code == "outside-service-regions"
    published(replace(CAPITAL, regions=())).check_accepts(region)


def test_doubts_about_eligibility_are_warnings() -> None:
    service = published()
    assert service.doubts(5, True) == ()
    assert service.doubts(None, True) == ()
    assert service.doubts(6, False) == ("decile-above-limit", "not-graduated")


@pytest.mark.parametrize("fault", [{"response_days": 0}, {"response_days": 91}, {"max_decile": 11}, {"capacity": 0}])
def test_an_offer_that_cannot_be_is_not_published(fault: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        published(replace(CAPITAL, **fault))
    service = published()
    raises_unchanged(Invalid, service, lambda: service.change(command(ADMINISTRATOR), replace(CAPITAL, **fault)))


def test_a_facilitator_is_appointed_plans_and_retires() -> None:
    facilitator = appointed()
    facilitator.plan(command(ADMINISTRATOR), year=2026, measure=Measure.GRADUATIONS, planned=12)
    facilitator.retire(command(ADMINISTRATOR))
    assert happened(facilitator) == ["facilitator.planned.v1", "facilitator.retired.v1"]
    assert facilitator.retired_on == TODAY


def test_the_same_plan_or_retirement_again_is_no_event() -> None:
    facilitator = appointed()
    plan: dict[str, Any] = {"year": 2026, "measure": Measure.VISITS, "planned": 300}
    facilitator.plan(command(ADMINISTRATOR), **plan)
    satisfied(facilitator, lambda: facilitator.plan(command(ADMINISTRATOR), **plan))
    facilitator.plan(command(ADMINISTRATOR), **{**plan, "planned": 310})
    facilitator.retire(command(ADMINISTRATOR))
    satisfied(facilitator, lambda: facilitator.retire(command(ADMINISTRATOR)))


def test_a_retired_facilitator_plans_nothing_and_takes_no_household() -> None:
    facilitator = appointed()
    facilitator.check_in_office(TODAY)
    facilitator.retire(command(ADMINISTRATOR))
    settled_down(facilitator)
    for decide in (
        lambda: facilitator.plan(command(ADMINISTRATOR), year=2026, measure=Measure.VISITS, planned=1),
        lambda: facilitator.retire(command(OTHER_ADMINISTRATOR)),
    ):
        assert raises_unchanged(Refused, facilitator, decide).code == "facilitator-retired"
    with pytest.raises(Invalid) as caught:
        facilitator.check_in_office(TODAY)
    assert caught.value.code == "facilitator-retired"
    facilitator.check_in_office(TODAY - timedelta(days=1))


@pytest.mark.parametrize(("year", "planned"), [(2026, -1), (1999, 1), (2101, 1)])
def test_a_plan_is_a_number_for_a_year(year: int, planned: int) -> None:
    facilitator = appointed()
    raises_unchanged(
        Invalid,
        facilitator,
        lambda: facilitator.plan(command(ADMINISTRATOR), year=year, measure=Measure.VISITS, planned=planned),
    )


@pytest.mark.parametrize("day", [TOMORROW, date(2020, 1, 1)])
def test_directories_know_no_future_and_nothing_before_their_beginning(day: date) -> None:
    asked = command(ADMINISTRATOR, day)
    service, facilitator, programme = published(), appointed(), defined()
    raises_unchanged(Invalid, service, lambda: service.withdraw(asked))
    raises_unchanged(Invalid, service, lambda: service.change(asked, CAPITAL))
    raises_unchanged(Invalid, facilitator, lambda: facilitator.retire(asked))
    raises_unchanged(Invalid, programme, lambda: programme.change(asked, PKH))


def set_target(minimum: int = 10, revision: int = 1, year: int = 2026) -> Target:
    return Target.set(
        command(ADMINISTRATOR),
        year=year,
        pillar=Pillar.PKH,
        measure=Measure.GRADUATIONS,
        minimum=minimum,
        kinds=(GraduationKind.INDEPENDENT,),
        revision=revision,
    )


def test_each_setting_of_a_target_is_a_stream_of_its_own() -> None:
    first, second = set_target(), set_target(12, revision=2)
    assert happened(first) == happened(second) == ["target.set.v1"]
    assert first.id == target_id(2026, Pillar.PKH, Measure.GRADUATIONS, 1)
    assert len({first.id, second.id, target_id(2027, Pillar.PKH, Measure.GRADUATIONS, 1), UUID(int=0)}) == 4


def test_a_target_says_its_minimum_and_the_kinds_that_count() -> None:
    target = set_target()
    assert target.says(10, (GraduationKind.INDEPENDENT,))
    assert not target.says(11, (GraduationKind.INDEPENDENT,))
    assert not target.says(10, (GraduationKind.INDEPENDENT, GraduationKind.NATURAL))


@pytest.mark.parametrize(("minimum", "year"), [(-1, 2026), (10, 1999), (10, 2101)])
def test_a_target_is_a_number_for_a_year(minimum: int, year: int) -> None:
    with pytest.raises(Invalid):
        set_target(minimum, year=year)
