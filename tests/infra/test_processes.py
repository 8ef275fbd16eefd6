"""Several real processes on one database: followers share and take over, a killed rebuild goes on, workers share."""

import base64
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date

import psycopg
import pytest

from infra.keys.installation import ensure_installed
from infra.keys.wrapping import MasterKey
from infra.postgres.names import beside
from projections.engine.positions import wait_until
from tests.conftest import TEMPLATE, database_of, fresh
from tests.infra.sample_loads import load_sample
from tests.program import PROGRAM

PATIENCE = 120.0
MASTER_KEY = bytes(range(32))


@pytest.fixture(scope="module")
def sampled(server: str) -> Iterator[str]:
    """A database whose log holds the sample; nothing is folded yet."""
    with fresh(server, TEMPLATE) as url:
        ensure_installed(url, beside(url), MasterKey(MASTER_KEY))
        load_sample(url, date(2026, 6, 30))
        yield url


@pytest.fixture
def url(server: str, sampled: str) -> Iterator[str]:
    with fresh(server, database_of(sampled), database_of(beside(sampled))) as copy:
        yield copy


class Desk:
    """Starts the program on one database, and ends what it started."""

    def __init__(self, url: str, home: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("RUJUKAN_")}
        self.environment = {
            **kept,
            "RUJUKAN_HOME": home,
            "DATABASE_URL": url,
            "KEYS_DATABASE_URL": beside(url),
            "RUJUKAN_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
            "COLUMNS": "200",
        }
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [PROGRAM, *words], env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.started.append(process)
        return process

    def run(self, *words: str) -> tuple[int, str]:
        out, err = self.start(*words).communicate(timeout=PATIENCE)
        return self.started[-1].returncode, out + err

    def says(self, line: str, *words: str) -> bool:
        """Whether the command succeeds and says this, whatever it tells of its progress beside."""
        status, told = self.run(*words)
        return status == 0 and line in told.splitlines()


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="rj-", ignore_cleanup_errors=True) as home:
        made = Desk(url, home)
        yield made
        for process in made.started:
            process.kill()
            process.communicate()


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def head(url: str) -> int:
    with psycopg.connect(url) as connection:
        (row,) = connection.execute("SELECT max(notification_id) FROM rujukan_events").fetchall()
    return int(row[0])


def sessions(url: str) -> dict[int, int]:
    """The sessions that lead a shard, each with how many."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT a.pid, count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.mode = 'ExclusiveLock'"
            " AND a.application_name = 'rujukan projections'"
            " AND a.datname = current_database() GROUP BY a.pid"
        ).fetchall()
    return dict(rows)


def test_followers_in_processes_of_their_own_share_the_work_and_take_over_from_one_that_is_killed(
    desk: Desk, url: str
) -> None:
    first = desk.start("follow", "households", "--shards", "4")
    second = desk.start("follow", "households")
    until(lambda: len(sessions(url)) == 4)
    first.send_signal(signal.SIGKILL)
    until(lambda: wait_until(lambda: psycopg.connect(url), ["households"], head(url), 0))
    until(lambda: len(sessions(url)) == 4)
    second.send_signal(signal.SIGTERM)
    out, err = second.communicate(timeout=PATIENCE)
    assert (second.returncode, err) == (0, "")
    assert {f"households {n}/4: run here" for n in (1, 2, 3, 4)} <= set(out.splitlines())
    assert out.splitlines()[-1] == "Stopped."
    assert desk.says("No difference in households.", "rebuild", "households", "--check")


def test_a_projection_that_stopped_keeps_no_other_from_being_divided(desk: Desk, url: str) -> None:
    first = desk.start("follow", "history", "--shards", "2")
    until(lambda: wait_until(lambda: psycopg.connect(url), ["history"], head(url), 0))
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=PATIENCE)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE read.projection_position SET position = position - 100 WHERE shard = 1")
        connection.execute("ALTER TABLE read.history RENAME TO elsewhere")
    second = desk.start("follow", "history", "households", "--shards", "3")
    until(lambda: wait_until(lambda: psycopg.connect(url), ["households"], head(url), 0))
    second.send_signal(signal.SIGTERM)
    out, _ = second.communicate(timeout=PATIENCE)
    assert "history stays divided as it is: history stopped at position" in out
    with psycopg.connect(url) as connection:
        query = "SELECT name, max(shards) FROM read.projection_position GROUP BY name ORDER BY name"
        assert connection.execute(query).fetchall() == [("history", 2), ("households", 3)]


def test_a_rebuild_that_is_killed_goes_on_when_run_again_and_workers_share_it(desk: Desk, url: str) -> None:
    follower = desk.start("follow", "history")
    until(lambda: wait_until(lambda: psycopg.connect(url), ["history"], head(url), 0))
    killed = desk.start("rebuild", "history", "--workers", "2")
    until(lambda: made(url) > 0)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    reached = made(url)
    if reached < head(url):
        until(lambda: workers(url) == 0)
        reached = made(url)
    assert reached > 0
    status, told = desk.run("rebuild", "history", "--workers", "2")
    assert status == 0
    assert "No difference in history.\nMade anew: history.\n" in told
    assert desk.says("No difference in history.", "rebuild", "history", "--check")
    assert follower.poll() is None


def test_a_check_tells_how_far_there_was_anything_to_compare(desk: Desk, url: str) -> None:
    told = f"history stands at 0 of {head(url):,}: what comes behind that was not compared."
    assert desk.says(told, "rebuild", "history", "--check")


def test_a_rebuild_that_is_interrupted_says_how_to_go_on(desk: Desk, url: str) -> None:
    with psycopg.connect(url) as reader:
        reader.execute("SELECT count(*) FROM read.history")  # keeps the tables from being switched before the signal
        interrupted = desk.start("rebuild", "history", "--workers", "2")
        until(lambda: made(url) > 0)
        out = ended_by_interrupting(interrupted)
    assert interrupted.returncode == 130
    assert out.endswith("Cut short. What was folded is kept: the same command goes on with it.\n")


def ended_by_interrupting(process: "subprocess.Popen[str]") -> str:
    """Its output. On a busy machine one went on once, and it is not known where the interruption was lost: then it is
    interrupted again, as people do."""
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=PATIENCE / 4)[0]
    raise AssertionError("It goes on.")


def made(url: str) -> int:
    with psycopg.connect(url) as connection:
        query = "SELECT coalesce(min(position), 0) FROM read_aside.projection_position WHERE name = 'history'"
        (row,) = connection.execute(query).fetchall()
    return int(row[0])


def workers(url: str) -> int:
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rujukan rebuild'"
        (row,) = connection.execute(query + " AND datname = current_database()").fetchall()
    return int(row[0])


def test_differences_are_printed_with_their_number_by_table_and_put_right(desk: Desk, url: str) -> None:
    assert desk.run("rebuild", "directories")[0] == 0
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE read.programmes SET name = 'nobody said so'")
        connection.execute("DELETE FROM read.agencies")
    status, told = desk.run("rebuild", "directories", "--check")
    assert status == 1
    assert re.search(r'^  live +\{.*"name": "nobody said so"', told, re.MULTILINE)
    assert re.search(r"^  aside +\{.*\}$", told, re.MULTILINE)
    assert "programmes: 5 rows differ." in told
    assert "agencies: 8 rows differ." in told
    assert "13 differences.\n" in told
    status, told = desk.run("rebuild", "directories")
    assert status == 0
    assert "13 differences.\nMade anew: directories.\n" in told
    assert desk.run("rebuild", "directories", "--check")[0] == 0
