"""The feed as server-sent events, from a real server to a real client."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from socket import create_server
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn

from api.app import build
from api.streams import MOST, Streams
from consumers.feed import Feed
from infra.http_server import server_of
from tests.api.rig import ISSUER, Rig, identity
from tests.issuer import bearer

STREAM = {"Accept": "text/event-stream"}
PATIENCE = 20.0


@dataclass
class Served:
    """A rig that is reached over a socket, too."""

    rig: Rig
    url: str
    server: uvicorn.Server
    thread: threading.Thread

    @property
    def streams(self) -> Streams:
        return self.rig.services.streams

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(PATIENCE)


@contextmanager
def served(rig: Rig, heartbeat: float) -> Iterator[Served]:
    """As `rujukan up` serves it."""
    services = replace(rig.services, streams=Streams(heartbeat))
    app = build(services)
    bound = create_server(("127.0.0.1", 0))
    server = server_of(app, stopping=services.streams.end)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    address = f"http://127.0.0.1:{bound.getsockname()[1]}"
    found = Served(replace(rig, services=services, app=app), address, server, thread)
    try:
        yield found
    finally:
        found.stop()
        assert not thread.is_alive()


@pytest.fixture
def here(rig: Rig) -> Iterator[Served]:
    with served(rig, heartbeat=0.5) as found:
        yield found


@dataclass
class Agency:
    rig: Rig
    id: str
    officer: dict[str, str]
    service: str
    household: str

    def refer(self) -> str:
        return self.rig.referral(self.household, self.service)


@pytest.fixture
def agency(rig: Rig) -> Agency:
    id_, officer = rig.agency()
    return Agency(rig, id_, officer, rig.service(id_), rig.household())


@dataclass
class Reader:
    """Reads a stream as browsers do, on a thread of its own, until it ends."""

    events: list[dict[str, str]] = field(default_factory=list)
    comments: int = 0
    retry: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    thread: threading.Thread | None = None
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=PATIENCE))
    leaving: bool = False

    def begin(self, url: str, headers: dict[str, str]) -> "Reader":
        self.thread = threading.Thread(target=self._read, args=(url, headers), daemon=True)
        self.thread.start()
        until(lambda: self.status != 0)
        return self

    def _read(self, url: str, headers: dict[str, str]) -> None:
        with self.client.stream("GET", url, headers={**STREAM, **headers}) as response:
            self.headers = dict(response.headers)
            if response.status_code != 200:
                self.body = response.read()
                self.status = response.status_code
                return
            self.status = response.status_code
            event: dict[str, str] = {}
            for line in response.iter_lines():
                if self.leaving:
                    return
                name, _, value = line.partition(": ")
                if line.startswith(":"):
                    self.comments += 1
                elif name == "retry":
                    self.retry = value
                elif line:
                    event[name] = value
                elif event:
                    self.events.append(event)
                    event = {}

    def leave(self) -> None:
        """Goes away without a word, when the next line comes."""
        self.leaving = True
        until(lambda: self.ended)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(event["data"]) for event in self.events]

    @property
    def ended(self) -> bool:
        assert self.thread is not None
        return not self.thread.is_alive()


@pytest.fixture
def read(here: Served, agency: Agency) -> Iterator[Callable[..., Reader]]:
    made: list[Reader] = []

    def begin(who: dict[str, str] | None = None, *, after: int | None = None, **headers: str) -> Reader:
        url = f"{here.url}/v1/feed" + (f"?after={after}" if after is not None else "")
        reader = Reader().begin(url, {**(who or agency.officer), **headers})
        made.append(reader)
        return reader

    yield begin
    here.stop()
    for reader in made:
        reader.client.close()


def until(condition: Callable[[], object], patience: float = PATIENCE) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < patience, "waited too long"
        time.sleep(0.01)
    return time.monotonic() - began


def test_what_there_is_comes_first_and_then_what_happens(agency: Agency, read: Callable[..., Reader]) -> None:
    referrals = [agency.refer() for _ in range(3)]
    reader = read()
    until(lambda: len(reader.events) == 3)
    delays = []
    for _ in range(3):
        referrals.append(agency.refer())
        delays.append(until(lambda: len(reader.events) == len(referrals)))
    assert min(delays) < 1.2
    assert [message["referral"] for message in reader.messages] == referrals
    assert reader.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reader.headers["cache-control"] == "no-store"
    assert reader.headers["x-accel-buffering"] == "no"
    assert reader.headers["x-content-type-options"] == "nosniff"
    assert reader.retry == "3000"
    for event, message in zip(reader.events, reader.messages, strict=True):
        assert event == {"event": message["type"], "data": event["data"], "id": str(message["position"])}


def test_its_messages_are_those_of_the_feed(agency: Agency, read: Callable[..., Reader]) -> None:
    for _ in range(2):
        agency.refer()
    reader = read()
    until(lambda: len(reader.events) == 2)
    assert reader.messages == agency.rig.get("/v1/feed", agency.officer).json()["items"]


def test_a_long_past_comes_whole_and_in_order(
    agency: Agency, read: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.event_stream.PAGE", 2)
    referrals = [agency.refer() for _ in range(7)]
    reader = read()
    until(lambda: len(reader.events) == 7)
    assert [message["referral"] for message in reader.messages] == referrals


def test_it_goes_on_behind_the_last_event_received(agency: Agency, read: Callable[..., Reader]) -> None:
    for _ in range(4):
        agency.refer()
    first = read()
    until(lambda: len(first.events) == 4)
    positions = [event["id"] for event in first.events]
    again = read(**{"Last-Event-ID": positions[1], "after": None})
    until(lambda: len(again.events) == 2)
    assert [event["id"] for event in again.events] == positions[2:]
    beside = read(after=0, **{"Last-Event-ID": positions[2]})
    until(lambda: len(beside.events) == 1)
    cursor = read(after=int(positions[2]))
    until(lambda: len(cursor.events) == 1)


def test_nothing_of_another_agency_is_in_it(rig: Rig, agency: Agency, read: Callable[..., Reader]) -> None:
    id_, stranger = rig.agency()
    theirs = rig.referral(agency.household, rig.service(id_))
    ours = agency.refer()
    reader, other = read(), read(stranger)
    until(lambda: reader.events and other.events)
    later = agency.refer()
    until(lambda: len(reader.events) == 2)
    assert [message["referral"] for message in reader.messages] == [ours, later]
    assert [message["referral"] for message in other.messages] == [theirs]


def test_it_says_that_it_is_there_while_nothing_happens(agency: Agency, read: Callable[..., Reader]) -> None:
    reader = read()
    until(lambda: reader.comments >= 3)
    assert not reader.ended
    agency.refer()
    until(lambda: reader.events)


def test_while_it_is_idle_it_holds_no_connection(here: Served, read: Callable[..., Reader]) -> None:
    readers = [read() for _ in range(MOST)]
    pool = here.rig.services.pool
    free = [pool.get_stats()["pool_available"] == pool.get_stats()["pool_size"] for _ in range(200) if not _pause()]
    assert sum(free) > 150
    assert not any(reader.ended for reader in readers)


def _pause() -> None:
    time.sleep(0.01)


def test_what_stands_before_a_message_without_a_contract_comes_and_then_it_is_said(
    rig: Rig, agency: Agency, read: Callable[..., Reader]
) -> None:
    referrals = [agency.refer() for _ in range(3)]
    rig.latest("/v1/referrals")
    of_tomorrow = "UPDATE read.referral_feed SET type = 'rujukan.of.tomorrow' WHERE referral = %s"
    with psycopg.connect(rig.url) as connection:
        connection.execute(of_tomorrow, [referrals[-1]])
    reader = read()
    until(lambda: reader.ended)
    assert [message["referral"] for message in reader.messages] == referrals[:2]
    again = read(**{"Last-Event-ID": reader.events[-1]["id"]})
    assert (again.status, "no-contract" in again.body.decode()) == (503, True)


def test_nobody_looks_while_no_stream_is_open(here: Served, agency: Agency, read: Callable[..., Reader]) -> None:
    reader = read()
    until(lambda: here.streams.open)
    reader.leave()
    until(lambda: not here.streams.open, 5)


def test_a_reader_that_goes_away_leaves_its_place(here: Served, agency: Agency, read: Callable[..., Reader]) -> None:
    for _ in range(MOST + 2):
        reader = read()
        assert reader.status == 200
        reader.leave()
        until(lambda: not here.streams.open, 5)


def test_only_so_many_of_one_principal_are_open_at_once(agency: Agency, read: Callable[..., Reader]) -> None:
    open_ = [read() for _ in range(MOST)]
    refused = read()
    problem = json.loads(refused.body)
    assert (refused.status, problem["code"], refused.headers["retry-after"]) == (429, "too-many-streams", "5")
    assert refused.headers["content-type"] == "application/problem+json"
    colleague = identity(f"colleague-{agency.id}", "agency_system", agency.id)
    assert read(colleague).status == 200
    assert agency.rig.get("/v1/feed", agency.officer).status_code == 200
    open_[0].leave()
    until(lambda: read().status == 200, 5)


def test_it_ends_when_the_token_expires(here: Served, agency: Agency, read: Callable[..., Reader]) -> None:
    until_tomorrow = datetime(2026, 6, 16, 2, tzinfo=UTC)
    claims = {"sub": f"brief-{agency.id}", "rujukan_role": "agency_officer", "rujukan_scope": agency.id}
    brief = bearer(ISSUER.token(**claims, exp=int(until_tomorrow.timestamp())))
    reader, longer = read(brief), read()
    agency.refer()
    until(lambda: reader.events)
    here.rig.time.day += timedelta(days=1)
    until(lambda: reader.ended, 5)
    assert not longer.ended
    agency.refer()
    until(lambda: len(longer.events) == 2)
    assert len(reader.events) == 1
    assert read(brief).status == 401


def test_the_server_stops_at_once_while_streams_are_open(
    here: Served, agency: Agency, read: Callable[..., Reader]
) -> None:
    agency.refer()
    readers = [read() for _ in range(MOST)]
    until(lambda: all(reader.events for reader in readers))
    began = time.monotonic()
    here.stop()
    assert time.monotonic() - began < 2.5
    until(lambda: all(reader.ended for reader in readers), 2)


def test_it_ends_where_the_feed_cannot_be_read_and_goes_on_where_it_can(rig: Rig, agency: Agency) -> None:
    away = threading.Event()

    @contextmanager
    def connect() -> Iterator[Any]:
        if away.is_set():
            raise psycopg.OperationalError("The server is gone.")
        with rig.services.pool.connection() as connection:
            yield connection

    sent = [agency.refer()]
    with served(replace(rig, services=replace(rig.services, feed=Feed(connect))), heartbeat=0.5) as there:
        reader = Reader().begin(f"{there.url}/v1/feed", agency.officer)
        until(lambda: reader.events)
        away.set()
        until(lambda: reader.ended, 5)
        sent.append(agency.refer())
        away.clear()
        last = {"Last-Event-ID": reader.events[-1]["id"]}
        again = Reader().begin(f"{there.url}/v1/feed", {**agency.officer, **last})
        until(lambda: again.events)
    assert [message["referral"] for message in reader.messages + again.messages] == sent


def test_requests_of_the_same_server_are_answered_while_streams_are_open(
    here: Served, agency: Agency, read: Callable[..., Reader]
) -> None:
    for _ in range(MOST):
        read()
    for _ in range(20):
        answer = httpx.get(f"{here.url}/v1/feed", headers=agency.officer, timeout=5)
        assert answer.status_code == 200
