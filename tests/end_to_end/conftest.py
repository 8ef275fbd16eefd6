"""A whole Rujukan on a port of its own, started and killed as a person or a power cut would."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from domain.values import Actor
from infra.settings import Settings
from tests.development import authorization
from tests.program import PROGRAM


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def directory() -> Iterator[Path]:
    """Not pytest's own, which it closes to the account under which PostgreSQL runs for root."""
    with tempfile.TemporaryDirectory(prefix="rj-", ignore_cleanup_errors=True) as path:
        yield Path(path)


class Whole:
    """`rujukan up` under a data directory; `kill` leaves nothing of it alive, PostgreSQL included."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.output = home.parent / f"{home.name}.out"
        self.variables: dict[str, str] = {}
        self.without = ["--no-kafka"]
        """What is left out, as a start of it takes its time."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("RUJUKAN_", "DATABASE_URL", "KEYS_DATABASE_URL", "KAFKA_"))
        }
        return {**kept, "RUJUKAN_HOME": str(self.home), **self.variables}

    def authorization(self, actor: Actor) -> str:
        return authorization(Settings(home=self.home, port=self.port), actor)

    def run(self, *words: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """One `rujukan` command to its end."""
        return subprocess.run(
            [PROGRAM, *words], env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    def start(self, *words: str, ready_within: float = 180) -> None:
        self.launch(*words)
        self.wait_until_ready(ready_within)

    def start_with_kafka(self, *words: str, ready_within: float = 180) -> None:
        self.without = []
        self.start(*words)
        deadline = time.monotonic() + ready_within
        while "Kafka is ready" not in self.output.read_text():
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.2)

    def launch(self, *words: str) -> None:
        with self.output.open("a") as output:
            self.process = subprocess.Popen(
                [PROGRAM, "up", "--port", str(self.port), *self.without, *words],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def wait_until_ready(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"rujukan up ended:\n{self.output.read_text()}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready within {seconds} s:\n{self.output.read_text()}")

    def postgres(self) -> list[psutil.Process]:
        """The server processes of this data directory, the postmaster first."""
        pid_file = self.home / "postgres" / "postmaster.pid"
        try:
            postmaster = psutil.Process(int(pid_file.read_text().split()[0]))
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return []
        return [postmaster, *postmaster.children(recursive=True)]

    def kill(self, *, database: bool) -> None:
        """SIGKILL, with no warning."""
        doomed = self.postgres() if database else []
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        for process in doomed:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(doomed, timeout=10)

    def stop(self) -> int:
        """Ctrl-C; returns the exit status."""
        if self.process is None or self.process.poll() is not None:
            return 0 if self.process is None else int(self.process.returncode)
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def whole() -> Iterator[Whole]:
    with directory() as home:
        started = Whole(home / "home")
        yield started
        started.kill(database=True)


@pytest.fixture
def other() -> Iterator[Whole]:
    with directory() as home:
        started = Whole(home / "other")
        yield started
        started.kill(database=True)
