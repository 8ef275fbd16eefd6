"""Reads the answers of all partners from Kafka, and gives each to the intake before its offset is committed."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

import structlog
from kafka.consumer import KafkaConsumer
from kafka.errors import CommitFailedError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata, TopicPartition

from consumers import partners, topics
from consumers.clients import client
from consumers.points import Point, Reached, unnoticed
from consumers.replies import Envelope, Malformed, Place, received, referral_in, unnamed
from consumers.taking_in import unpacking
from consumers.taking_in.counting import Numbers
from consumers.taking_in.intake import Connect, Taken, TryAgain
from consumers.taking_in.unreadable import REFUSAL, UNREADABLE, stopped_at, unreadable
from domain.errors import DomainError

GROUP = "rujukan-intake"
POLL_MS = 500
CLOSE_MS = 5_000
"""That a broker which is away, or a group in the middle of sharing anew, may hold up an end."""
PARTNERS_EVERY = 2.0
"""Seconds between looks which partners there are."""
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before what could not be taken is tried again."""
ATTEMPTS = 5
"""At an answer that fails for a reason that nobody foresaw, before it is refused: others wait behind it."""
NOT_UNDERSTOOD = Malformed("not-understood", "Rujukan could not carry this out; its operators have been told.")

CONSUMER: dict[str, Any] = {
    "group_id": GROUP,
    "enable_auto_commit": False,
    "isolation_level": "read_committed",
    "auto_offset_reset": "earliest",
    "allow_auto_create_topics": False,
    "max_poll_records": 200,
    "max_partition_fetch_bytes": 65_536,
    "bootstrap_timeout_ms": 5_000,
    "reconnect_backoff_max_ms": 1_000,
}
"""The client gives all that it has fetched of one partition before any of the next: of a little at a time all have
their turn. (To pause one is no way: kafka-python 3.0.12 forgets that it could not read on in it, and looks for ever.)
An offset is committed when what stands before it is stored; what is read for the first time is read from the
beginning, as an answer may be older than the intake's knowing of its topic."""

_log = structlog.get_logger("intake")


class Taking(Protocol):
    """The intake, as far as reading is concerned."""

    def take(self, agency: UUID, envelope: Envelope) -> Taken: ...

    def refuse(self, agency: UUID, envelope: Envelope, refusal: DomainError) -> Taken: ...


class ReplyReader:
    """One member of the group that shares the partitions; any number of processes may run one."""

    def __init__(
        self,
        intake: Taking,
        connect: Connect,
        access: dict[str, Any],
        reached: Reached = unnoticed,
        numbers: Numbers | None = None,
    ) -> None:
        self._intake = intake
        self._connect = connect
        self._access = access
        self._reached = reached
        self._numbers = numbers or Numbers()
        self._attempts: dict[tuple[TopicPartition, int], int] = {}
        self._faults = 0

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; a lost broker or database is told of and met with patience."""
        unpacking.bound()
        while not stop.is_set():
            try:
                with client(KafkaConsumer, {**self._access, **CONSUMER}, timeout_ms=CLOSE_MS) as consumer:
                    self._read(consumer, stop)
            except Exception as fault:
                _log.error("intake-failed", kind=type(fault).__name__)
                self._pause(stop)

    def _read(self, consumer: KafkaConsumer, stop: threading.Event) -> None:
        subscribed: set[str] = set()
        looked = 0.0
        while not stop.is_set():
            if not subscribed or monotonic() - looked > PARTNERS_EVERY:
                with self._connect() as connection:
                    wanted = {topics.replies(agency) for agency in partners.active(connection)}
                looked = monotonic()
                if wanted != subscribed:
                    consumer.subscribe(topics=sorted(wanted)) if wanted else consumer.unsubscribe()
                    subscribed = wanted
            if not subscribed:
                stop.wait(PARTNERS_EVERY)
                continue
            try:
                self._take(consumer, consumer.poll(timeout_ms=POLL_MS), stop)
            except UNREADABLE:
                if not self._pass_over(consumer, stop):
                    raise

    def _pass_over(self, consumer: KafkaConsumer, stop: threading.Event) -> bool:
        """Refuses what cannot be read, and leaves it behind; whether the client can go on."""
        at, passed = stopped_at(consumer), dict[TopicPartition, int]()
        for tp, offset in unreadable(self._access, consumer, consumer.assignment() if at is None else [at]):
            agency = topics.agency_of(tp.topic)
            self._refuse(agency, unnamed(agency, Place(tp.topic, tp.partition, offset), REFUSAL), REFUSAL)
            passed[tp] = offset + 1
            if stop.is_set():
                break
        self._commit(consumer, passed)
        for tp, offset in passed.items():
            consumer.seek(tp, offset)
            _log.error("replies-unreadable", agency=str(topics.agency_of(tp.topic)), partition=tp.partition)
        return at in passed

    def _take(self, consumer: KafkaConsumer, polled: dict[TopicPartition, list[Any]], stop: threading.Event) -> None:
        """A partition goes on behind its first answer that could not be taken, when that one is tried again; the
        answers behind it on other referrals are taken now, and known when they come again."""
        again = {
            tp: offset for tp, records in polled.items() if (offset := self._take_all(tp, records, stop)) is not None
        }
        done = {tp: again.get(tp, records[-1].offset + 1) for tp, records in polled.items()}
        if done:
            self._commit(consumer, done)
        for tp, offset in again.items():
            if tp in consumer.assignment():
                consumer.seek(tp, offset)
        self._numbers.polled(consumer, done)
        if again:
            self._pause(stop)
        elif done:
            self._faults = 0

    @staticmethod
    def _commit(consumer: KafkaConsumer, done: Mapping[TopicPartition, int]) -> None:
        with suppress(CommitFailedError, RebalanceInProgressError):  # another member reads and knows them
            consumer.commit({tp: OffsetAndMetadata(offset, "", -1) for tp, offset in done.items()})

    def _take_all(self, tp: TopicPartition, records: Sequence[Any], stop: threading.Event) -> int | None:
        """The first offset that is to be tried again, if any; told to stop, that of the next."""
        agency = topics.agency_of(tp.topic)
        first: int | None = None
        waiting: set[object] = set()
        for record in records:
            if stop.is_set():
                return record.offset if first is None else first
            if waiting and waiting & _about(record):
                continue
            try:
                self._take_one(agency, tp, record)
            except TryAgain:
                first = record.offset if first is None else first
                waiting |= _about(record)
        return first

    def _take_one(self, agency: UUID, tp: TopicPartition, record: Any) -> None:
        envelope = received(agency, Place(tp.topic, tp.partition, record.offset), record.headers, record.value or b"")
        place = (tp, record.offset)
        try:
            self._intake.take(agency, envelope)
        except TryAgain:
            raise
        except Exception as fault:
            attempts = self._attempts[place] = self._attempts.get(place, 0) + 1
            _log.error("reply-failed", agency=str(agency), kind=type(fault).__name__, attempt=attempts)
            if attempts < ATTEMPTS:
                raise TryAgain(type(fault).__name__) from fault
            self._refuse(agency, envelope, NOT_UNDERSTOOD)
        self._attempts.pop(place, None)
        self._reached(Point.STORED)

    def _refuse(self, agency: UUID, envelope: Envelope, refusal: Malformed) -> None:
        """What cannot even be refused waits, and those behind it on the same referral: nobody else does."""
        try:
            self._intake.refuse(agency, envelope, refusal)
        except TryAgain:
            raise
        except Exception as fault:
            _log.error("reply-not-refused", agency=str(agency), kind=type(fault).__name__)
            raise TryAgain(type(fault).__name__) from fault

    def _pause(self, stop: threading.Event) -> None:
        stop.wait(PAUSES[min(self._faults, len(PAUSES) - 1)])
        self._faults += 1


def _about(record: Any) -> set[object]:
    """The referral of an answer, by the key that it should have and by what it says; none where it names none."""
    return {record.key, referral_in(record.value or b"")} - {None}
