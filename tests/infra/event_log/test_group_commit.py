"""Commands at once share commits, and nothing else: a fault of one is nobody else's."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import DataError, IntegrityError, StoredEvent
from eventsourcing.utils import Environment

from domain.errors import AlreadyRegistered, KeyReused
from domain.values import Claim, LookupKey, Receipt
from infra.event_log.appends import MOST_EVENTS
from infra.event_log.recorder import Recorder
from infra.persistence import Factory, persistence_environment

RECEIPT = Receipt("caller", "POST /v1/x", "key", b"f", 201, None, {"id": "1"})
HOLD = "SELECT pg_advisory_xact_lock(x'52554A550003'::bigint)"


@pytest.fixture
def recorder(database: str) -> Iterator[Recorder]:
    factory = Factory(Environment("rujukan", persistence_environment(database)))
    made = factory.application_recorder()
    assert isinstance(made, Recorder)
    yield made
    factory.close()


def event(stream: UUID, version: int = 1, topic: str = "test.happened.v1", state: bytes = b"{}") -> StoredEvent:
    return StoredEvent(stream, version, topic, state)


def at_once(database: str, calls: list[object]) -> list[object]:
    """What each call came to; the log is held until all of them wait for it, but for the one that leads."""
    ready = threading.Barrier(len(calls) + 1)

    def carry_out(call: object) -> object:
        ready.wait()
        assert callable(call)
        try:
            return call()
        except Exception as error:
            return error

    with psycopg.connect(database) as holder, ThreadPoolExecutor(len(calls)) as pool:
        holder.execute(HOLD)
        found = pool.map(carry_out, calls)
        ready.wait()
        threading.Event().wait(0.3)
        holder.rollback()
        return list(found)


def commits(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(DISTINCT xmin::text) FROM rujukan_events").fetchone()
        assert row is not None
        return int(row[0])


def test_those_who_come_at_once_share_a_commit(recorder: Recorder, database: str) -> None:
    found = at_once(database, [lambda: recorder.insert_events([event(uuid4()), event(uuid4())])] * 30)
    positions = sorted(position for given in found for position in given)  # type: ignore[attr-defined]
    assert positions == list(range(1, 61))
    assert all(given[1] == given[0] + 1 for given in found)  # type: ignore[index]
    assert commits(database) == 2, "the first goes alone, all others together"


def test_a_conflict_fails_its_own_append_alone(recorder: Recorder, database: str) -> None:
    taken, owner = uuid4(), uuid4()
    card = LookupKey("kk", b"card", 1)
    recorder.insert_events([event(taken)], claims=[Claim(card, owner)], receipt=RECEIPT)
    calls = [lambda: recorder.insert_events([event(uuid4())])] * 10 + [
        lambda: recorder.insert_events([event(taken, state=b'{"other":1}'), event(uuid4())]),
        lambda: recorder.insert_events([event(uuid4())], claims=[Claim(card, uuid4())]),
        lambda: recorder.insert_events([event(uuid4())], receipt=RECEIPT),
    ]
    found = at_once(database, list(calls))
    stale, claimed, keyed = found[10:]
    assert isinstance(stale, IntegrityError)
    assert isinstance(claimed, AlreadyRegistered)
    assert (claimed.kind, claimed.household) == ("kk", owner)
    assert isinstance(keyed, KeyReused)
    assert sorted(position for given in found[:10] for position in given) == list(range(2, 12))  # type: ignore[attr-defined]
    assert recorder.head() == 11


def test_data_that_the_database_cannot_hold_fails_its_own_append_alone(recorder: Recorder, database: str) -> None:
    calls = [lambda: recorder.insert_events([event(uuid4())])] * 5
    found = at_once(database, [*calls, lambda: recorder.insert_events([event(uuid4(), topic="nul\0")]), *calls])
    assert isinstance(found[5], DataError)
    assert [isinstance(given, list) for given in found] == [True] * 5 + [False] + [True] * 5
    assert recorder.head() == 10


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: {"stored_events": [event(uuid4(), topic="\ud800")]},
        lambda: {"stored_events": [event(uuid4(), state="no bytes")]},  # type: ignore[arg-type]
        lambda: {"stored_events": [event(uuid4())], "receipt": replace(RECEIPT, location="\ud800")},
        lambda: {"stored_events": [], "releases": [(uuid4(), None)]},
    ],
    ids=["surrogate in a topic", "state of text", "surrogate in a receipt", "release without an event"],
)
def test_what_cannot_be_sent_fails_its_own_append_alone(
    recorder: Recorder, database: str, wrong: Callable[[], dict[str, Any]]
) -> None:
    calls = [lambda: recorder.insert_events([event(uuid4())])] * 5
    found = at_once(database, [*calls, lambda: recorder.insert_events(**wrong()), *calls])
    assert isinstance(found[5], ValueError | TypeError | AttributeError)
    assert recorder.head() == 10


def test_of_many_on_one_stream_one_wins_and_the_others_are_told(recorder: Recorder, database: str) -> None:
    stream = uuid4()
    recorder.insert_events([event(stream)])
    calls = [
        lambda n=n: recorder.insert_events([event(stream, 2, state=b'{"n":%d}' % n)])  # type: ignore[misc]
        for n in range(12)
    ]
    found = at_once(database, list(calls))
    assert [given for given in found if isinstance(given, list)] == [[2]]
    assert sum(isinstance(given, IntegrityError) for given in found) == 11


def test_of_many_under_one_key_one_wins_and_its_receipt_stands(recorder: Recorder, database: str) -> None:
    receipts = [replace(RECEIPT, ids={"id": str(n)}) for n in range(8)]
    calls = [
        lambda receipt=receipt: recorder.insert_events([event(uuid4())], receipt=receipt)  # type: ignore[misc]
        for receipt in receipts
    ]
    found = at_once(database, list(calls))
    (winner,) = [n for n, given in enumerate(found) if isinstance(given, list)]
    kept = recorder.receipt("caller", "POST /v1/x", "key")
    assert kept == replace(receipts[winner], position=1, version=1)
    assert recorder.head() == 1


def test_of_many_with_one_number_one_wins_and_names_itself_to_the_others(recorder: Recorder, database: str) -> None:
    number = LookupKey("nik", b"number", 1)
    households = [uuid4() for _ in range(8)]
    calls = [
        lambda household=household: recorder.insert_events(  # type: ignore[misc]
            [event(household)], claims=[Claim(number, household, uuid4())]
        )
        for household in households
    ]
    found = at_once(database, list(calls))
    (winner,) = [household for household, given in zip(households, found, strict=True) if isinstance(given, list)]
    assert {given.household for given in found if isinstance(given, AlreadyRegistered)} == {winner}
    assert sum(isinstance(given, AlreadyRegistered) for given in found) == 7


def test_an_append_larger_than_a_group_is_stored_whole(recorder: Recorder) -> None:
    stream = uuid4()
    positions = recorder.insert_events([event(stream, version) for version in range(1, MOST_EVENTS + 501)])
    assert list(positions) == list(range(1, MOST_EVENTS + 501))


def test_a_group_whose_reply_was_lost_is_recognised_append_by_append(recorder: Recorder, database: str) -> None:
    """Every append is repeated as by one who heard no answer, in groups of another composition, among new ones."""
    streams = [uuid4() for _ in range(10)]
    first = {stream: recorder.insert_events([event(stream), event(stream, 2)]) for stream in streams}
    calls = [
        lambda stream=stream: recorder.insert_events([event(stream), event(stream, 2)])  # type: ignore[misc]
        for stream in streams
    ]
    found = at_once(database, [*calls, lambda: recorder.insert_events([event(uuid4())])])
    assert found[:10] == [list(first[stream]) for stream in streams]
    assert found[10] == [21]
