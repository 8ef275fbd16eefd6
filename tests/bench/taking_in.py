"""Taking in: from answers that stand in an agency's topic to events in the log, with offsets committed.

Three answers to each of some referrals (accepted, scheduled, started) are there before the reader begins. It runs as in
`rujukan up`, one member of its group, on sessions that wait for the disk; nothing folds meanwhile. The time is from the
first answer stored to the last.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Any
from uuid import UUID

import psycopg

from consumers import partners
from consumers.taking_in.reading import ReplyReader
from domain.errors import AlreadyRegistered
from infra.bootstrap import Composed, composed
from infra.kafka.administration import Shape, administration
from infra.kafka.broker import embedded_broker
from infra.threads import on_a_thread
from tests.bench.bench import Bench
from tests.bench.logs import DAY, OnTheDay
from tests.bench.measure import Measurement
from tests.faults.partner import Answers
from tests.faults.work import SEALER
from tests.projections.story import tell
from tests.projections.teller import Teller, named

ROW = "taking_in"
REFERRALS = 200
"""In each round, of as many families."""
ANSWERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("accept", {}),
    ("schedule", {"appointment": "2026-07-10"}),
    ("start", {}),
)
LOOK, LONGEST = 0.01, 120.0


def measure(bench: Bench) -> list[Measurement]:
    agency = named("bank")
    with bench.database("bench_taking_in") as url, composed(bench.settings, url, time=OnTheDay()) as whole:
        tell(whole.services.application, SEALER)
        told = Teller(whole.services.application, SEALER, first_command=1_000_000)
        referrals = _referrals(told)
        with embedded_broker(bench.home, tell=bench.tell) as broker:
            with administration(broker.access, Shape(retention_days=1, replicas=1)) as administering:
                administering.add(agency)
            with psycopg.connect(url) as connection:
                partners.add(connection, agency, whole.recorder.head())
            access = broker.access.client()
            rates = []
            for number in range(bench.rounds):
                bench.tell(f"round {number + 1}")
                asked = [next(referrals) for _ in range(bench.many(REFERRALS, 20))]
                _answer(agency, access, asked)
                rates.append(_rate(whole, access, len(asked) * len(ANSWERS)))
    note = f"{bench.many(REFERRALS, 20) * len(ANSWERS):,} answers a round, one reader"
    return [Measurement(ROW, "Answers of an agency taken in", "answers/s", tuple(rates), notes=(note,))]


def _referrals(told: Teller) -> Iterator[UUID]:
    """Of a family each; made-up numbers that somebody has already are passed over."""
    for number in count():
        family = f"answered {number}"
        with suppress(AlreadyRegistered):
            told.register(family, "2026-01-05", f"head of {family}")
            told.refer(family, f"referral of {family}", DAY.isoformat(), respond_by="2026-07-20")
            yield named(f"referral of {family}")


def _answer(agency: UUID, access: dict[str, Any], referrals: list[UUID]) -> None:
    answers = Answers(agency, access)
    for referral in referrals:
        for action, content in ANSWERS:
            answers.send(action, referral, on=DAY.isoformat(), **content)
    answers.close()


def _rate(whole: Composed, access: dict[str, Any], many: int) -> float:
    """Answers a second."""
    begun = whole.recorder.head()
    reader = ReplyReader(whole.intake(), whole.services.pool.connection, access)
    with on_a_thread(reader.run, "intake"):
        _until(lambda: whole.recorder.head() > begun)
        stored, began = whole.recorder.head() - begun, time.perf_counter()
        _until(lambda: whole.recorder.head() == begun + many)
        return (many - stored) / (time.perf_counter() - began)


def _until(holds: Any) -> None:
    deadline = time.monotonic() + LONGEST
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("The answers were not taken in.")
        time.sleep(LOOK)
