"""The sample on awkward days, under other settings, interrupted, and told one command at a time."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from domain.application import Rujukan
from domain.deadlines import Days
from domain.errors import AlreadyRegistered
from infra.event_log.bulk import Bulk
from infra.indonesia import Indonesia
from infra.keys.rehearsed import rehearsed
from infra.persistence import persistence_environment
from infra.sample import directories
from infra.sample.caseloads import families
from infra.sample.hands import World
from infra.sample.identities import WAHYU
from infra.sample.loading import live
from infra.working_days import WorkingDays
from tests.conftest import TEMPLATE
from tests.infra.sample_loads import load_sample, log_of
from tests.projections.conftest import fresh

TODAY = date(2026, 11, 23)


@pytest.fixture
def second_database(server: str) -> Iterator[str]:
    with fresh(server, TEMPLATE) as url:
        yield url


@pytest.mark.parametrize(
    ("today", "this_year"),
    [
        (date(2028, 2, 29), 5),
        (date(2026, 1, 1), 1),
        (date(2027, 1, 15), 2),
        (date(2026, 12, 31), 7),
        (date(2028, 1, 1), 1),
        (date(2029, 3, 1), 5),
    ],
)
def test_it_is_alive_on_any_day(database: str, today: date, this_year: int) -> None:
    load_sample(database, today)
    with psycopg.connect(database) as connection:
        counted = connection.execute(
            "SELECT left(state ->> 'on', 4)::int, count(*) FROM log WHERE topic = 'household.graduated.v1'"
            " AND state ->> 'kind' = 'independent' AND state ->> 'facilitator' = %s AND stream NOT IN"
            " (SELECT stream FROM log WHERE topic = 'household.graduation_revoked.v1') GROUP BY 1",
            [str(WAHYU.id)],
        ).fetchall()
        last = connection.execute("SELECT max(state ->> 'on') FROM log").fetchone()
    assert dict(counted)[today.year] == this_year
    assert dict(counted)[today.year - 1] == 11
    assert last is not None
    assert last[0] <= today.isoformat()


@pytest.mark.parametrize(
    "days",
    [
        Days(expires_after_days=0, progress_working_days=0, service_days=0, cancel_working_days=0),
        Days(expires_after_days=365, progress_working_days=90, service_days=900, cancel_working_days=60),
    ],
    ids=["shortest", "longest"],
)
def test_other_settings_change_what_becomes_of_referrals_and_break_nothing(database: str, days: Days) -> None:
    assert load_sample(database, TODAY, days=days).households == 546


def test_a_load_cut_short_is_continued_to_the_same_log(database: str, second_database: str) -> None:
    def cut(done: int, _total: int) -> None:
        if done == 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_sample(database, TODAY, batch=300, progress=cut)
    with psycopg.connect(database) as connection:
        there = connection.execute(
            "SELECT count(*) FROM rujukan_events WHERE topic = 'household.registered.v1'"
        ).fetchone()
    assert there is not None
    assert 150 < there[0] < 200
    summary = load_sample(database, TODAY, batch=300)
    assert (summary.present, summary.households) == (there[0], 546 - there[0])
    assert load_sample(database, TODAY).events == 0
    load_sample(second_database, TODAY)
    assert log_of(database) == log_of(second_database)


def test_it_tells_how_far_it_is(database: str) -> None:
    seen: list[tuple[int, int]] = []
    load_sample(database, TODAY, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 548) for done in range(1, 549)]


def test_one_command_at_a_time_gives_the_same_log(database: str, second_database: str) -> None:
    """The directories and the fullest lives, so that every verb of the sample is compared."""
    fullest = sorted(families(1, TODAY, Indonesia()), key=lambda family: -len(family.agenda))[:100]
    for kind, url in ((Rujukan, database), (Bulk, second_database)):
        application = kind(persistence_environment(url))
        world = World(application, rehearsed(), Indonesia(), WorkingDays(None), Days(), TODAY)
        directories.set_up(world)
        for family in fullest:
            live(world, family)
        directories.withdraw(world)
        if isinstance(application, Bulk):
            application.flush()
        application.close()
    log = log_of(database)
    assert log == log_of(second_database)
    assert {"referral.redirected.v1", "household.re_enrolled.v1", "household.member_left.v1"} <= {r[3] for r in log}


def test_a_family_card_that_is_taken_stops_the_load(database: str) -> None:
    load_sample(database, TODAY)
    with pytest.raises(AlreadyRegistered):
        load_sample(database, TODAY, seed=2)
