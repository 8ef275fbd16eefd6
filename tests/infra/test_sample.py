"""The sample: what it holds, and that nothing of it depends on anything but its seed and day."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.codes import (
    AgencyKind,
    ConnectionDeclinedReason,
    DiscontinuationReason,
    MemberLeftReason,
    RejectionReason,
    ReturnReason,
    ReversalReason,
    RevocationReason,
    VisitPurpose,
)
from domain.events import event_classes
from domain.household import Household
from domain.household_state import Stage
from domain.referral import Referral
from domain.referral_table import State
from domain.service import within
from infra.event_log.bulk import Bulk
from infra.indonesia import Indonesia
from infra.keys.rehearsed import rehearsed
from infra.persistence import persistence_environment
from infra.sample import tour
from infra.sample.identities import LESTARI, PATEAN, SUGENG, SUKOREJO, WAHYU
from tests.conftest import TEMPLATE
from tests.infra.sample_loads import load_sample, log_of
from tests.projections.conftest import fresh

TODAY = date(2026, 11, 23)
OUTSIDE_THE_SAMPLE = {
    "household.erasure_requested.v1",
    "household.erasure_withdrawn.v1",
    "household.personal_data_erased.v1",
}
"""Erasure needs keys that can be destroyed; those of development cannot."""


@dataclass(frozen=True)
class Loaded:
    url: str
    households: list[Household]
    referrals: list[Referral]

    def count(self, query: str) -> Any:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(query).fetchone()
        return row[0] if row else None

    def values(self, topic: str, field: str) -> Counter[str]:
        with psycopg.connect(self.url) as connection:
            rows = connection.execute("SELECT state ->> %s FROM log WHERE topic = %s", [field, topic]).fetchall()
        return Counter(row[0] for row in rows)

    def household(self, household: UUID) -> Household:
        return next(h for h in self.households if h.id == household)


@pytest.fixture(scope="module")
def sample(server: str) -> Iterator[Loaded]:
    with fresh(server, TEMPLATE) as url:
        load_sample(url, TODAY)
        with Bulk(persistence_environment(url)) as reader, psycopg.connect(url) as connection:

            def streams(topic: str) -> list[UUID]:
                query = "SELECT originator_id FROM rujukan_events WHERE topic = %s ORDER BY notification_id"
                return [row[0] for row in connection.execute(query, [topic])]

            households = [reader.load(Household, stream) for stream in streams("household.registered.v1")]
            referrals = [reader.load(Referral, stream) for stream in streams("referral.sent.v1")]
        yield Loaded(url, households, referrals)


def test_every_topic_is_there_but_for_erasure(sample: Loaded) -> None:
    with psycopg.connect(sample.url) as connection:
        topics = {row[0] for row in connection.execute("SELECT DISTINCT topic FROM rujukan_events")}
    assert set(event_classes()) - topics == OUTSIDE_THE_SAMPLE


def test_one_facilitator_leads_462_households_in_two_villages(sample: Loaded) -> None:
    leads = Counter(h.lead_on(TODAY) for h in sample.households)
    assert leads == {WAHYU.id: 462, LESTARI.id: 48, SUGENG.id: 36}
    assert {h.region for h in sample.households if h.lead_on(TODAY) == WAHYU.id} == {"33.24.04.2007", "33.24.04.2005"}
    assert all(within(h.region, PATEAN) or within(h.region, SUKOREJO) for h in sample.households)
    assert all(Indonesia().region_name(h.region) for h in sample.households)


def test_the_log_is_of_a_size_to_load_in_seconds(sample: Loaded) -> None:
    assert 15_000 < sample.count("SELECT count(*) FROM rujukan_events") < 21_000
    assert sample.count("SELECT count(DISTINCT logged_at) FROM rujukan_events") < 25


def test_referrals_stand_in_every_state(sample: Loaded) -> None:
    assert {r.state for r in sample.referrals} == set(State)


def test_open_referrals_are_overdue_and_not_and_the_clock_has_nothing_left_to_write(sample: Loaded) -> None:
    assert [r.due(TODAY) for r in sample.referrals if r.due(TODAY)] == []
    late = {r.state for r in sample.referrals if r.overdue_responses or r.progress_overdue}
    assert {State.SENT, State.RECEIVED, State.WAITING, State.ACCEPTED, State.IN_SERVICE} <= late
    for state in (State.SENT, State.RECEIVED, State.WAITING, State.ACCEPTED, State.IN_SERVICE):
        assert any(not r.overdue_responses and not r.progress_overdue for r in sample.referrals if r.state is state)


def test_some_deadlines_were_reckoned_without_known_holidays(sample: Loaded) -> None:
    assert set(sample.values("referral.sent.v1", "calendar")) == {"official", "provisional"}


def test_graduations_of_last_year_and_this_are_as_many_as_told(sample: Loaded) -> None:
    credited = Counter(
        (graduation.on.year, graduation.kind.value)
        for h in sample.households
        for graduation in h.graduations.values()
        if not graduation.revoked and h.lead_on(graduation.on) == WAHYU.id
    )
    assert (credited[2025, "independent"], credited[2026, "independent"]) == (11, 7)
    assert (credited[2025, "natural"], credited[2026, "natural"]) == (6, 3)


def test_one_relapse_came_within_twelve_months_and_one_after(sample: Loaded) -> None:
    relapsed = [(h, g) for h in sample.households for g in h.graduations.values() if g.relapsed]
    gaps = sorted((h.enrolments["pkh"][-1].since - g.on).days for h, g in relapsed)
    assert gaps[0] < 365 < gaps[1]
    assert len(gaps) == 2


def test_proposals_stand_at_every_stage(sample: Loaded) -> None:
    stages = Counter(h.proposal.stage for h in sample.households if h.proposal)
    assert set(stages) == set(Stage)


@pytest.mark.parametrize(
    ("topic", "field", "codes"),
    [
        ("household.member_left.v1", "reason", MemberLeftReason),
        ("household.discontinued.v1", "reason", DiscontinuationReason),
        ("household.assistance_reversed.v1", "reason", ReversalReason),
        ("household.graduation_returned.v1", "reason", ReturnReason),
        ("household.graduation_rejected.v1", "reason", RejectionReason),
        ("household.graduation_revoked.v1", "reason", RevocationReason),
        ("household.connection_declined.v1", "reason", ConnectionDeclinedReason),
        ("household.visited.v1", "purpose", VisitPurpose),
        ("agency.registered.v1", "kind", AgencyKind),
    ],
)
def test_every_code_of_these_occurs(sample: Loaded, topic: str, field: str, codes: Any) -> None:
    assert set(sample.values(topic, field)) == {code.value for code in codes}


def test_there_are_eight_agencies_and_one_of_their_services_is_withdrawn(sample: Loaded) -> None:
    assert sum(sample.values("agency.registered.v1", "kind").values()) == 8
    assert sum(sample.values("service.published.v1", "agency").values()) == 15
    assert sum(sample.values("service.withdrawn.v1", "agency").values()) == 1


def test_some_graduates_are_connected_with_nobody(sample: Loaded) -> None:
    open_or_completed = {
        r.household for r in sample.referrals if r.state not in (State.DECLINED, State.FAILED, State.CANCELLED)
    }
    unconnected = [
        h.id
        for h in sample.households
        if h.status == "graduated" and h.id not in open_or_completed and ("connection",) not in h.latest
    ]
    assert tour.TO_REFER.household in unconnected
    assert len(unconnected) >= 3


def test_nothing_happens_after_the_day_of_loading_nor_on_a_day_of_later_years(sample: Loaded) -> None:
    assert sample.count("SELECT max(state ->> 'on') FROM log") <= TODAY.isoformat()
    newest = date.fromisoformat(sample.count("SELECT max(state ->> 'on') FROM log"))
    assert TODAY - newest <= timedelta(days=3)


def test_every_number_can_be_opened_is_well_formed_and_plainly_synthetic(sample: Loaded) -> None:
    keys, registry = rehearsed(), Indonesia()
    niks = []
    for h in sample.households:
        kk = keys.open(h.kk, stream=h.id, field="kk")
        assert not registry.kk_faults(kk)
        assert int(kk[12:]) > 9000
        niks += [keys.open(m.nik, stream=h.id, field="nik") for m in h.members.values()]
    assert len(niks) == len(set(niks)) > 1500
    assert not any(registry.nik_faults(nik, TODAY) for nik in niks)
    assert all(int(nik[12:]) > 9000 for nik in niks)


def test_the_families_of_the_tour_wait_at_their_steps(sample: Loaded) -> None:
    to_propose = sample.household(tour.TO_PROPOSE.household)
    assert (to_propose.state, to_propose.graduations) == ("enrolled", {})
    to_return = sample.household(tour.TO_RETURN.household)
    assert to_return.proposal is not None
    assert (to_return.proposal.graduation, to_return.proposal.stage) == (tour.TO_RETURN.graduation, Stage.PROPOSED)
    assert (to_return.proposal.steps, to_return.proposal.by) == (2, WAHYU.actor.sub)
    to_refer = sample.household(tour.TO_REFER.household)
    assert to_refer.status == "graduated"
    assert to_refer.id not in {r.household for r in sample.referrals}
    to_revoke = sample.household(tour.TO_REVOKE.household)
    assert to_revoke.graduations[tour.TO_REVOKE.graduation].on.year == TODAY.year
    keys = rehearsed()
    for family in tour.TOUR_FAMILIES:
        h = sample.household(family.household)
        head = next(i for i, member in h.members.items() if member.head)
        assert keys.open(h.kk, stream=h.id, field="kk") == family.kk
        assert keys.open(h.members[head].name, stream=h.id, field="name") == family.head
        assert h.region == family.village
        assert h.lead_on(TODAY) == tour.FACILITATOR


def test_the_same_seed_and_day_give_the_same_log(sample: Loaded, database: str) -> None:
    load_sample(database, TODAY)
    assert log_of(database) == log_of(sample.url)


def test_another_seed_gives_another_log_with_the_same_tour(sample: Loaded, database: str) -> None:
    load_sample(database, TODAY, seed=7)
    first, second = log_of(sample.url), log_of(database)
    assert first != second
    tour_ids = {family.household for family in tour.TOUR_FAMILIES}
    assert tour_ids <= {row[1] for row in second}
