"""`rujukan up` as a process: one line where it cannot run, everything stopped when told to, the database kept going."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from domain.values import Actor, Role
from infra.postgres.embedded import running
from infra.postgres.processes import postgres_processes, postmaster
from infra.settings import Settings
from tests.development import authorization
from tests.program import PROGRAM

PATIENCE = 60.0


class Home:
    """A data directory and a port, and the processes started on them."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="rj-"))
        self.port = free_port()
        self.started: list[subprocess.Popen[str]] = []

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("RUJUKAN_") and k != "DATABASE_URL"}
        return {**kept, "RUJUKAN_HOME": str(self.path), "RUJUKAN_PORT": str(self.port)}

    def launch(self, *words: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [PROGRAM, "up", *words], env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.started.append(process)
        return process

    def up(self, *words: str) -> "subprocess.Popen[str]":
        """Launches and waits until it says that it is ready, which is the last line."""
        process = self.launch(*words)
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Ctrl-C"):
                return process
        raise AssertionError(process.communicate()[1])

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [PROGRAM, *words], env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    def get(self, path: str) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        request.add_header("Authorization", self.authorization(Actor("analyst-1", Role.ANALYST)))
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def authorization(self, actor: Actor) -> str:
        return authorization(Settings(home=self.path, port=self.port), actor)

    def quiet(self) -> bool:
        """Whether nothing runs here."""
        return not postgres_processes(self.path / "postgres") and not (self.path / "up.json").exists()


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home()
    yield made
    for process in made.started:
        process.kill()
        process.communicate()
    for left in postgres_processes(made.path / "postgres"):
        with suppress(psutil.NoSuchProcess):
            left.kill()
    shutil.rmtree(made.path, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def test_a_port_in_use_is_told_on_one_line_before_anything_is_started(home: Home) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", home.port))
        other.listen()
        ran = home.run("up")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert re.fullmatch(rf"rujukan: Port {home.port} .*--port.*\n", ran.stderr)
    assert not (home.path / "postgres").exists()


def test_a_second_one_on_the_same_directory_is_refused_on_one_line_and_the_first_goes_on(home: Home) -> None:
    home.up()
    ran = home.run("up", "--port", str(free_port()))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert re.fullmatch(r"rujukan: .*RUJUKAN_HOME.*\n", ran.stderr)
    assert home.get("/readyz") == 200
    status = home.run("status")
    assert status.returncode == 0, status.stdout
    assert f"http://127.0.0.1:{home.port}" in status.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_stops_everything_and_ends_well(home: Home, number: signal.Signals) -> None:
    process = home.up()
    assert home.get("/v1/graduations?year=2026") == 200
    process.send_signal(number)
    _, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, error) == (0, "")
    assert home.quiet()
    assert home.run("status").returncode == 1
    log = (home.path / "log" / "rujukan.log").read_text().splitlines()
    assert [line for line in log if json.loads(line)["level"] in ("error", "critical")] == []


@pytest.mark.parametrize("after", [0.6, 1.2, 1.6, 2.0])
def test_told_to_stop_while_it_starts_it_leaves_nothing_running(home: Home, after: float) -> None:
    process = home.launch()
    until(lambda: (home.path / "up.lock").exists())
    time.sleep(after - 0.6)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, error) == (0, "")
    assert home.quiet()


def test_a_database_killed_under_it_is_started_anew_and_answers_go_on(home: Home) -> None:
    home.up()
    assert home.get("/v1/graduations?year=2026") == 200
    before = postmaster(home.path / "postgres")
    assert before is not None
    before.kill()
    until(lambda: running(home.path) is not None)
    until(lambda: home.get("/readyz") == 200)
    assert [home.get("/v1/graduations?year=2026") for _ in range(10)] == [200] * 10
    after = postmaster(home.path / "postgres")
    assert after is not None
    assert after.pid != before.pid


def test_without_the_sample_it_runs_on_an_empty_log(home: Home) -> None:
    home.up()
    ran = home.run("rebuild", "--check")
    assert ran.returncode == 0, ran.stderr


def test_a_log_that_others_wrote_is_left_without_the_sample(home: Home) -> None:
    process = home.up()
    request = urllib.request.Request(
        f"http://127.0.0.1:{home.port}/v1/agencies",
        data=json.dumps({"name": "Dinas Sosial", "kind": "local_government"}).encode(),
        headers={
            "Authorization": home.authorization(Actor("administrator-1", Role.ADMINISTRATOR)),
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=15) as answer:
        assert answer.status == 201
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    ran = home.run("sample")
    assert ran.returncode == 1
    assert re.fullmatch(r"rujukan: The log holds other events.*\n", ran.stderr)
