"""One data directory of the broker that comes with Rujukan, and the process on it."""

import base64
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from pathlib import Path

import psutil

from infra.kafka.access import Access, Protocol
from infra.kafka.clients import proves
from infra.kafka.configuration import (
    ADMINISTRATOR,
    CALL,
    FORMAT_CALL,
    HOST,
    LOGS,
    SETTINGS,
    Ports,
    Secrets,
    call,
    read_ports,
    settings,
    stored,
)
from infra.kafka.distribution import Distribution, Tell, distribution
from infra.kafka.errors import Abandoned, BrokerError
from infra.kafka.processes import broker_process
from infra.private_logs import make_private, private
from infra.whole_files import replace

ATTEMPTS = 2
PORTS = range(20_000, 32_000)
"""Below those that systems give to connections: a client that tries an address again and again while nobody listens
there could else be given that very port, and keep the broker from coming back to it."""
START_LIMIT = 180.0
"""Seconds that a start may take; after a crash it reads its logs anew."""
STOP_LIMIT = 60.0
FORMAT_LIMIT = 120.0
LOOK_EVERY = 0.1
ENVIRONMENT = {"LANG": "C.UTF-8"}
"""All that a Java is given: no options of others, and no secrets."""


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
            self._format(new, found)
            new.rename(self.data)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _check_made(self) -> None:
        if not (self.data / LOGS / "meta.properties").exists():
            raise BrokerError(f"{self.data} is in the way: it is not a data directory of Kafka.")
        self._secrets()

    def _format(self, new: Path, found: Distribution) -> None:
        own = Secrets(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        _write(new / "administrator", own.administrator)
        _write(new / "controller", own.controller)
        _write(new / SETTINGS, settings(Ports(1, 2), own))
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        credential = f"SCRAM-SHA-512=[name={ADMINISTRATOR},password={own.administrator}]"
        words = ("format", "--cluster-id", cluster, "--config", SETTINGS, "--add-scram", credential)
        _write(new / FORMAT_CALL, call(found, "kafka.tools.StorageTool", *words))
        done = subprocess.run(
            [str(found.java), f"@{FORMAT_CALL}"],
            check=False, capture_output=True, text=True, cwd=new, env=ENVIRONMENT, timeout=FORMAT_LIMIT,
        )  # fmt: skip
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise BrokerError(f"Kafka could not make its data directory: {(said or ['it left no message'])[-1]}")
        (new / FORMAT_CALL).unlink()

    def ensure_running(self) -> Access:
        """How its administrator reaches a broker that answers."""
        for _ in range(ATTEMPTS):
            if broker_process(self.data) is None:
                self._spawn()
            access = self._wait_until_answering()
            if access is not None:
                return access
        raise BrokerError(f"Kafka does not start: {self._last_words()} (see {self.log})")

    def access(self) -> Access | None:
        """How its administrator reaches it when it runs; None where nobody ever started it."""
        ports = read_ports(self.data / "ports.json")
        if ports is None:
            return None
        server = f"{HOST}:{ports.clients}"
        return Access((server,), Protocol.SASL_PLAINTEXT, user=ADMINISTRATOR, password=self._secrets().administrator)

    def listens(self) -> bool:
        """Whether the process is there and takes connections."""
        ports = read_ports(self.data / "ports.json")
        return ports is not None and broker_process(self.data) is not None and _is_open(ports.clients)

    def _spawn(self) -> None:
        found = self._ensure_distribution()
        self.tell("Starting Kafka …")
        ports = self._ports()
        _write(self.data / SETTINGS, settings(ports, self._secrets()))
        _write(self.data / CALL, call(found, "kafka.Kafka", SETTINGS))
        _write(self.data / "ports.json", stored(ports))
        make_private(self.log.parent)
        with open(self.log, "ab", opener=private) as log:
            self.child = subprocess.Popen(
                [str(found.java), f"@{CALL}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.data, env=ENVIRONMENT,
                start_new_session=True,  # Ctrl-C is for us, not for the broker
            )  # fmt: skip

    def _ports(self) -> Ports:
        """Those of the last time, unless another program has taken one of them."""
        last = read_ports(self.data / "ports.json")
        if last is not None and _is_free(last.clients) and _is_free(last.controller):
            return last
        chosen = (port for port in random.SystemRandom().sample(PORTS, len(PORTS)) if _is_free(port))
        return Ports(next(chosen), next(chosen))

    def _wait_until_answering(self) -> Access | None:
        """Waits as long as it is on its way up; None where it ended."""
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if self.abandon.is_set():
                raise Abandoned("it was not waited for.")
            if self.child is not None:
                self.child.poll()
            access = self.access()
            if broker_process(self.data) is None or access is None:
                return None
            if self.listens() and proves(access):
                return access
            self.abandon.wait(LOOK_EVERY)
        raise BrokerError(f"Kafka is not ready after {START_LIMIT:.0f} s (see {self.log})")

    def stop(self) -> None:
        """Stops it if it runs: asked first, and killed where it does not listen, which its logs survive."""
        process = broker_process(self.data)
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                return
            if self._ends(STOP_LIMIT):
                return
        raise BrokerError(f"Kafka in {self.data} does not stop.")

    def _ends(self, within: float) -> bool:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.child is not None:
                self.child.poll()
            if broker_process(self.data) is None:
                return True
            time.sleep(0.05)
        return False

    def _ensure_distribution(self) -> Distribution:
        if self._distribution is None:
            self._distribution = distribution(self.tell, stop=self.abandon)
        return self._distribution

    def _secrets(self) -> Secrets:
        try:
            return Secrets((self.data / "administrator").read_text(), (self.data / "controller").read_text())
        except OSError as fault:
            raise BrokerError(f"The secrets of {self.data} cannot be read: {fault.strerror}.") from None

    def _last_words(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        telling = [line for line in lines[-200:] if "Exception" in line and not line.startswith("\t")]
        return (telling or lines or ["it left no message"])[-1].strip()


def _write(file: Path, text: str) -> None:
    replace(file, text.encode())


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
