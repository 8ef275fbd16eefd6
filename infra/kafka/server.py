"""One data directory of the broker that comes with Rujukan, and the process on it."""

import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import psutil

from infra.kafka.access import Access, Protocol
from infra.kafka.clients import is_open, proves
from infra.kafka.configuration import ADMINISTRATOR, CALL, ENVIRONMENT, SETTINGS, call, settings
from infra.kafka.distribution import Distribution, Tell, distribution
from infra.kafka.errors import Abandoned, BrokerError
from infra.kafka.making import is_made, make, secrets_of, write
from infra.kafka.ports import HOST, chosen, read_ports, stored
from infra.kafka.processes import broker_process, lives
from infra.private_logs import make_private, private

PORTS = "ports.json"
ATTEMPTS = 2
START_LIMIT = 180.0
"""Seconds that a start may take; after a crash it reads its logs anew."""
STOP_LIMIT = 60.0
UNREADY_STOP_LIMIT = 3.0
"""Seconds for one that never answered: told to stop while it starts Kafka may wait for itself for ever."""
LOOK_EVERY = 0.1


class Server:
    """`ensure_…` and `stop` are called under the lock of `shared_use.alone`; `abandon` ends a start that is under way
    with `Abandoned`."""

    def __init__(self, home: Path, tell: Tell, *, abandon: threading.Event | None = None) -> None:
        self.home = home
        self.data = home / "kafka"
        self.log = home / "log" / "kafka.log"
        self.tell = tell
        self.abandon = abandon or threading.Event()
        self.child: subprocess.Popen[bytes] | None = None
        self._answered = False
        self._process: psutil.Process | None = None
        self._distribution: Distribution | None = None

    def ensure_made(self) -> None:
        """Makes the data directory beside its place and moves it there when whole."""
        for leftover in self.home.glob("kafka.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        if self.data.exists():
            self._check_made()
            return
        found = self._ensure_distribution()
        self.tell("Making Kafka's data directory …")
        new = Path(tempfile.mkdtemp(dir=self.home, prefix="kafka.new-"))
        try:
            make(new, found)
            new.rename(self.data)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _check_made(self) -> None:
        if not is_made(self.data):
            raise BrokerError(f"{self.data} is in the way: it is not a data directory of Kafka.")
        secrets_of(self.data)

    def ensure_running(self) -> Access:
        """How its administrator reaches a broker that answers."""
        for _ in range(ATTEMPTS):
            if self.process() is None:
                self._spawn()
            access = self._wait_until_answering()
            if access is not None:
                return access
        raise BrokerError(f"Kafka does not start: {self._last_words()} (see {self.log})")

    def access(self) -> Access | None:
        """How its administrator reaches it when it runs; None where nobody ever started it."""
        ports = read_ports(self.data / PORTS)
        if ports is None:
            return None
        server, password = f"{HOST}:{ports.clients}", secrets_of(self.data).administrator
        return Access((server,), Protocol.SASL_PLAINTEXT, user=ADMINISTRATOR, password=password)

    def process(self) -> psutil.Process | None:
        """The living broker of this directory, whoever started it."""
        if self._process is None or not lives(self._process):
            self._process = broker_process(self.data)
        return self._process

    def listens(self) -> bool:
        """Whether the process is there and takes connections."""
        ports = read_ports(self.data / PORTS)
        return ports is not None and self.process() is not None and is_open(f"{HOST}:{ports.clients}")

    def _spawn(self) -> None:
        found = self._ensure_distribution()
        self._check_wanted()
        self.tell("Starting Kafka …")
        ports = chosen(read_ports(self.data / PORTS))
        write(self.data / SETTINGS, settings(ports, secrets_of(self.data)))
        write(self.data / CALL, call(found, "kafka.Kafka", SETTINGS))
        write(self.data / PORTS, stored(ports))
        make_private(self.log.parent)
        with open(self.log, "ab", opener=private) as log:
            self.child = subprocess.Popen(
                [str(found.java), f"@{CALL}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.data, env=ENVIRONMENT,
                start_new_session=True,  # Ctrl-C is for us, not for the broker
            )  # fmt: skip

    def _wait_until_answering(self) -> Access | None:
        """Waits as long as it is on its way up; None where it ended."""
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            self._check_wanted()
            if self.child is not None:
                self.child.poll()
            access = self.access()
            if self.process() is None or access is None:
                return None
            if self.listens() and proves(access):
                self._answered = True
                return access
            self.abandon.wait(LOOK_EVERY)
        state = "runs and does not take Rujukan's own password" if self.listens() else "is not ready"
        raise BrokerError(f"Kafka {state} after {START_LIMIT:.0f} s (see {self.log})")

    def _check_wanted(self) -> None:
        if self.abandon.is_set():
            raise Abandoned("Kafka was not waited for.")

    def stop(self) -> None:
        """Stops it if it runs: asked first, and killed where it does not listen, which its logs survive."""
        process = self.process()
        if process is None:
            return
        patience = STOP_LIMIT if self._answered else UNREADY_STOP_LIMIT
        for number, within in ((signal.SIGTERM, patience), (signal.SIGKILL, STOP_LIMIT)):
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                return
            if self._ends(within):
                return
        raise BrokerError(f"Kafka in {self.data} does not stop.")

    def _ends(self, within: float) -> bool:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.child is not None:
                self.child.poll()
            if self.process() is None:
                return True
            time.sleep(0.05)
        return False

    def _ensure_distribution(self) -> Distribution:
        if self._distribution is None:
            self._distribution = distribution(self.tell, stop=self.abandon)
        return self._distribution

    def _last_words(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        telling = [line for line in lines[-200:] if "Exception" in line and not line.startswith("\t")]
        return (telling or lines or ["it left no message"])[-1].strip()
