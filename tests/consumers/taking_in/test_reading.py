"""The reader gives each answer to the intake and loses none, whatever its neighbours are."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import lz4.frame
import psycopg
import pytest
import zstandard
from kafka.errors import CorruptRecordError
from kafka.producer import KafkaProducer
from kafka.record import default_records

from consumers import partners, topics
from consumers.replies import Envelope
from consumers.taking_in import unpacking
from consumers.taking_in.intake import Intake, Taken, TryAgain
from consumers.taking_in.reading import ATTEMPTS, ReplyReader, Taking
from domain.errors import DomainError
from infra.kafka.access import Access
from infra.kafka.administration import Shape, administration
from tests.api.rig import Rig
from tests.consumers.publishing.test_publisher import until
from tests.consumers.taking_in.test_intake import Partner, intake_of, rejected
from tests.faults.partner import Answers


@pytest.fixture
def partner(rig: Rig) -> Partner:
    return Partner(rig, intake_of(rig))


class Baffled:
    """An intake that fails at one answer for a reason that nobody foresaw; a `helpless` one cannot even refuse it."""

    def __init__(self, intake: Intake, answer: str, *, helpless: bool = False) -> None:
        self._intake = intake
        self._answer = answer
        self._helpless = helpless
        self.failed = 0

    def take(self, agency: UUID, envelope: Envelope) -> Taken:
        if envelope.id == self._answer:
            self.failed += 1
            raise LookupError(self._answer)
        return self._intake.take(agency, envelope)

    def refuse(self, agency: UUID, envelope: Envelope, refusal: DomainError) -> Taken:
        if self._helpless:
            raise LookupError(self._answer)
        return self._intake.refuse(agency, envelope, refusal)


def add(partner: Partner, broker: Access) -> None:
    """Makes it a partner by Kafka."""
    with administration(broker, Shape(retention_days=1, replicas=1)) as administering:
        administering.add(partner.agency)
    with psycopg.connect(partner.rig.url) as connection:
        partners.add(connection, partner.agency, 0)


@pytest.fixture
def answers(partner: Partner, broker: Access) -> Iterator[Answers]:
    add(partner, broker)
    made = Answers(partner.agency, broker.client())
    yield made
    made.close()


@contextmanager
def read_by(intake: Taking, rig: Rig, broker: Access) -> Iterator[None]:
    stop = threading.Event()
    reader = ReplyReader(intake, rig.services.pool.connection, broker.client())
    thread = threading.Thread(target=reader.run, args=(stop,))
    thread.start()
    try:
        yield
        assert thread.is_alive()
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def test_what_fails_for_a_reason_that_nobody_foresaw_is_refused_in_the_end_and_others_go_on(
    partner: Partner, answers: Answers, broker: Access
) -> None:
    referral = partner.referral()
    answers.send("received", UUID(referral), id_="baffling")
    answers.send("accept", UUID(referral), id_="sound")
    baffled = Baffled(partner.intake, "baffling")
    with read_by(baffled, partner.rig, broker):
        until(lambda: partner.state(referral) == "accepted")
    (row,) = rejected(partner.rig)
    assert (row["id"], row["code"], baffled.failed) == ("baffling", "not-understood", ATTEMPTS)


def test_what_cannot_even_be_refused_keeps_nobody_else_waiting(
    partner: Partner, answers: Answers, broker: Access
) -> None:
    first, other = partner.referral(), partner.referral()
    answers.send("received", UUID(first), id_="baffling")
    answers.send("accept", UUID(first), id_="behind-it")
    baffled = Baffled(partner.intake, "baffling", helpless=True)
    with read_by(baffled, partner.rig, broker):
        until(lambda: baffled.failed > ATTEMPTS)
        answers.send("accept", UUID(other))
        until(lambda: partner.state(other) == "accepted")
    assert (partner.state(first), rejected(partner.rig)) == ("sent", [])


class Away:
    """An intake whose database is away, which it takes some time to find out each time."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def take(self, _agency: UUID, _envelope: Envelope) -> Taken:
        self.asked.set()
        time.sleep(1.0)
        raise TryAgain

    def refuse(self, _agency: UUID, _envelope: Envelope, _refusal: DomainError) -> Taken:
        raise TryAgain


def test_told_to_stop_it_tries_no_other_answer_though_many_wait(
    partner: Partner, answers: Answers, broker: Access
) -> None:
    for _ in range(40):
        answers.send("accept", uuid4())
    away, stop = Away(), threading.Event()
    reader = ReplyReader(away, partner.rig.services.pool.connection, broker.client())
    thread = threading.Thread(target=reader.run, args=(stop,))
    thread.start()
    assert away.asked.wait(30)
    stop.set()
    thread.join(15)
    assert not thread.is_alive()


@pytest.mark.parametrize("codec", ["gzip", "lz4", "snappy", "zstd"])
def test_an_answer_is_read_however_its_agencys_client_compresses(
    partner: Partner, answers: Answers, broker: Access, codec: str
) -> None:
    del answers  # it makes the topics
    referral = partner.referral()
    compressing = Answers(partner.agency, broker.client() | {"compression_type": codec})
    compressing.send("accept", UUID(referral))
    compressing.close()
    with read_by(Baffled(partner.intake, "none"), partner.rig, broker):
        until(lambda: partner.state(referral) == "accepted")


class NotUtf8(str):
    """The name of a header as other clients may write it: any bytes."""

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


@pytest.fixture
def producer(answers: Answers, broker: Access) -> Iterator[KafkaProducer]:
    del answers  # it makes the topics
    made = KafkaProducer(**broker.client(), acks="all", linger_ms=500)
    yield made
    made.close()


def put(
    producer: KafkaProducer, partner: Partner, action: str, referral: str, *more: tuple[str, bytes], partition: int = 0
) -> Any:
    """Without a key; what is put at once is one batch of each partition."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(uuid4()).encode()),
        ("ce_source", f"/agencies/{partner.agency}".encode()),
        ("ce_type", f"rujukan.reply.{action}.v1".encode()),
        *more,
    ]
    body = json.dumps({"referral": referral}).encode()
    return producer.send(topics.replies(partner.agency), value=body, headers=headers, partition=partition)


def test_what_the_client_cannot_read_is_refused_by_its_place_and_keeps_nobody_waiting(
    partner: Partner, producer: KafkaProducer, broker: Access
) -> None:
    before, behind, later = (partner.referral() for _ in range(3))
    sent = [
        put(producer, partner, "accept", before),
        put(producer, partner, "accept", before, (NotUtf8("name"), b"")),
        put(producer, partner, "accept", behind),
    ]
    assert [future.get(timeout=30).offset for future in sent] == [0, 1, 2]
    put(producer, partner, "accept", later).get(timeout=30)
    with read_by(Baffled(partner.intake, "none"), partner.rig, broker):
        until(lambda: partner.state(later) == "accepted")
    topic = topics.replies(partner.agency)
    assert [(row["id"], row["code"], row["offset"]) for row in rejected(partner.rig)] == [
        (f"{topic}/0/{offset}", "unreadable", offset) for offset in (1, 2)
    ]
    assert (partner.state(before), partner.state(behind)) == ("accepted", "sent")


def test_an_unreadable_answer_of_one_agency_holds_up_no_other(
    partner: Partner, producer: KafkaProducer, broker: Access
) -> None:
    other = Partner(partner.rig, partner.intake)
    add(other, broker)
    put(producer, partner, "accept", partner.referral(), (NotUtf8("name"), b"")).get(timeout=30)
    referral = other.referral()
    put(producer, other, "accept", referral).get(timeout=30)
    with read_by(Baffled(partner.intake, "none"), partner.rig, broker):
        until(lambda: other.state(referral) == "accepted")
        until(lambda: [row["code"] for row in rejected(partner.rig)] == ["unreadable"])


@pytest.mark.parametrize("partitions", [1, 3])
def test_while_many_cannot_be_read_others_are_taken_and_an_end_is_heeded(
    partner: Partner, producer: KafkaProducer, broker: Access, partitions: int
) -> None:
    other = Partner(partner.rig, partner.intake)
    add(other, broker)
    mine, referral, many = partner.referral(), other.referral(), 1_500
    bad = NotUtf8("name"), b""
    sent = [put(producer, partner, "accept", mine, bad, partition=n % partitions) for n in range(many)]
    assert [future.get(timeout=30) for future in sent]
    with read_by(Baffled(partner.intake, "none"), partner.rig, broker):
        until(lambda: rejected(partner.rig))
        put(producer, other, "accept", referral).get(timeout=30)
        until(lambda: other.state(referral) == "accepted")
    assert len(rejected(partner.rig)) < many


def test_one_agencys_thousands_of_answers_do_not_keep_another_waiting(
    partner: Partner, producer: KafkaProducer, broker: Access
) -> None:
    other = Partner(partner.rig, partner.intake)
    add(other, broker)
    referral, many = other.referral(), 2_500
    for number in range(many):
        sent = put(producer, partner, "accept", "of nobody")
        if number % 50 == 49:  # in batches as clients make them
            assert sent.get(timeout=30)
    with read_by(Baffled(partner.intake, "none"), partner.rig, broker):
        until(lambda: rejected(partner.rig))
        put(producer, other, "accept", referral).get(timeout=30)
        until(lambda: other.state(referral) == "accepted")
        assert len(rejected(partner.rig)) < many


@pytest.mark.parametrize("pack", [gzip.compress, lz4.frame.compress, zstandard.compress])
def test_a_batch_that_holds_too_much_is_not_unpacked(pack: Callable[[bytes], bytes]) -> None:
    unpacking.bound()
    unpack = getattr(default_records, f"{pack.__module__.split('.')[0].replace('zstandard', 'zstd')}_decode")
    whole = b" " * unpacking.LARGEST
    assert unpack(memoryview(pack(whole)).tobytes()) == whole
    with pytest.raises(CorruptRecordError):
        unpack(pack(whole + b" "))


class AwayOnce:
    """An intake that cannot decide on the first answer at its first trial."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._asked = False

    def take(self, agency: UUID, envelope: Envelope) -> Taken:
        if not self._asked:
            self._asked = True
            raise TryAgain
        return self._intake.take(agency, envelope)

    def refuse(self, agency: UUID, envelope: Envelope, refusal: DomainError) -> Taken:
        return self._intake.refuse(agency, envelope, refusal)


def test_an_answer_without_a_key_overtakes_none_that_waits_on_the_same_referral(
    partner: Partner, producer: KafkaProducer, broker: Access
) -> None:
    referral = partner.referral()
    for sent in [put(producer, partner, action, referral) for action in ("accept", "start")]:
        sent.get(timeout=30)
    with read_by(AwayOnce(partner.intake), partner.rig, broker):
        until(lambda: partner.state(referral) == "in_service")
    assert rejected(partner.rig) == []
