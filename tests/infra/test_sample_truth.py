"""What the sample tells agrees with itself: payments with components, deeds with office days, ends with reasons."""

import json
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.codes import Component, PasGroup
from domain.values import Sealed
from infra.indonesia import Indonesia
from infra.keys.rehearsed import rehearsed
from infra.sample.caseloads import families
from infra.sample.identities import CLOCK
from infra.sample.routine import pkh_amount
from infra.sample.spans import open_day
from infra.working_days import WorkingDays
from tests.conftest import TEMPLATE
from tests.infra.sample_loads import load_sample
from tests.projections.conftest import fresh

TODAY = date(2026, 11, 23)
Row = tuple[Any, str, dict[str, Any]]


@pytest.fixture(scope="module")
def log(server: str) -> Iterator[list[Row]]:
    """Stream, topic and state of every event, in order."""
    with fresh(server, TEMPLATE) as url:
        load_sample(url, TODAY)
        with psycopg.connect(url) as connection:
            yield connection.execute("SELECT stream, topic, state FROM log ORDER BY position").fetchall()


def details_of(stream: Any, state: dict[str, Any]) -> dict[str, Any]:
    sealed = Sealed(UUID(state["key"]), b64decode(state["box"]))
    found: dict[str, Any] = json.loads(rehearsed().open(sealed, stream=stream, field="details"))
    return found


def recorded(log: list[Row]) -> Iterator[tuple[Any, str, dict[str, Any], dict[Any, dict[str, Component]]]]:
    """Every event with the components of each household's present members as recorded by then."""
    components: dict[Any, dict[str, Component]] = defaultdict(dict)
    for stream, topic, state in log:
        if topic == "household.member_assessed.v1":
            components[stream][state["member"]] = Component(details_of(stream, state["details"])["component"])
        elif topic == "household.member_left.v1":
            components[stream].pop(state["member"], None)
        yield stream, topic, state, components


def test_each_pkh_payment_is_the_sum_of_the_components_recorded_by_then(log: list[Row]) -> None:
    paid = 0
    for stream, topic, state, components in recorded(log):
        if topic == "household.assisted.v1" and state["programme"] == "pkh":
            assert 0 < state["amount"] == pkh_amount(components[stream].values()), (stream, state["period"])
            paid += 1
    assert paid > 2500


def test_components_are_assessed_anew_when_the_school_year_begins(log: list[Row]) -> None:
    registered = {stream: state["on"] for stream, topic, state in log if topic == "household.registered.v1"}
    seen: dict[tuple[Any, str], Component] = {}
    changes = Counter[str]()
    for stream, topic, state, components in recorded(log):
        if topic == "household.member_assessed.v1":
            known = seen.get((stream, state["member"]))
            seen[stream, state["member"]] = now = components[stream][state["member"]]
            if known is not None:
                assert now is not known
                changes[state["on"][5:7]] += 1
            else:
                assert state["on"] >= registered[stream]
    assert changes["07"] > 200
    assert changes["07"] > 0.95 * changes.total()


def test_a_graduation_is_natural_where_no_component_is_recorded_any_more(log: list[Row]) -> None:
    natural = 0
    for stream, topic, state, components in recorded(log):
        if topic == "household.graduation_proposed.v1" and state["kind"] == "natural":
            assert pkh_amount(components[stream].values()) == 0
            natural += 1
    assert natural >= 9


def test_pkh_ends_for_a_death_only_after_the_member_for_whom_it_was_paid_died(log: list[Row]) -> None:
    died = set()
    ended = 0
    for stream, topic, state, components in recorded(log):
        if topic == "household.member_left.v1" and state["reason"] == "deceased":
            died.add(stream)
        if topic == "household.discontinued.v1" and state["reason"] == "deceased":
            assert stream in died
            assert pkh_amount(components[stream].values()) == 0
            ended += 1
    assert ended == 1


def test_what_people_do_falls_on_days_when_offices_are_open(log: list[Row]) -> None:
    calendar = WorkingDays(None)
    days: dict[str, set[date]] = defaultdict(set)
    for _, topic, state in log:
        if topic.startswith(("household.", "referral.")) and state["by"] != CLOCK.sub:
            days[topic].add(date.fromisoformat(state["on"]))
        if topic == "referral.scheduled.v1":
            days["appointment"].add(date.fromisoformat(state["appointment"]))
        if topic == "household.assisted.v1":
            days["paid_on"].add(date.fromisoformat(state["paid_on"]))
    assert {"appointment", "paid_on", "household.registered.v1", "household.enrolled.v1"} <= set(days)
    closed = {topic: [day for day in found if open_day(calendar, day) != day] for topic, found in days.items()}
    assert {topic: found for topic, found in closed.items() if found} == {}


def test_open_days_keep_their_order_and_year() -> None:
    calendar = WorkingDays(None)
    days = [date(2024, 12, 20) + timedelta(days=n) for n in range(800)]
    found = [open_day(calendar, day) for day in days]
    assert found == sorted(found)
    assert [day.year for day in found] == [day.year for day in days]
    assert open_day(calendar, date(2026, 8, 17)) == date(2026, 8, 14)
    assert open_day(calendar, date(2026, 1, 1)) == date(2026, 1, 2)
    assert open_day(calendar, date(2026, 1, 1), last=date(2026, 1, 1)) == date(2026, 1, 1)


def test_every_group_occurs_and_disabilities_differ(log: list[Row]) -> None:
    found = [details_of(stream, state["details"]) for stream, topic, state in log if "member_assessed" in topic]
    assert {details["pas_group"] for details in found} == {group.value for group in PasGroup}
    assert len({details["disability"] for details in found}) > 6


def test_a_family_with_an_old_mother_has_her_as_its_only_component() -> None:
    family = next(f for f in families(1, TODAY, Indonesia()) if f.shape.name == "WITH_MOTHER")
    assert [person.component(TODAY).value for person in family.members] == ["none", "elderly"]
