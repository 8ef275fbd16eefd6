"""Scopes in SQL are the scopes of the domain."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL

from domain.access import sees_household, sees_referral
from domain.application import Rujukan
from domain.events import Household, Referral
from domain.transitions import AGENCIES
from domain.values import Actor, Role
from infra.event_log.recorder import Recorder
from infra.persistence import persistence_environment
from projections import follow_up, households
from projections.follow_up import FollowUpDays
from projections.scope import households_in_scope, referrals_in_scope, within_region
from tests.projections.teller import named

SCOPES = ("", "33", "33.24", "33.24.04", "33.24.04.2005", "33.2", "3", "33.25", "%", "33.24.0_", "33.24.04.2005.1")
PEOPLE = ("sari", "joko", "dewi", "nobody")
ACTORS = [
    *(Actor("officer-1", Role.REGIONAL_OFFICER, scope) for scope in SCOPES),
    *(Actor(name, Role.FACILITATOR, str(named(name))) for name in PEOPLE),
    Actor("sari", Role.FACILITATOR),
    Actor("joko", Role.FACILITATOR, "no uuid"),
    Actor(str(named("sari")), Role.FACILITATOR),
    *(
        Actor("a", role, str(named(a)))
        for role in (Role.AGENCY_OFFICER, Role.AGENCY_SYSTEM)
        for a in ("bank", "centre")
    ),
    Actor("a", Role.AGENCY_OFFICER, "no uuid"),
    *(Actor("x", role) for role in Role),
]
MINISTRY = Actor("ministry", Role.PROGRAMME_OFFICER)
WITHIN = FollowUpDays(14, 14, 14)
DAYS = [date(2024, 1, 9), date(2024, 3, 31), date(2025, 6, 4), date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 2)]


@pytest.mark.usefixtures("folded")
def test_every_role_sees_on_any_day_exactly_what_its_commands_may_touch(
    rows: Connection[DictRow], log: Recorder, told: str
) -> None:
    application = Rujukan(env=persistence_environment(told))
    streams = {logged.stream: logged.topic for logged in log.read(0, 10_000)}
    all_households = [
        application.load(Household, stream) for stream, topic in streams.items() if topic.startswith("household.")
    ]
    by_id = {household.id: household for household in all_households}
    referrals = [
        application.load(Referral, stream) for stream, topic in streams.items() if topic.startswith("referral.")
    ]
    application.close()
    seen_at_all = 0
    for actor in ACTORS:
        for today in DAYS:
            condition, parameters = households_in_scope(actor, today)
            query = SQL("SELECT h.household FROM read.households h WHERE {}").format(condition)
            seen = {row["household"] for row in rows.execute(query, parameters)}
            assert seen == {h.id for h in all_households if sees_household(actor, h, today)}, (actor, today)
            seen_at_all += len(seen)
            assert {h["household"] for h in households.listing(rows, actor, today, limit=1000)} == seen
            if actor.role not in AGENCIES:
                waiting = follow_up.listing(rows, MINISTRY, today, as_of=today, days=WITHIN, limit=1000)
                own = follow_up.listing(rows, actor, today, as_of=today, days=WITHIN, limit=1000)
                assert own == [item for item in waiting if UUID(item["household"]) in seen], (actor, today)
            condition, parameters = referrals_in_scope(actor, today)
            query = SQL("SELECT r.referral FROM read.referrals r WHERE {}").format(condition)
            shown = {row["referral"] for row in rows.execute(query, parameters)}
            expected = {r.id for r in referrals if sees_referral(actor, r, by_id[r.household], today)}
            assert shown == expected, (actor, today)
    assert seen_at_all > 100


@pytest.mark.usefixtures("folded")
@pytest.mark.parametrize("day", [date(2023, 12, 31), *DAYS, date(2026, 7, 1)])
def test_what_waits_is_shown_with_its_leader_of_the_day_and_found_by_them(
    rows: Connection[DictRow], log: Recorder, told: str, day: date
) -> None:
    application = Rujukan(env=persistence_environment(told))
    waiting = follow_up.listing(rows, MINISTRY, day, as_of=day, days=WITHIN, limit=1000)
    leaders = {i["household"]: application.load(Household, UUID(i["household"])).lead_on(day) for i in waiting}
    application.close()
    assert {i["household"]: i["facilitator"] and UUID(i["facilitator"]) for i in waiting} == leaders
    assert len(waiting) >= 3
    for name in PEOPLE:
        asked = {"facilitator": named(name), "as_of": day, "days": WITHIN, "limit": 1000}
        found = follow_up.listing(rows, MINISTRY, day, **asked)
        assert found == [item for item in waiting if item["facilitator"] == str(named(name))]


def test_an_assignment_that_was_replaced_before_it_began_never_shows_the_household(
    database: str,
) -> None:
    """Two hand-overs on one day: only the second of them is to take effect, the day after."""
    import psycopg
    from psycopg.rows import dict_row

    first, second, household = UUID(int=1), UUID(int=2), UUID(int=9)
    today = date(2026, 6, 30)
    tomorrow = today + timedelta(days=1)
    with psycopg.connect(database, row_factory=dict_row) as connection:
        for number, who, until in ((1, first, tomorrow), (2, second, None)):
            connection.execute(
                "INSERT INTO read.household_assignments VALUES (%s, %s, %s, 'lead', %s, %s)",
                [household, number, who, tomorrow, until],
            )
        for who, day, expected in (
            (first, today, False),
            (second, today, True),
            (first, tomorrow, False),
            (second, tomorrow, True),
        ):
            condition, parameters = households_in_scope(Actor("f", Role.FACILITATOR, str(who)), day)
            query = SQL("SELECT {} AS seen FROM (SELECT %(household)s::uuid AS household) h").format(condition)
            row = connection.execute(query, {**parameters, "household": household}).fetchone()
            assert row == {"seen": expected}


def test_a_region_holds_itself_and_what_follows_its_point(rows: Connection[DictRow]) -> None:
    codes = ["33", "33.2", "33.24", "33.24.04", "33.24.04.2005", "33.245", "33.24-1", "33.24/1", "332", "34.33.24"]
    query = SQL("SELECT code FROM unnest(%(codes)s::text[]) code WHERE {}").format(within_region(SQL("code"), "prefix"))
    found = {row["code"] for row in rows.execute(query, {"codes": codes, "prefix": "33.24"})}
    assert found == {"33.24", "33.24.04", "33.24.04.2005"}
