"""Deadlines that pass become events, once in any number of clocks."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from typing import Any

import psycopg
import pytest

from consumers.clock import Clock
from tests.api.rig import OFFICER, Day, Rig, services_on

BY_THE_CLOCK = (
    "referral.response_overdue.v1",
    "referral.progress_overdue.v1",
    "referral.expired.v1",
    "referral.cancelled.v1",
)


def clock_of(rig: Rig) -> Clock:
    return Clock(rig.services.application, rig.services.pool, rig.time)


def caught_up(rig: Rig) -> None:
    rig.latest("/v1/referrals")


def written(rig: Rig) -> list[tuple[str, str, str, str]]:
    """What clocks wrote: stream, topic, date and actor."""
    with psycopg.connect(rig.url) as connection:
        rows = connection.execute(
            "SELECT stream::text, topic, state ->> 'on', state ->> 'by' FROM log"
            " WHERE topic = ANY (%s) AND state ->> 'by' = 'rujukan-clock' ORDER BY position",
            [list(BY_THE_CLOCK)],
        )
        found: list[Any] = rows.fetchall()
        return found


def referrals_with_every_deadline(rig: Rig) -> dict[str, str]:
    """Sent on 15 June 2026: answers due on 23 June, expiry on 23 July, progress on 14 July, cancellation on 23 June."""
    agency, officer = rig.agency()
    service, household = rig.service(agency), rig.household()
    made = {name: rig.referral(household, service) for name in ("unanswered", "accepted", "cancelling", "done")}
    rig.post(f"/v1/referrals/{made['accepted']}/accept", who=officer, expect=200)
    rig.post(f"/v1/referrals/{made['cancelling']}/cancel", {"reason": "duplicate"}, OFFICER, 200)
    rig.post(f"/v1/referrals/{made['done']}/decline", {"reason": "no_budget"}, officer, 200)
    return made


def test_each_deadline_is_written_on_the_day_after_it_and_once(rig: Rig) -> None:
    made, clock = referrals_with_every_deadline(rig), clock_of(rig)

    def tick(day: date) -> list[tuple[str, str]]:
        before = len(written(rig))
        caught_up(rig)
        clock.tick(day)
        new = written(rig)[before:]
        assert all((on, by) == (day.isoformat(), "rujukan-clock") for _, _, on, by in new)
        return sorted((stream, topic) for stream, topic, _, _ in new)

    rig.time.day = date(2026, 12, 1)
    assert tick(date(2026, 6, 23)) == []
    assert tick(date(2026, 6, 24)) == sorted(
        [
            (made["unanswered"], "referral.response_overdue.v1"),
            (made["cancelling"], "referral.cancelled.v1"),
        ]
    )
    assert tick(date(2026, 6, 24)) == []
    assert tick(date(2026, 7, 15)) == [(made["accepted"], "referral.progress_overdue.v1")]
    assert tick(date(2026, 7, 23)) == []
    assert tick(date(2026, 7, 24)) == [(made["unanswered"], "referral.expired.v1")]
    assert tick(date(2026, 12, 1)) == []
    assert rig.latest(f"/v1/referrals/{made['unanswered']}").json()["state"] == "expired"
    assert rig.latest(f"/v1/referrals/{made['accepted']}").json()["progress_overdue"] is True


def test_a_projection_that_lags_makes_no_second_event(rig: Rig) -> None:
    referrals_with_every_deadline(rig)
    caught_up(rig)
    day = date(2026, 6, 24)
    with psycopg.connect(rig.url) as connection:
        connection.execute("LOCK TABLE read.projection_position IN EXCLUSIVE MODE")
        assert clock_of(rig).tick(day) == 2
        assert clock_of(rig).tick(day) == 0
    assert len(written(rig)) == 2


def test_four_clocks_at_once_write_each_deadline_once(rig: Rig) -> None:
    agency, _ = rig.agency()
    service, household = rig.service(agency), rig.household()
    made = {rig.referral(household, service) for _ in range(25)}
    caught_up(rig)
    day = date(2026, 6, 24)
    with ExitStack() as stack:
        clocks = []
        for _ in range(4):
            services = stack.enter_context(services_on(rig.url, Day(day)))
            clocks.append(Clock(services.application, services.pool, services.time))
        with ThreadPoolExecutor(4) as at_once:
            counts = list(at_once.map(lambda clock: clock.tick(), clocks))
    assert sum(counts) == 25
    found = written(rig)
    assert len(found) == 25
    assert {stream for stream, _, _, _ in found} == made


def test_more_than_a_page_of_deadlines_is_worked_through(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consumers.clock.PAGE", 3)
    agency, _ = rig.agency()
    service, household = rig.service(agency), rig.household()
    for _ in range(8):
        rig.referral(household, service)
    caught_up(rig)
    assert clock_of(rig).tick(date(2026, 6, 24)) == 8


def test_a_clock_runs_until_it_is_told_to_stop(rig: Rig) -> None:
    made = referrals_with_every_deadline(rig)
    caught_up(rig)
    rig.time.day = date(2026, 6, 24)
    stop = threading.Event()
    running = threading.Thread(target=clock_of(rig).run, args=(stop, 0.05))
    running.start()
    for _ in range(200):
        if len(written(rig)) == 2:
            break
        stop.wait(0.05)
    stop.set()
    running.join(10)
    assert not running.is_alive()
    assert {stream for stream, _, _, _ in written(rig)} == {made["unanswered"], made["cancelling"]}
