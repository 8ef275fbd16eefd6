"""What was taken in and what waits is told in numbers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg

from consumers.taking_in.counting import CountedIntake, Numbers
from consumers.taking_in.reading import ReplyReader
from domain.answering import Answering
from domain.values import Receipt
from infra.kafka.access import Access
from tests.api.rig import Rig
from tests.consumers.publishing.test_publisher import Partner, until
from tests.faults.own_broker import OwnBroker
from tests.faults.partner import Answers


class Receipts:
    """Those of the log, which may be away."""

    def __init__(self, rig: Rig) -> None:
        self.log = rig.services.log
        self.away = False

    def receipt(self, caller: str, route: str, key: str) -> Receipt | None:
        if self.away:
            raise psycopg.OperationalError("away")
        return self.log.receipt(caller, route, key)


@contextmanager
def taking(rig: Rig, broker: Access, receipts: Receipts) -> Iterator[None]:
    services, numbers = rig.services, rig.services.intake
    assert isinstance(numbers, Numbers)
    answering = Answering(services.application, services.calendar, services.days)
    intake = CountedIntake(answering, receipts, services.pool.connection, services.time, numbers=numbers)
    reader = ReplyReader(intake, services.pool.connection, broker.client(), numbers=numbers)
    stop = threading.Event()
    thread = threading.Thread(target=reader.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def told(rig: Rig) -> dict[str, float]:
    lines = (line for line in rig.client.get("/metrics").text.splitlines() if line.startswith("rujukan_intake_"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_what_came_of_answers_and_what_waits_stands_in_the_metrics(rig: Rig, broker: Access) -> None:
    partner, receipts = Partner(rig, broker), Receipts(rig)
    partner.added(0)
    agency, answers = partner.agency, Answers(partner.agency, broker.client())

    def count(name: str, **labels: Any) -> float:
        inside = ",".join(f'{label}="{value}"' for label, value in {"agency": agency, **labels}.items())
        return told(rig).get(f"rujukan_intake_{name}{{{inside}}}", 0)

    first, second = UUID(partner.referral()), UUID(partner.referral())
    with taking(rig, broker, receipts):
        again = answers.send("accept", first)
        answers.send("accept", first, id_=again)
        answers.send("start", second)
        answers.raw(b"{", key=str(second).encode())
        until(lambda: count("answers_total", came="applied") == count("answers_total", came="known") == 1)
        until(lambda: count("answers_total", came="rejected") == 2)
        assert (
            count("rejected_total", code="illegal-transition") == count("rejected_total", code="malformed-reply") == 1
        )
        until(lambda: count("lag_messages") == count("waiting") == 0)
        until(lambda: told(rig).get("rujukan_intake_polled_seconds_ago", 31) < 30)
        receipts.away = True
        for action in ("accept", "start"):
            answers.send(action, second)
        until(lambda: (count("waiting"), count("lag_messages")) == (1, 2))
        receipts.away = False
        until(lambda: (count("waiting"), count("lag_messages")) == (0, 0))
        assert count("answers_total", came="applied") == 3
    answers.close()


def test_a_file_of_answers_is_counted_too(rig: Rig) -> None:
    agency, officer = rig.agency()
    referral = rig.referral(rig.household(), rig.service(agency))
    headers = {**officer, "Content-Type": "text/csv"}
    for _ in range(2):
        rig.client.post("/v1/feed/replies", content=f"referral,action\n{referral},accept\n", headers=headers)
    numbers = told(rig)
    for came in ("applied", "known"):
        assert numbers[f'rujukan_intake_answers_total{{agency="{agency}",came="{came}"}}'] == 1


def test_a_broker_that_is_away_is_not_polled(rig: Rig, own_broker: OwnBroker) -> None:
    partner = Partner(rig, own_broker.access)
    partner.added(0)
    seconds = "rujukan_intake_polled_seconds_ago"
    with taking(rig, own_broker.access, Receipts(rig)):
        until(lambda: told(rig).get(seconds, 9.0) < 1.0)
        own_broker.kill()
        until(lambda: told(rig)[seconds] > 3.0)
        own_broker.revive()
        until(lambda: told(rig)[seconds] < 1.0)
