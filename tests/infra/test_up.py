"""`rujukan up` as a process: one line where it cannot run, everything stopped when told to, the database kept going."""

import base64
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
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
import uvicorn
from fastapi import FastAPI

from domain.values import Actor, Role
from infra.commands.up import Interruption
from infra.kafka.broker import running as running_broker
from infra.kafka.processes import broker_process
from infra.postgres.embedded import running
from infra.postgres.processes import postgres_processes, postmaster
from infra.settings import Settings
from tests.development import authorization
from tests.faults.programs import eventually
from tests.program import PROGRAM

PATIENCE = 60.0


class Home:
    """A data directory and a port, and the processes started on them."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="rj-"))
        self.port = free_port()
        self.started: list[subprocess.Popen[str]] = []
        self.variables: dict[str, str] = {}
        self.without = ["--no-kafka"]
        self.said: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("RUJUKAN_", "KAFKA_")) and k != "DATABASE_URL"}
        return {**kept, "RUJUKAN_HOME": str(self.path), "RUJUKAN_PORT": str(self.port), **self.variables}

    def launch(self, *words: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [PROGRAM, "up", *self.without, *words],
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.started.append(process)
        return process

    def up(self, *words: str) -> "subprocess.Popen[str]":
        """Launches and waits until it says that it is ready, which is the last line but for Kafka's."""
        process = self.launch(*words)
        self.hear("Ctrl-C")
        return process

    def hear(self, begin: str) -> None:
        """Waits for a line of the last one launched that begins so; one before counts too."""
        process = self.started[-1]
        assert process.stdout is not None
        while not any(line.startswith(begin) for line in self.said):
            line = process.stdout.readline()
            if not line:
                raise AssertionError(process.communicate()[1])
            self.said.append(line)

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
        left = [*postgres_processes(self.path / "postgres"), broker_process(self.path / "kafka")]
        return left == [None] and not (self.path / "up.json").exists()


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home()
    yield made
    for process in made.started:
        process.kill()
        process.communicate()
    for left in (*postgres_processes(made.path / "postgres"), broker_process(made.path / "kafka")):
        if left is not None:
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
    assert "The log is signed up to position 0." in status.stdout


def test_where_nothing_is_signed_the_status_says_why(home: Home) -> None:
    (home.path / "attestation").mkdir(parents=True)
    (home.path / "attestation" / "checkpoint").write_text("of a key that is lost")
    home.up()

    def refused() -> bool:
        status = home.run("status")
        return status.returncode == 1 and "Nothing more is signed since 20" in status.stdout

    eventually(refused)
    told = f"There is no key in {home.path / 'attestation.key'}: "
    assert told in home.run("status").stdout
    assert home.get("/readyz") == 200
    home.hear("Nothing is signed. ")
    assert not (home.path / "attestation.key").exists()


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


def test_told_to_stop_it_ends_the_streams_that_are_open(home: Home) -> None:
    process = home.up()
    agency = Actor("agency-1", Role.AGENCY_SYSTEM, str(uuid4()))
    headers = {"Accept": "text/event-stream", "Authorization": home.authorization(agency)}
    request = urllib.request.Request(f"http://127.0.0.1:{home.port}/v1/feed", headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as stream:
        assert stream.readline() == b"retry: 3000\n"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert stream.read() == b"\n", "it comes to its end, and is not cut off"
        assert time.monotonic() - began < 2
    _, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, error) == (0, "")
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


@pytest.fixture
def with_kafka(home: Home) -> Home:
    home.without = []
    return home


def test_kafka_comes_up_beside_the_rest_and_is_stopped_with_it(with_kafka: Home) -> None:
    process = with_kafka.up()
    assert with_kafka.get("/readyz") == 200
    with_kafka.hear("Kafka is ready on 127.0.0.1:")
    access = running_broker(with_kafka.path)
    assert access is not None
    status = with_kafka.run("status")
    assert status.returncode == 0
    assert re.search(rf"Kafka .*{access}", status.stdout)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, error) == (0, "")
    assert with_kafka.quiet()
    assert re.search(r"Kafka .*does not run", with_kafka.run("status").stdout)
    log = (with_kafka.path / "log" / "rujukan.log").read_text().splitlines()
    assert [line for line in log if json.loads(line)["level"] in ("error", "critical")] == []
    assert access.password is not None
    assert access.password not in "".join(log)


def test_left_out_it_is_told_by_status_alone(home: Home) -> None:
    home.up()
    assert not any("Kafka" in line for line in home.said)
    home.variables |= {"http_proxy": "http://127.0.0.1:1"}  # which leads nowhere, and is not for this machine
    status = home.run("status")
    assert status.returncode == 0
    assert re.search(r"Kafka .*left out", status.stdout)


def test_where_kafka_cannot_be_had_that_is_told_on_one_line_and_the_rest_runs(with_kafka: Home, tmp_path: Path) -> None:
    with_kafka.variables = {"M2_REPO": str(tmp_path), "https_proxy": "http://127.0.0.1:1", "no_proxy": "127.0.0.1"}
    with_kafka.up()
    with_kafka.hear("Kafka is left out: ")
    assert with_kafka.get("/readyz") == 200
    (told,) = [line for line in with_kafka.said if line.startswith("Kafka is left out")]
    assert re.search(r"cannot be reached for .* \(Connection refused\)\.$", told)
    assert re.search(r"Kafka .*left out", with_kafka.run("status").stdout)


def test_a_broker_killed_under_it_is_started_anew(with_kafka: Home) -> None:
    with_kafka.up()
    with_kafka.hear("Kafka is ready on 127.0.0.1:")
    access, before = running_broker(with_kafka.path), broker_process(with_kafka.path / "kafka")
    assert before is not None
    before.kill()
    with_kafka.hear("Kafka has ended; it is started anew.")
    with_kafka.hear(f"Kafka is ready again on {access}.")
    assert before.pid != getattr(broker_process(with_kafka.path / "kafka"), "pid", before.pid)
    assert running_broker(with_kafka.path) == access
    assert with_kafka.get("/readyz") == 200
    log = [json.loads(line) for line in (with_kafka.path / "log" / "rujukan.log").read_text().splitlines()]
    kinds = Counter((line["logger"], line["event"].partition(":")[0]) for line in log if line["logger"][:6] == "kafka.")
    assert max(kinds.values(), default=0) <= 10
    assert [line["event"] for line in log if line["logger"] == "kafka-broker"] == ["ended", "revived"]


@pytest.mark.parametrize("after", [0.3, 2.0, 5.0])
def test_told_to_stop_while_kafka_comes_up_it_leaves_nothing_running(with_kafka: Home, after: float) -> None:
    process = with_kafka.launch()
    until(lambda: (with_kafka.path / "kafka.lock").exists())
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, error) == (0, "")
    assert with_kafka.quiet()


def test_in_production_no_broker_is_fetched(with_kafka: Home) -> None:
    with_kafka.variables = {
        "RUJUKAN_ENV": "production", "RUJUKAN_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
        "RUJUKAN_OIDC_ISSUER": "https://id.test", "RUJUKAN_OIDC_AUDIENCE": "rujukan",
        "RUJUKAN_ALLOWED_HOSTS": "127.0.0.1",
    }  # fmt: skip
    with_kafka.up()
    assert "Kafka is left out: KAFKA_BOOTSTRAP_SERVERS is not given.\n" in with_kafka.said
    assert not (with_kafka.path / "kafka").exists()


def test_told_to_stop_while_the_server_begins_it_begins_and_ends() -> None:
    """Nothing is raised into the middle of its beginning, which would be left half done."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    server = uvicorn.Server(uvicorn.Config(FastAPI()))
    try:
        interruption = Interruption()
        interruption.end(server)
        signal.raise_signal(signal.SIGTERM)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert interruption.came and server.should_exit
