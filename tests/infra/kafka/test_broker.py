"""The broker that comes with Rujukan on real processes: whatever is killed, the next start has every message."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from infra.kafka.access import Access, Mechanism, Protocol
from infra.kafka.administration import Shape, administration
from infra.kafka.broker import embedded_broker, on_its_way, running
from infra.kafka.clients import administrator, proves
from infra.kafka.errors import Abandoned, BrokerError
from infra.kafka.ports import read_ports
from infra.kafka.processes import broker_process
from infra.kafka.server import Server
from tests.kafka_clients import read, write

HOLD = """
import sys
from pathlib import Path
from infra.kafka.broker import embedded_broker
with embedded_broker(Path(sys.argv[1])) as broker:
    print(broker.access.servers[0], flush=True)
    sys.stdin.readline()
"""
TOPIC = "kept"


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory on which nothing ever ran: to make one takes a while."""
    path = Path(tempfile.mkdtemp(prefix="rj-"))
    Server(path, print).ensure_made()
    yield path / "kafka"
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def home(bare: Path, made: Path) -> Path:
    shutil.copytree(made, bare / "kafka")
    return bare


@pytest.fixture
def bare() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="rj-"))
    yield path
    left = broker_process(path / "kafka")
    if left is not None:
        with suppress(psutil.NoSuchProcess):
            left.kill()
            left.wait(10)
    shutil.rmtree(path, ignore_errors=True)


def user_of(home: Path) -> "subprocess.Popen[str]":
    """Another process inside `embedded_broker`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip()
    return process


def test_after_a_partner_was_revoked_the_next_start_takes_everybodys_secret(home: Path) -> None:
    revoked, other = uuid4(), uuid4()
    with embedded_broker(home) as broker, administration(broker.access, Shape(1, 1)) as administering:
        gone, credential = administering.add(revoked), administering.add(other)
        administering.revoke(revoked)
    with embedded_broker(home) as broker:
        assert proves(broker.access.of(credential.user, credential.password))
        assert not proves(broker.access.of(gone.user, gone.password))


def leave(process: "subprocess.Popen[str]") -> None:
    process.communicate("\n", timeout=90)
    assert process.returncode == 0


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def make_topic(access: Access) -> None:
    with administrator(access) as client:
        client.create_topics({TOPIC: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)


def test_it_is_made_used_stopped_and_keeps_its_messages_and_its_address(bare: Path) -> None:
    assert running(bare) is None
    with embedded_broker(bare) as broker:
        assert running(bare) == broker.access
        assert broker.listens()
        assert not on_its_way(bare)
        make_topic(broker.access)
        write(broker.access, TOPIC, b"1")
    assert running(bare) is None
    assert broker_process(bare / "kafka") is None
    with embedded_broker(bare) as again:
        assert again.access == broker.access
        assert read(again.access, TOPIC) == [b"1"]


def test_nobody_else_reads_its_secrets_and_whoever_proves_nothing_is_refused_by_every_listener(home: Path) -> None:
    told: list[str] = []
    with embedded_broker(home, tell=told.append) as broker:
        assert stat.S_IMODE((home / "kafka").stat().st_mode) == 0o700
        for name in ("administrator", "controller", "broker.properties", "java.args"):
            assert stat.S_IMODE((home / "kafka" / name).stat().st_mode) == 0o600, name
        log = home / "log" / "kafka.log"
        assert [stat.S_IMODE(path.stat().st_mode) for path in (log.parent, log)] == [0o700, 0o600]
        secret = broker.access.password
        assert secret is not None
        assert secret == (home / "kafka" / "administrator").read_text()
        seen = [" ".join(p.cmdline()) for p in psutil.process_iter() if p.pid != os.getpid() and "java" in p.name()]
        assert not any(secret in line for line in [*seen, *told, log.read_text(), repr(broker)])
        refuses_whoever_proves_nothing_or_something_wrong(home, broker.access)


def refuses_whoever_proves_nothing_or_something_wrong(home: Path, access: Access) -> None:
    """By every listener there is."""
    ports = read_ports(home / "kafka" / "ports.json")
    assert ports is not None
    controller = f"127.0.0.1:{ports.controller}"
    with pytest.raises(BrokerError, match="refuses the user rujukan or its password"):
        refused(access.of("rujukan", "guessed"))
    with pytest.raises(BrokerError, match="refuses the user agency-1 or its password"):
        refused(access.of("agency-1", "guessed"))
    for server in (*access.servers, controller):
        with pytest.raises(BrokerError):
            refused(Access((server,), Protocol.PLAINTEXT))
        with pytest.raises(BrokerError):
            refused(Access((server,), Protocol.SASL_PLAINTEXT, Mechanism.PLAIN, "rujukan", "guessed"))
    assert listening(home) == {("127.0.0.1", ports.clients), ("127.0.0.1", ports.controller)}


def refused(access: Access) -> None:
    with administrator(access, patience=3.0) as client:
        client.list_topics()


def listening(home: Path) -> set[tuple[str, int]]:
    """The addresses at which the broker takes connections, an IPv4 one in its IPv6 form too."""
    process = broker_process(home / "kafka")
    assert process is not None
    found = [one.laddr for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    return {(address.ip.removeprefix("::ffff:"), address.port) for address in found}


def test_a_broker_killed_without_warning_is_started_anew_with_all_that_was_acknowledged(home: Path) -> None:
    process = user_of(home)
    access = running(home)
    assert access is not None
    make_topic(access)
    write(access, TOPIC, *(b"%d" % number for number in range(100)))
    broker = broker_process(home / "kafka")
    assert broker is not None
    for victim in (process, broker):
        victim.kill()
    process.wait()
    until(lambda: broker_process(home / "kafka") is None)
    with embedded_broker(home) as again:
        assert read(again.access, TOPIC, atleast=100) == [b"%d" % number for number in range(100)]


def test_one_that_was_left_over_is_used_and_then_stopped(home: Path) -> None:
    process = user_of(home)
    process.kill()
    process.wait()
    left = broker_process(home / "kafka")
    assert left is not None
    with embedded_broker(home):
        found = broker_process(home / "kafka")
        assert found is not None
        assert found.pid == left.pid
    assert broker_process(home / "kafka") is None


def test_the_last_user_to_leave_stops_it(home: Path) -> None:
    with embedded_broker(home) as broker:
        second = user_of(home)
    assert running(home) == broker.access
    leave(second)
    assert running(home) is None


def test_it_is_revived_while_it_is_used(home: Path) -> None:
    with embedded_broker(home) as broker:
        make_topic(broker.access)
        write(broker.access, TOPIC, b"1")
        victim = broker_process(home / "kafka")
        assert victim is not None
        victim.kill()
        until(lambda: not broker.listens())
        assert broker.revive().access == broker.access
        assert read(broker.access, TOPIC) == [b"1"]


def test_a_port_taken_by_another_program_is_left_to_it(home: Path) -> None:
    with embedded_broker(home) as broker:
        make_topic(broker.access)
    ports = read_ports(home / "kafka" / "ports.json")
    assert ports is not None
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", ports.controller))
        other.listen()
        with embedded_broker(home) as again, administrator(again.access) as client:
            assert client.list_topics() == [TOPIC]
            assert again.access.servers != broker.access.servers


def test_making_it_cut_short_is_redone(bare: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(bare)], stdin=subprocess.PIPE)
    until(lambda: list(bare.glob("kafka.new-*/format.args")))
    process.kill()
    process.wait()
    assert not (bare / "kafka").exists()
    with embedded_broker(bare) as broker:
        make_topic(broker.access)
    assert list(bare.glob("kafka.new-*")) == []


def test_a_start_that_is_abandoned_leaves_nothing_running(home: Path) -> None:
    abandon = threading.Event()

    def tell(line: str) -> None:
        if line.startswith("Starting"):
            threading.Timer(1.0, abandon.set).start()

    with pytest.raises(Abandoned), embedded_broker(home, tell=tell, abandon=abandon):
        pass
    assert broker_process(home / "kafka") is None


def test_what_stands_in_the_place_of_the_data_is_left_alone_and_named(bare: Path) -> None:
    (bare / "kafka").mkdir()
    (bare / "kafka" / "precious").touch()
    with pytest.raises(BrokerError, match="not a data directory of Kafka"), embedded_broker(bare):
        pass
    assert (bare / "kafka" / "precious").exists()


def test_one_that_cannot_start_says_why_on_one_line(home: Path) -> None:
    with embedded_broker(home):
        pass
    meta = home / "kafka" / "data" / "meta.properties"
    meta.write_text(meta.read_text().replace("node.id=1", "node.id=7"))
    with pytest.raises(BrokerError, match=r"^Kafka does not start: .*7.* \(see .*kafka\.log\)$"), embedded_broker(home):
        pass


def test_one_that_does_not_listen_to_being_stopped_is_killed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.kafka.server.STOP_LIMIT", 2.0)
    with embedded_broker(home):
        process = broker_process(home / "kafka")
        assert process is not None
        process.send_signal(signal.SIGSTOP)
    assert broker_process(home / "kafka") is None
