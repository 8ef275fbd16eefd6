"""Each code for which `docs/partners.md` tells what to do comes from what takes answers in, and no other does."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest

from consumers import partners
from consumers.filed import FiledReplies
from consumers.intake import Came, Intake, Taken, TryAgain
from consumers.reading import ATTEMPTS, ReplyReader
from consumers.replies import Envelope, Place, received
from domain.errors import DomainError
from infra.kafka.access import Access
from infra.kafka.administration import Shape, administration
from tests.api.rig import Rig, rig_on
from tests.consumers.test_intake import Partner, intake_of, rejected
from tests.consumers.test_publisher import until
from tests.docs.partners_page import rows
from tests.faults.partner import Answers

Provoke = Callable[[Partner], Taken | None]


def accepted(partner: Partner) -> str:
    referral = partner.referral()
    partner.answers("accept", referral)
    return referral


def in_service(partner: Partner) -> str:
    referral = accepted(partner)
    partner.answers("start", referral)
    return referral


def again_under_one_id(partner: Partner) -> Taken:
    referral = partner.referral()
    partner.answers("received", referral, id_="one")
    return partner.answers("accept", referral, id_="one")


def without_headers(partner: Partner) -> Taken:
    return partner.intake.take(partner.agency, received(partner.agency, Place("replies", 0, 0), [], b"{}"))


def in_another_name(partner: Partner) -> Taken:
    body = json.dumps({"referral": partner.referral()}).encode()
    return partner.intake.take(partner.agency, Envelope(f"/agencies/{uuid4()}", "1", "rujukan.reply.accept.v1", body))


def a_day_back(partner: Partner) -> Taken:
    rig = partner.rig
    referral = rig.referral(rig.household(), partner.service, on="2026-06-10")
    partner.answers("accept", referral, on="2026-06-12")
    return partner.answers("start", referral, on="2026-06-11")


def with_number_for_an_id(partner: Partner) -> Taken | None:
    return FiledReplies(partner.intake).take(partner.agency, "3324040101900001", "accept", {})


PROVOKED: dict[str, Provoke] = {
    "no-cloudevent": without_headers,
    "unknown-type": lambda p: p.answers("dance", p.referral()),
    "malformed-reply": lambda p: p.answers("decline", p.referral(), reason="because"),
    "too-long": lambda p: p.answers("accept", p.referral(), pad="x" * 10_000),
    "foreign-source": in_another_name,
    "id-reused": again_under_one_id,
    "forbidden": lambda p: p.answers("settle", p.referral()),
    "not-found": lambda p: p.answers("accept", str(uuid4())),
    "illegal-transition": lambda p: p.answers("start", p.referral()),
    "before-last-step": a_day_back,
    "before-registration": lambda p: p.answers("accept", p.referral(), on="2026-06-14"),
    "future-date": lambda p: p.answers("accept", p.referral(), on="2026-06-16"),
    "appointment-past": lambda p: p.answers("schedule", accepted(p), appointment="2026-06-14"),
    "amount-missing": lambda p: p.answers("complete", in_service(p), outcome="capital_disbursed"),
    "note-missing": lambda p: p.answers("decline", p.referral(), reason="other"),
    "malformed-id": with_number_for_an_id,
}
ELSEWHERE = {"not-understood", "too-many-cells"}
"""At the end, and in `tests/api/test_feed_replies.py`."""


@pytest.fixture
def rig(database: str) -> Iterator[Rig]:
    with rig_on(database) as rig:
        yield rig


@pytest.fixture
def partner(rig: Rig) -> Partner:
    return Partner(rig, intake_of(rig))


def test_what_the_page_tells_of_is_what_there_is() -> None:
    assert {cells[0].strip("`") for cells in rows(6)} == PROVOKED.keys() | ELSEWHERE


@pytest.mark.parametrize("code", PROVOKED)
def test_a_code_comes_for_what_the_page_says(partner: Partner, code: str) -> None:
    taken = PROVOKED[code](partner)
    assert taken is not None
    assert (taken.came, taken.code) == (Came.REJECTED, code)


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


@pytest.fixture
def answers(partner: Partner, broker: Access) -> Iterator[Answers]:
    with administration(broker, Shape(retention_days=1, replicas=1)) as administering:
        administering.add(partner.agency)
    with psycopg.connect(partner.rig.url) as connection:
        partners.add(connection, partner.agency, 0)
    made = Answers(partner.agency, broker.client())
    yield made
    made.close()


@contextmanager
def read_by(intake: Baffled, rig: Rig, broker: Access) -> Iterator[None]:
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
