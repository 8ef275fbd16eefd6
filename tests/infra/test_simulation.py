"""The simulation: a household depends on nothing but seed, years and day, and lives go as the table says."""

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest

from domain.ports import Sealer
from domain.values import Sealed
from infra.indonesia import Indonesia
from infra.keys.rehearsed import rehearsed
from infra.simulation.caseloads import FEWEST, MOST, Caseloads
from infra.simulation.families import Families
from infra.simulation.parameters import LIFE, PEOPLE
from infra.simulation.places import SLOTS, Places
from infra.simulation.running import households_for
from infra.simulation.span import Span
from tests.infra.simulated import TODAY, Event, Log, simulation, told

HOUSEHOLDS, YEARS = 500, 3
ENDED = ("household.graduated.v1", "household.left.v1", "household.discontinued.v1")


@pytest.fixture(scope="module")
def log() -> Log:
    return told(simulation(HOUSEHOLDS, years=YEARS), range(HOUSEHOLDS))


def households(log: Log) -> Iterator[tuple[UUID, list[Event]]]:
    return ((stream, events) for stream, events in log.items() if events[0].topic == "household.registered.v1")


def count(log: Log, topic: str, **fields: str) -> int:
    return sum(
        event.topic == topic and all(event.state[name] == value for name, value in fields.items())
        for events in log.values()
        for event in events
    )


def test_the_same_seed_years_and_day_give_the_same_log() -> None:
    assert told(simulation(20), range(20)) == told(simulation(20), range(20))


def test_a_household_is_the_same_alone_and_among_many_more() -> None:
    alone, among = told(simulation(305), [304]), told(simulation(2000), [304, 3, 1500])
    (stream,) = (stream for stream, _ in households(alone))
    assert len(alone[stream]) > 10
    referrals = {s for s, events in alone.items() if events[0].topic == "referral.sent.v1"}
    assert {s: alone[s] for s in (stream, *referrals)} == {s: among[s] for s in (stream, *referrals)}


def test_another_seed_gives_other_households() -> None:
    first, second = (told(simulation(3, seed=seed), range(3)) for seed in (1, 2))
    assert not {stream for stream, _ in households(first)} & {stream for stream, _ in households(second)}


def test_what_happens_to_a_household_is_in_order_and_never_in_the_future(log: Log) -> None:
    for _, events in households(log):
        days = [event.on for event in events]
        assert days == sorted(days)
        assert Span(TODAY, YEARS).opened < days[0] <= days[-1] <= TODAY
    assert max(event.on for events in log.values() for event in events) <= TODAY


def test_versions_have_no_gap(log: Log) -> None:
    for events in log.values():
        assert [event.version for event in events] == [*range(1, len(events) + 1)]


def test_numbers_are_well_formed_nobodys_and_given_once(log: Log) -> None:
    keys, registry, niks, kks = rehearsed(), Indonesia(), [], []
    for stream, events in households(log):
        kks.append(opened(keys, stream, events[0], "kk"))
        niks += [opened(keys, stream, e, "nik") for e in events if e.topic == "household.member_joined.v1"]
    assert len(set(kks)) == HOUSEHOLDS
    assert len(set(niks)) == len(niks) > 3 * HOUSEHOLDS
    assert all(int(number[12:]) > 9000 for number in (*niks, *kks))
    assert not any(registry.nik_faults(nik, TODAY) for nik in niks)
    assert not any(registry.kk_faults(kk) for kk in kks)


def opened(keys: Sealer, stream: UUID, event: Event, field: str) -> str:
    box = event.state[field]
    return keys.open(Sealed(UUID(box["key"]), b64decode(box["box"])), stream=stream, field=field)


@pytest.mark.parametrize(
    ("topic", "rate", "within"),
    [
        ("household.visited.v1", LIFE.visits, 0.2),
        ("household.assessed.v1", LIFE.assessments, 0.25),
        ("household.ranked.v1", 4, 0.2),
        ("household.discontinued.v1", LIFE.discontinued, 0.6),
        ("household.left.v1", LIFE.left, 0.9),
        ("household.moved.v1", LIFE.moves, 0.4),
        ("household.member_left.v1", LIFE.members_leaving, 0.5),
    ],
)
def test_things_happen_about_as_often_as_the_table_says(log: Log, topic: str, rate: float, within: float) -> None:
    """Somewhat more seldom, as a fifth are registered late, and nothing happens to those who have left."""
    assert count(log, topic) / HOUSEHOLDS / YEARS == pytest.approx(rate, rel=within)


def test_a_facilitator_graduates_about_ten_households_a_year(log: Log) -> None:
    found = count(log, "household.graduated.v1", kind="independent")
    assert found / HOUSEHOLDS * LIFE.caseload / YEARS == pytest.approx(10, rel=0.25)
    assert count(log, "household.graduated.v1", kind="natural") / HOUSEHOLDS / YEARS == pytest.approx(
        LIFE.natural, rel=0.6
    )


def test_a_household_has_a_dozen_events_or_more_a_year_most_of_them_payments_and_ranks(log: Log) -> None:
    topics = Counter(event.topic for _, events in households(log) for event in events)
    yearly = topics.total() / HOUSEHOLDS / YEARS
    assert 12 < yearly < 18
    assert 0.5 < (topics["household.assisted.v1"] + topics["household.ranked.v1"]) / topics.total() < 0.8


def test_families_have_three_to_four_members_and_the_lower_deciles(log: Log) -> None:
    joined = count(log, "household.member_joined.v1") / HOUSEHOLDS
    assert 3 < joined < 4.5
    deciles = Counter(e.state["decile"] for _, events in households(log) for e in events if "decile" in e.state)
    assert {1, 2, 3, 4} < set(deciles)
    assert sum(deciles[decile] for decile in (1, 2, 3, 4)) / deciles.total() > 0.85


def test_referrals_live_their_whole_life_and_most_are_completed(log: Log) -> None:
    sent, completed = count(log, "referral.sent.v1"), count(log, "referral.completed.v1")
    assert sent == count(log, "household.referred.v1") > 60
    assert 0.4 < completed / sent < 0.85
    for ending in ("declined", "failed", "expired", "cancelled", "redirected"):
        assert count(log, f"referral.{ending}.v1") > 0, ending


def test_caseloads_are_of_about_three_hundred_in_real_villages_all_over_the_country() -> None:
    caseloads = Caseloads(60_000, 1, Span(TODAY, YEARS)).all
    sizes = [caseload.size for caseload in caseloads]
    assert FEWEST <= min(sizes) <= max(sizes) <= MOST
    assert sum(sizes) / len(sizes) == pytest.approx(LIFE.caseload, rel=0.02)
    registry = Indonesia()
    for caseload in caseloads:
        assert all(registry.region_name(village) for village in caseload.facilitator.villages)
        assert all(village.startswith(caseload.facilitator.region + ".") for village in caseload.facilitator.villages)
    assert len({caseload.regency[:2] for caseload in caseloads}) > 20


def test_provinces_have_facilitators_in_proportion_to_their_people() -> None:
    places, given = Places(1), Counter[str]()
    taken = Counter[str]()
    for _ in range(3000):
        subdistrict, slot = places.next()
        assert slot == taken[subdistrict] < SLOTS
        taken[subdistrict] += 1
        given[subdistrict[:2]] += 1
    share = PEOPLE["32"] / sum(PEOPLE.values())
    assert given["32"] / given.total() == pytest.approx(share, rel=0.15)
    assert set(given) == set(PEOPLE)


def test_some_facilitators_are_replaced_and_their_families_handed_over() -> None:
    of = simulation(6000, years=10)
    caseload = next(caseload for caseload in of.caseloads.all if caseload.predecessor is not None)
    assert caseload.predecessor is not None
    log = told(of, range(caseload.first, caseload.first + 5))
    assigned = [
        (event.state["facilitator"], event.on)
        for _, events in households(log)
        for event in events
        if event.topic == "household.assigned.v1"
    ]
    before, after = str(caseload.predecessor.id), str(caseload.facilitator.id)
    assert {facilitator for facilitator, on in assigned if on >= caseload.handed_over} <= {after}
    assert {facilitator for facilitator, _ in assigned} == {before, after}


def test_so_many_events_as_wanted_come_of_about_so_many_households(log: Log) -> None:
    events = sum(len(found) for stream, found in log.items())
    assert households_for(events, YEARS, today=TODAY, seed=7) == pytest.approx(HOUSEHOLDS, rel=0.1)
    assert households_for(1, YEARS, today=TODAY) == 1


def test_a_family_has_no_number_twice_whatever_its_size() -> None:
    of = simulation(400)
    assert isinstance(of.families, Families)
    for number in range(400):
        family = of.families.make(number)
        assert len({member.nik for member in family.members}) == len(family.members)
        assert all(member.birth_date <= date(2026, 11, 23) for member in family.members)
