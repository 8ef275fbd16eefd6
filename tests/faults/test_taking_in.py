"""Whatever ends while answers come in, each is carried out once or refused once, and none is lost."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from consumers import partners, topics
from consumers.points import Point
from tests.faults.evidence import query, wait_until_folded
from tests.faults.own_broker import OwnBroker
from tests.faults.partner import Answers, standing_in, write_access
from tests.faults.programs import Program, eventually
from tests.projections.teller import named

pytestmark = pytest.mark.xdist_group("kafka faults")

BANK, CENTRE = named("bank"), named("centre")
PATH = ("received", "accept", "schedule", "start", "complete")
CONTENT: dict[str, dict[str, Any]] = {
    "schedule": {"appointment": "2026-07-10"},
    "complete": {"outcome": "capital_disbursed", "amount": 1_000_000},
}
EVENTS = ("received", "accepted", "scheduled", "service_started", "completed")
TIMES = 3


@dataclass
class Desk:
    """The bank at work: it answers every referral to its end, now and then repeats itself or makes a mistake."""

    answers: Answers
    chance: Random
    refused: dict[str, str] = field(default_factory=dict)
    """By id of an answer, the code that is due to it."""

    def answer(self, action: str, referral: UUID, **given: Any) -> str:
        return self.answers.send(action, referral, on="2026-07-01", **CONTENT.get(action, {}), **given)

    def work(self, referrals: list[UUID], foreign: UUID) -> None:
        for action in PATH:
            for referral in referrals:
                self._err(action, referral, foreign)
                id_ = self.answer(action, referral)
                for _ in range(self.chance.choice([0, 0, 0, 1, 2])):
                    self.answer(action, referral, id_=id_)

    def _err(self, action: str, referral: UUID, foreign: UUID) -> None:
        match self.chance.randrange(40):
            case 0:
                self.refused[self.answers.raw(b'{"referral": ', key=str(referral).encode())] = "malformed-reply"
            case 1:
                self.refused[self.answer("accept", foreign)] = "not-found"
            case 2:
                source = f"/agencies/{CENTRE}"
                self.refused[self.answer("accept", referral, source=source)] = "foreign-source"
            case 3:
                self.refused[self.answer(self.chance.choice(["cancel", "settle", "expire"]), referral)] = "forbidden"
            case 4 if action in ("received", "accept"):
                self.refused[self.answer("complete", referral)] = "illegal-transition"
            case 5:
                self.refused[self.answer("dance", referral)] = "unknown-type"


@pytest.fixture
def url(backlog: str, tmp_path: Path) -> Iterator[str]:
    """A database whose backlog is folded, with two partners that were sent all of it."""
    with Program("projector", "--url", backlog, output=tmp_path / "folding.out") as projector:
        wait_until_folded(backlog)
        projector.stop()
    ((head,),) = query(backlog, "SELECT max(notification_id) FROM rujukan_events")
    with psycopg.connect(backlog) as connection:
        for agency in (BANK, CENTRE):
            partners.add(connection, agency, head)
    yield backlog


@pytest.fixture
def access(own_broker: OwnBroker, tmp_path: Path) -> Path:
    return write_access(tmp_path / "access.json", own_broker.client)


@pytest.fixture
def desk(own_broker: OwnBroker, access: Path, chance: Random) -> Iterator[Desk]:
    client = own_broker.add(BANK, CENTRE)[BANK]
    answers = Answers(BANK, client)
    yield Desk(answers, chance)
    answers.close()


def taker(url: str, access: Path, *words: object) -> Program:
    output = access.parent / f"taker-{time.monotonic_ns()}.out"
    return Program("taker", "--url", url, "--access", access, *words, output=output)


def waiting(url: str, agency: UUID) -> list[UUID]:
    rows = query(url, "SELECT referral FROM read.referrals WHERE agency = %s AND state = 'sent' ORDER BY 1", agency)
    return [referral for (referral,) in rows]


def answered(url: str, referrals: list[UUID]) -> Counter[str]:
    """How often each event stands in the log, of these referrals, by the bank's principal."""
    rows = query(
        url,
        "SELECT split_part(topic, '.', 2) FROM log WHERE stream = ANY (%s) AND state ->> 'by' = %s",
        referrals,
        topics.principal(BANK),
    )
    return Counter(event for (event,) in rows)


def codes(url: str) -> dict[str, str]:
    return dict(query(url, "SELECT id, code FROM rejected_replies WHERE agency = %s", BANK))


def in_the_topic_of_rejections(own_broker: OwnBroker) -> dict[str, str]:
    """What the partner is told of: the codes by the ids of its answers."""
    bodies = [json.loads(record.value) for record in standing_in(topics.rejected(BANK), own_broker.client)]
    return {body["id"]: body["code"] for body in bodies}


def assert_each_was_taken_once(
    url: str, desk: Desk, referrals: list[UUID], own_broker: OwnBroker, access: Path
) -> None:
    whole = Counter(dict.fromkeys(EVENTS, len(referrals)))
    eventually(lambda: answered(url, referrals) == whole, 90, lambda: f"{answered(url, referrals)} {codes(url)}")
    eventually(lambda: codes(url).keys() >= desk.refused.keys(), 30, lambda: str(codes(url)))
    assert codes(url) == desk.refused
    output = access.parent / "publisher.out"
    with Program("publisher", "--url", url, "--access", access, output=output) as publisher:
        eventually(lambda: query(url, "SELECT count(*) FROM rejected_replies WHERE NOT told") == [(0,)])
        publisher.stop()
    assert in_the_topic_of_rejections(own_broker) == desk.refused


def test_the_intake_is_killed_between_storing_and_committing(
    url: str, own_broker: OwnBroker, access: Path, desk: Desk, chance: Random
) -> None:
    referrals, (foreign, *_) = waiting(url, BANK), theirs(url)
    desk.work(referrals, foreign)
    for _ in range(TIMES):
        dying = taker(url, access, "--die", Point.STORED.name, "--times", chance.randint(1, 60))
        eventually(lambda: not dying.running(), 60, dying.said)  # noqa: B023
    with taker(url, access) as last:
        assert_each_was_taken_once(url, desk, referrals, own_broker, access)
        last.stop()


def test_members_of_the_group_come_and_go_in_the_middle_of_what_they_read(
    url: str, own_broker: OwnBroker, access: Path, desk: Desk, chance: Random
) -> None:
    referrals, (foreign, *_) = waiting(url, BANK), theirs(url)
    desk.work(referrals, foreign)
    members = [taker(url, access), taker(url, access)]
    for number in range(TIMES):
        time.sleep(chance.uniform(0.5, 2.0))
        leaving = members.pop(0)
        leaving.kill() if number % 2 else leaving.stop()
        members.append(taker(url, access))
    assert_each_was_taken_once(url, desk, referrals, own_broker, access)
    for member in members:
        member.stop()


def test_the_broker_is_killed_while_answers_are_read(
    url: str, own_broker: OwnBroker, access: Path, desk: Desk, chance: Random
) -> None:
    referrals, (foreign, *_) = waiting(url, BANK), theirs(url)
    desk.work(referrals, foreign)
    with taker(url, access) as taking:
        taking.ready()
        eventually(lambda: answered(url, referrals).total() > 10, 60, taking.said)
        own_broker.kill()
        own_broker.revive()
        assert_each_was_taken_once(url, desk, referrals, own_broker, access)
        taking.stop()


def test_answers_in_the_wrong_order_are_refused_where_the_table_says_so(
    url: str, own_broker: OwnBroker, access: Path, desk: Desk
) -> None:
    referral = waiting(url, BANK)[0]
    early = desk.answer("start", referral)
    desk.answer("accept", referral)
    late = desk.answer("received", referral)
    with taker(url, access) as taking:
        eventually(lambda: len(codes(url)) == 2, 60, taking.said)
        assert codes(url) == {early: "illegal-transition", late: "illegal-transition"}
        assert answered(url, [referral]) == Counter(accepted=1)
        taking.stop()


def theirs(url: str) -> list[UUID]:
    """Referrals that were sent to another agency than the bank."""
    return [r for (r,) in query(url, "SELECT referral FROM read.referrals WHERE agency = %s ORDER BY 1", CENTRE)]
