"""The simulation as processes: it fills a log, is gone on with after a kill, and lets alone what is not its own."""

import base64
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from domain.codes import AgencyKind
from domain.values import Command
from infra.bootstrap import Composed, composed
from infra.cli import app
from infra.keys.database import KeyDatabase
from infra.keys.rehearsed import rehearsed
from infra.keys.sealer import Keys
from infra.keys.wrapping import MasterKey
from infra.postgres.names import beside
from infra.sample.identities import ADMINISTRATOR
from infra.settings import load_settings
from infra.simulation.begun import ONE_AT_A_TIME, SimulationError, working
from infra.simulation.running import MOST_HOUSEHOLDS, check, simulate
from infra.simulation.telling import Simulation
from infra.time import FixedTime
from projections.catalogue import PROJECTIONS
from projections.engine import rebuild as rebuilding
from projections.engine.runner import Runner
from tests.infra.simulated import TODAY, Log, logged, opened, simulation, told
from tests.program import PROGRAM

MASTER_KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def whole(database: str, tmp_path: Path) -> Iterator[Composed]:
    settings = load_settings(home=tmp_path, master_key=MASTER_KEY)
    with composed(settings, database, time=FixedTime(TODAY)) as found:
        yield found


def expected(of: Simulation, households: int) -> Log:
    """Every event of so many households as it is told in memory, with what was sealed in the clear."""
    return opened(told(of, range(households)), rehearsed())


def written(url: str) -> Log:
    """Every event of the log, with what was sealed opened by the installation's own keys."""
    keys = KeyDatabase(beside(url), MasterKey(bytes(range(32))))
    try:
        return opened(logged(url), Keys(keys))
    finally:
        keys.close()


def seed() -> int:
    chosen = int(os.environ.get("RUJUKAN_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {chosen} (set RUJUKAN_TEST_SEED to repeat)")  # noqa: T201
    return chosen


def test_two_workers_write_what_is_told_in_memory_and_every_projection_folds_it(whole: Composed) -> None:
    seen: list[tuple[int, int, int]] = []
    summary = simulate(whole, households=30, years=2, seed=1, workers=2, progress=lambda *told: seen.append(told))
    assert written(whole.url) == expected(simulation(30), 30)
    assert summary.events == summary.position == sum(map(len, logged(whole.url).values()))
    assert (seen[-1], summary.today) == ((30, 30, summary.events), TODAY)
    with psycopg.connect(whole.url) as connection:
        row = connection.execute("SELECT count(*), min(notification_id), max(notification_id) FROM rujukan_events")
        assert row.fetchone() == (summary.events, 1, summary.events)
    as_owner = partial(psycopg.connect, whole.url)
    for projection in PROJECTIONS:
        Runner(as_owner, whole.recorder, projection).catch_up()
    assert rebuilding.check(as_owner, whole.recorder, PROJECTIONS, lambda *_: None) == []


def test_more_households_are_added_to_those_that_are_there_on_another_day(whole: Composed) -> None:
    simulate(whole, households=4, years=1, seed=3, workers=1)
    first = written(whole.url)
    settings = whole.settings
    with composed(settings, whole.url, time=FixedTime(TODAY.replace(day=30))) as later:
        summary = simulate(later, households=6, years=1, seed=3, workers=1)
        assert summary.today == TODAY
        again = simulate(later, households=6, years=1, seed=3, workers=1)
    assert (again.events, again.position) == (0, summary.position)
    both = written(whole.url)
    assert {stream: both[stream] for stream in first} == first
    assert both == expected(simulation(6, years=1, seed=3), 6)


@pytest.mark.parametrize(
    ("end", "number"),
    [(os.killpg, signal.SIGKILL), (os.kill, signal.SIGKILL), (os.killpg, signal.SIGINT)],
    ids=["killed", "killed without its workers", "interrupted"],
)
def test_a_simulation_that_was_ended_is_gone_on_with_to_the_same_log(
    database: str, tmp_path: Path, end: Callable[[int, int], None], number: signal.Signals
) -> None:
    chance = random.Random(seed())
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "KEYS_DATABASE_URL": beside(database),
        "RUJUKAN_HOME": str(tmp_path),
        "RUJUKAN_MASTER_KEY": MASTER_KEY,
    }
    words = [PROGRAM, "simulate", "--households", "100", "--years", "2", "--seed", "1", "--date", str(TODAY)]
    process = subprocess.Popen(words, env=environment, start_new_session=True, stdout=subprocess.DEVNULL)
    _wait_for_households(database, process)
    time.sleep(chance.uniform(0, 0.8))
    end(process.pid, number)
    assert process.wait(60) in ((-signal.SIGKILL,) if number is signal.SIGKILL else (0, 130))
    assert subprocess.run(words, env=environment, check=False, stdout=subprocess.DEVNULL).returncode == 0
    assert written(database) == expected(simulation(100), 100)


def _wait_for_households(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until this run has begun to write lives."""
    query = "SELECT count(*) FROM rujukan_events WHERE topic = 'household.registered.v1'"
    with psycopg.connect(url, autocommit=True) as connection:
        begun = connection.execute(query).fetchone()
        while process.poll() is None and connection.execute(query).fetchone() == begun:
            time.sleep(0.05)


def test_it_goes_on_with_no_other_years_seed_or_day(whole: Composed) -> None:
    simulate(whole, households=2, years=1, seed=3, workers=1)
    before = logged(whole.url)
    for other in ({"years": 2}, {"seed": 4}, {"today": TODAY.replace(day=1)}):
        with pytest.raises(SimulationError, match="something else"):
            simulate(whole, **{"households": 2, "years": 1, "seed": 3, "workers": 1, **other})
    assert logged(whole.url) == before


def test_it_goes_into_no_log_that_others_began(whole: Composed) -> None:
    command = Command(uuid4(), ADMINISTRATOR, TODAY, TODAY)
    whole.services.application.register_agency(command, uuid4(), name="Dinas", kind=AgencyKind.MINISTRY)
    with pytest.raises(SimulationError, match="something else"):
        simulate(whole, households=2, years=1)
    assert whole.recorder.head() == 1


def test_only_one_runs_on_a_database(whole: Composed) -> None:
    with psycopg.connect(whole.url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        with pytest.raises(SimulationError, match="Another simulation"):
            simulate(whole, households=2, years=1)
    assert whole.recorder.head() == 0


def test_it_does_not_begin_beside_workers_of_one_that_was_killed(
    whole: Composed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.simulation.begun.PATIENCE", "100ms")
    with psycopg.connect(whole.url, autocommit=True) as connection:
        working(connection)
        with pytest.raises(SimulationError, match="still at it"):
            simulate(whole, households=2, years=1)
    assert whole.recorder.head() == 0


@pytest.mark.parametrize(
    ("households", "years", "workers", "named"),
    [
        (0, 2, None, "--households"),
        (-5, 2, None, "--households"),
        (MOST_HOUSEHOLDS + 1, 2, None, "--households"),
        (10, -1, None, "--years"),
        (10, 0, None, "--years"),
        (10, 200, None, "--years"),
        (10, 2, 0, "--workers"),
        (10, 2, 1000, "--workers"),
    ],
)
def test_numbers_that_cannot_be_are_refused(households: int, years: int, workers: int | None, named: str) -> None:
    with pytest.raises(SimulationError, match=named):
        check(households, years, workers)


@pytest.mark.parametrize(
    "words",
    [
        ("--households", "0"),
        ("--households", "10", "--years", "-3"),
        ("--households", "10", "--date", "2999-01-01"),
    ],
)
def test_the_command_line_tells_of_bad_input_on_one_line_and_starts_nothing(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUJUKAN_HOME", str(tmp_path / "home"))
    result = CliRunner().invoke(app, ["simulate", *words])
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "home").exists()
