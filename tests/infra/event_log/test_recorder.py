"""The recorder: dense positions, everything of a command in one transaction, nothing missed and nothing twice."""

import random
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.errors import AlreadyRegistered, KeyReused, Refused
from domain.values import Actor, Claim, LookupKey, Receipt, Role
from infra.event_log.recorder import Recorder
from infra.persistence import Factory, persistence_environment


@pytest.fixture
def recorder(database: str) -> Iterator[Recorder]:
    yield from recorder_on(database)


def recorder_on(url: str) -> Iterator[Recorder]:
    factory = Factory(Environment("rujukan", persistence_environment(url)))
    made = factory.application_recorder()
    assert isinstance(made, Recorder)
    yield made
    factory.close()


def stored(stream: UUID, versions: Sequence[int], state: bytes = b"{}") -> list[StoredEvent]:
    return [StoredEvent(stream, version, "test.happened.v1", state) for version in versions]


def claim(digest: bytes, household: UUID, member: UUID | None = None, kind: str = "kk") -> Claim:
    return Claim(LookupKey(kind, digest, 1), household, member)


RECEIPT = Receipt("caller", "POST /v1/x", "key-1", b"f", 201, "/v1/x/1", {"id": "1"})


class Relay:
    """Passes bytes between clients and the server; on demand it passes an append on and cuts before the reply."""

    def __init__(self, url: str) -> None:
        self.target = conninfo_to_dict(url)
        self.cut_after: bytes | None = None
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = make_conninfo(url, host="127.0.0.1", port=self.listener.getsockname()[1], sslmode="disable")

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self.target['host']}/.s.PGSQL.5432")
            threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, to_server: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
                if to_server and self.cut_after is not None and self.cut_after in data:
                    self.cut_after = None
                    self.cuts += 1
                    source.shutdown(socket.SHUT_RDWR)
                    time.sleep(0.2)
                    break
        for end in (source, sink):
            end.close()


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_a_reader_with_a_bookmark_misses_nothing_while_eight_writers_append(recorder: Recorder, database: str) -> None:
    done = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            while True:
                last_round = done.is_set()
                after = seen[-1] if seen else 0
                found = connection.execute(
                    "SELECT notification_id FROM rujukan_events WHERE notification_id > %s ORDER BY 1", [after]
                ).fetchall()
                seen.extend(row[0] for row in found)
                if last_round and not found:
                    return

    def write(seed: int) -> list[int]:
        chance = random.Random(seed)
        given: list[int] = []
        until = time.monotonic() + 2.0
        while time.monotonic() < until:
            positions = recorder.insert_events(stored(uuid4(), range(1, chance.randint(1, 16) + 1)))
            assert list(positions) == list(range(positions[0], positions[0] + len(positions)))
            given.extend(positions)
        return given

    reader = threading.Thread(target=follow)
    reader.start()
    with ThreadPoolExecutor(8) as pool:
        given = sorted(position for positions in pool.map(write, range(8)) for position in positions)
    done.set()
    reader.join()
    assert given == list(range(1, len(given) + 1))
    assert seen == given
    late = rows(database, "SELECT count(*) FROM rujukan_events a JOIN rujukan_events b"
                          " ON b.notification_id = a.notification_id + 1 WHERE b.logged_at < a.logged_at")  # fmt: skip
    assert late == [(0,)]


def test_the_moment_logged_never_decreases_even_if_the_machines_clock_is_set_back(
    recorder: Recorder, database: str
) -> None:
    future = datetime.now(UTC) + timedelta(days=1)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO rujukan_events VALUES (%s, 1, 't', '{}', 1, %s)", [uuid4(), future])
    assert recorder.insert_events(stored(uuid4(), [1, 2])) == [2, 3]
    assert [recorder.logged_at(position) for position in (1, 2, 3)] == [future] * 3


def test_an_append_that_fails_leaves_no_gap_and_nothing_of_itself(recorder: Recorder, database: str) -> None:
    stream, household = uuid4(), uuid4()
    assert recorder.insert_events(stored(stream, [1])) == [1]
    with pytest.raises(IntegrityError):
        recorder.insert_events(
            [*stored(uuid4(), [1]), *stored(stream, [1], b'{"other":1}')],
            claims=[claim(b"d", household)],
            receipt=RECEIPT,
        )
    assert rows(database, "SELECT count(*) FROM identity_index") == [(0,)]
    assert rows(database, "SELECT count(*) FROM idempotency") == [(0,)]
    assert recorder.insert_events(stored(uuid4(), [1])) == [2]


def test_of_sixteen_callers_registering_the_same_family_card_exactly_one_wins(
    recorder: Recorder, database: str
) -> None:
    barrier = threading.Barrier(16)

    def register(household: UUID) -> UUID | AlreadyRegistered:
        barrier.wait()
        try:
            recorder.insert_events(stored(household, [1]), claims=[claim(b"same", household)])
        except AlreadyRegistered as error:
            return error
        return household

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(register, [uuid4() for _ in range(16)]))
    winners = [result for result in results if isinstance(result, UUID)]
    assert len(winners) == 1
    assert {error.household for error in results if isinstance(error, AlreadyRegistered)} == set(winners)
    assert recorder.head() == 1
    assert rows(database, "SELECT household FROM identity_index") == [(winners[0],)]


def test_a_released_number_can_be_claimed_in_the_same_append(recorder: Recorder) -> None:
    first, second, member = uuid4(), uuid4(), uuid4()
    recorder.insert_events(stored(first, [1]), claims=[claim(b"kk", first), claim(b"n", first, member, "nik")])
    recorder.insert_events(stored(second, [1]), releases=[(first, member)], claims=[claim(b"n", second, None, "nik")])
    assert recorder.find_identity(LookupKey("kk", b"kk", 1)) == (first, None)
    assert recorder.find_identity(LookupKey("nik", b"n", 1)) == (second, None)
    assert recorder.find_identity(LookupKey("nik", b"n", 2)) is None


def test_the_same_number_twice_in_one_append_is_a_clash_with_itself(recorder: Recorder) -> None:
    household = uuid4()
    with pytest.raises(AlreadyRegistered) as caught:
        recorder.insert_events(stored(household, [1]), claims=[claim(b"n", household, uuid4(), "nik")] * 2)
    assert caught.value.household == household
    assert recorder.head() == 0


def test_a_receipt_holds_the_last_position_and_version_of_its_append(recorder: Recorder) -> None:
    recorder.insert_events(stored(uuid4(), [1, 2, 3]), receipt=RECEIPT)
    assert recorder.receipt("caller", "POST /v1/x", "key-1") == replace(RECEIPT, position=3, version=3)
    assert recorder.receipt("another", "POST /v1/x", "key-1") is None


def test_a_receipt_is_kept_also_where_no_event_was_needed(recorder: Recorder) -> None:
    recorder.insert_events(stored(uuid4(), [1, 2]))
    assert recorder.insert_events([], receipt=replace(RECEIPT, version=2), position=2) == []
    found = recorder.receipt("caller", "POST /v1/x", "key-1")
    assert found is not None
    assert (found.position, found.version) == (2, 2)
    assert recorder.head() == 2


def test_a_second_command_under_a_used_key_is_refused_and_stores_nothing(recorder: Recorder) -> None:
    recorder.insert_events(stored(uuid4(), [1]), receipt=RECEIPT)
    with pytest.raises(KeyReused):
        recorder.insert_events(stored(uuid4(), [1]), receipt=RECEIPT)
    with pytest.raises(KeyReused):
        recorder.insert_events([], receipt=replace(RECEIPT, fingerprint=b"g"))
    assert recorder.insert_events([], receipt=RECEIPT) == []
    assert recorder.head() == 1


def test_a_receipt_past_its_time_is_gone_and_its_key_free_again(recorder: Recorder, database: str) -> None:
    recorder.insert_events(stored(uuid4(), [1]), receipt=RECEIPT)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE idempotency SET created_at = now() - interval '31 days'")
    assert recorder.receipt("caller", "POST /v1/x", "key-1") is None
    recorder.insert_events(stored(uuid4(), [1]), receipt=replace(RECEIPT, fingerprint=b"g"))
    found = recorder.receipt("caller", "POST /v1/x", "key-1")
    assert found is not None
    assert (found.fingerprint, found.position) == (b"g", 2)
    assert recorder.forget_receipts() == 0


def test_the_same_append_repeated_succeeds_with_its_first_positions(recorder: Recorder) -> None:
    household = uuid4()
    events = stored(household, [1, 2], b'{"caused_by":"c"}')
    extras = {"claims": [claim(b"d", household)], "receipt": RECEIPT}
    assert recorder.insert_events(events, **extras) == [1, 2]
    assert recorder.insert_events(events, **extras) == [1, 2]
    with pytest.raises(IntegrityError):
        recorder.insert_events(stored(household, [1, 2, 3], b'{"caused_by":"d"}'), **extras)
    with pytest.raises(IntegrityError):
        recorder.insert_events(stored(household, [2], b'{"caused_by":"d"}'))
    assert recorder.head() == 2


def test_a_key_in_flight_is_noticed_and_free_again_afterwards(recorder: Recorder, database: str) -> None:
    elsewhere = recorder_on(database)
    other = next(elsewhere)
    with recorder.claiming("c", "r", "k") as first:
        assert first
        for second in (recorder, other):
            with second.claiming("c", "r", "k") as ours:
                assert not ours
            with second.claiming("c", "r", "another") as ours:
                assert ours
    with pytest.raises(RuntimeError), other.claiming("c", "r", "k") as ours:
        assert ours
        raise RuntimeError
    with recorder.claiming("c", "r", "k") as ours:
        assert ours
    next(elsewhere, None)


def test_a_refusal_is_kept_with_the_position_seen(recorder: Recorder, database: str) -> None:
    stream = uuid4()
    recorder.insert_events(stored(stream, [1, 2]))
    recorder.insert_events(stored(uuid4(), [1]))
    refused = Refused("not-allowed", "No.", state="sent", action="complete", allowed=["receive", "decline"])
    recorder.record_refusal(Actor("a", Role.AGENCY_OFFICER, str(uuid4())), stream, "referral", refused)
    assert rows(database, "SELECT actor, role, stream, kind, state, action, code, allowed, position FROM refusals") == [
        ("a", "agency_officer", stream, "referral", "sent", "complete", "not-allowed", ["receive", "decline"], 2)
    ]


def test_positions_of_streams_and_moments_are_found(recorder: Recorder) -> None:
    stream = uuid4()
    assert (recorder.head(), recorder.position_of(stream), recorder.position_at(datetime.now(UTC))) == (0, 0, 0)
    for version in range(1, 40):
        recorder.insert_events(stored(stream, [version]))
    recorder.insert_events(stored(uuid4(), range(1, 5)))
    assert (recorder.head(), recorder.position_of(stream)) == (43, 39)
    assert recorder.logged_at(44) is None
    for position in range(1, 40):
        moment = recorder.logged_at(position)
        assert moment is not None
        assert recorder.position_at(moment) == position
        assert recorder.position_at(moment - timedelta(microseconds=1)) == position - 1
    assert recorder.position_at(datetime.now(UTC)) == 43


def test_what_waits_too_long_for_the_log_gives_up_once_with_an_error(recorder: Recorder, database: str) -> None:
    hurried = recorder_on(make_conninfo(database, options="-c lock_timeout=200ms"))
    other = next(hurried)
    with psycopg.connect(database) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(x'52554A550003'::bigint)")
        began = time.monotonic()
        with pytest.raises(OperationalError, match="lock timeout"):
            other.insert_events(stored(uuid4(), [1]))
        assert time.monotonic() - began < 2.0
    next(hurried, None)
    assert recorder.insert_events(stored(uuid4(), [1])) == [1]


def test_every_session_has_timeouts(recorder: Recorder) -> None:
    with recorder.datastore.get_connection() as connection:
        for name, value in (
            ("lock_timeout", "10s"),
            ("statement_timeout", "30s"),
            ("idle_in_transaction_session_timeout", "5s"),
            ("role", "rujukan_application"),
        ):
            assert connection.execute("SELECT current_setting(%s) AS value", [name]).fetchone() == {"value": value}


def test_a_commit_whose_reply_was_lost_is_recognised(recorder: Recorder, database: str) -> None:
    """The connection is cut on the way back from the append, by a relay between client and server."""
    household = uuid4()
    with Relay(database) as relay:
        behind = recorder_on(relay.url)
        other = next(behind)
        other.insert_events(stored(uuid4(), [1]))
        relay.cut_after = b'{"x":1}'.hex().encode()
        positions = other.insert_events(
            stored(household, [1, 2], b'{"x":1}'), claims=[claim(b"d", household)], receipt=RECEIPT
        )
        assert positions == [2, 3]
        assert relay.cuts == 1
        next(behind, None)
    assert recorder.head() == 3


def test_appends_go_on_after_their_connections_were_cut(recorder: Recorder, database: str) -> None:
    recorder.insert_events(stored(uuid4(), [1]))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert recorder.insert_events(stored(uuid4(), [1])) == [2]
