"""Killing Rujukan and PostgreSQL with SIGKILL at any moment loses no acknowledged command."""

import os
import random
import threading
import time
from typing import Any

import httpx
import pytest

from infra.sample.identities import AUDITOR, REGIONAL_OFFICER, WAHYU

Acknowledged = dict[str, tuple[int, str]]
"""Idempotency key of each acknowledged command, with its position and household."""


def seed() -> int:
    chosen = int(os.environ.get("RUJUKAN_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {chosen} (set RUJUKAN_TEST_SEED to repeat)")  # noqa: T201
    return chosen


def facilitator(whole: Any) -> dict[str, str]:
    return {"Authorization": whole.authorization(WAHYU.actor)}


def visit_until(stopped: threading.Event, whole: Any, households: list[str], name: str, done: Acknowledged) -> None:
    """Records visits as fast as they are answered, each under a key of its own."""
    count = 0
    with httpx.Client(base_url=whole.url, headers=facilitator(whole), timeout=10) as client:
        while not stopped.is_set():
            count += 1
            key, household = f"{name}-{count}", households[count % len(households)]
            body = {"purpose": "use_of_aid", "result": "done", "note": f"visit {key}"}
            try:
                answer = client.post(f"/v1/households/{household}/visits", json=body, headers={"Idempotency-Key": key})
            except httpx.HTTPError:
                return
            if answer.status_code == 201:
                done[key] = (answer.json()["position"], household)


def wait_for_more(done: Acknowledged, more: int) -> None:
    """However slow the machine, the kill comes in the middle of commands."""
    enough, deadline = len(done) + more, time.monotonic() + 60
    while len(done) < enough:
        assert time.monotonic() < deadline, f"{len(done)} commands were acknowledged"
        time.sleep(0.01)


def logged(whole: Any) -> dict[int, dict[str, Any]]:
    """The whole log, read by the auditor page by page."""
    entries: dict[int, dict[str, Any]] = {}
    headers = {"Authorization": whole.authorization(AUDITOR)}
    with httpx.Client(base_url=whole.url, headers=headers, timeout=30) as client:
        while True:
            page = client.get("/v1/audit/log", params={"after": len(entries), "limit": 1000})
            page.raise_for_status()
            rows = page.json()["items"]
            if not rows:
                return entries
            entries.update({row["position"]: row for row in rows})


@pytest.mark.parametrize("database", [True, False], ids=["with PostgreSQL", "without PostgreSQL"])
def test_no_acknowledged_command_is_lost_when_everything_is_killed(whole: Any, database: bool) -> None:
    chance = random.Random(seed())
    whole.start("--sample")
    listed = httpx.get(f"{whole.url}/v1/households", params={"limit": 20}, headers=facilitator(whole)).json()["items"]
    households = [row["id"] for row in listed]
    done: Acknowledged = {}
    for round_ in range(3):
        stopped = threading.Event()
        callers = [
            threading.Thread(target=visit_until, args=(stopped, whole, households, f"{round_}-{n}", done))
            for n in range(4)
        ]
        for caller in callers:
            caller.start()
        wait_for_more(done, 8)
        time.sleep(chance.uniform(0.0, 1.0))
        whole.kill(database=database)
        stopped.set()
        for caller in callers:
            caller.join()
        whole.start("--sample")
    assert len(done) > 20
    entries = logged(whole)
    assert sorted(entries) == list(range(1, len(entries) + 1))
    for position, household in done.values():
        assert (entries[position]["stream"], entries[position]["topic"]) == (household, "household.visited.v1")
    assert len({position for position, _ in done.values()}) == len(done)
    repeat_answers_as_before(whole, done)
    assert whole.run("rebuild", "--check").returncode == 0


def repeat_answers_as_before(whole: Any, done: Acknowledged) -> None:
    """The receipts survived with their commands."""
    key, (position, household) = next(iter(done.items()))
    body = {"purpose": "use_of_aid", "result": "done", "note": f"visit {key}"}
    headers = {**facilitator(whole), "Idempotency-Key": key}
    again = httpx.post(f"{whole.url}/v1/households/{household}/visits", json=body, headers=headers)
    assert (again.status_code, again.json()["position"]) == (201, position)


def test_killed_while_it_first_starts_it_starts_whole_the_next_time(whole: Any) -> None:
    chance = random.Random(seed())
    for _ in range(5):
        whole.launch("--sample")
        time.sleep(chance.uniform(0.3, 8.0))
        whole.kill(database=True)
    whole.start("--sample")
    officer = {"Authorization": whole.authorization(REGIONAL_OFFICER)}
    rows = httpx.get(f"{whole.url}/v1/facilitators", headers=officer).json()["items"]
    assert rows, "the sample is there"
    assert whole.run("rebuild", "--check").returncode == 0
    assert whole.stop() == 0


def test_two_of_them_run_side_by_side_and_status_tells_of_each(whole: Any, other: Any) -> None:
    whole.start()
    other.start()
    for one in (whole, other):
        status = one.run("status")
        assert status.returncode == 0, status.stdout + status.stderr
        assert str(one.port) in status.stdout
    assert whole.stop() == 0
    assert other.run("status").returncode == 0
