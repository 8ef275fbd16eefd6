"""From commit to the agency: how old a referral's event is when a consumer of the agency has its message.

A hundred events a second are committed while projections and publisher follow the log as in `rujukan up`, in the same
process, and a consumer reads the agency's topic. The age is the consumer's clock less the moment logged, which is the
database's: both are of this machine.
"""

import threading
import time
from datetime import datetime
from statistics import median
from typing import Any

import psycopg
from kafka.consumer import KafkaConsumer

from consumers import partners, topics
from consumers.erasing import Erasing
from domain.codes import ReferralOutcome
from infra.bootstrap import composed
from infra.kafka.administration import Shape, administration
from infra.kafka.beside import Kafka
from infra.kafka.broker import embedded_broker
from infra.running import followers
from projections.engine.positions import wait_until
from tests.bench.bench import Bench, settings_of
from tests.bench.measure import Measurement, percentile
from tests.faults.work import SEALER
from tests.projections.story import tell
from tests.projections.teller import BANK, Teller, due, named

ROW = "to_the_consumer"
A_SECOND = 100
SECONDS = 20.0
FAMILIES = 10
"""Registered once: each is referred anew when its last referral has ended."""
ON = "2026-06-30"
LAST_WITHIN = 30.0


def measure(bench: Bench) -> list[Measurement]:
    agency = named("bank")
    settings = settings_of(bench.home / ROW)  # checkpoints kept in a home are of one log
    with bench.database("bench_to_the_consumer") as url, composed(settings, url) as whole:
        application = whole.services.application
        tell(application, SEALER)
        told = Teller(application, SEALER, first_command=1_000_000)
        for family in range(FAMILIES):
            told.register(f"{family}", "2026-01-05", f"head of {family}")
        with embedded_broker(bench.home, tell=bench.tell) as broker:
            with administration(broker.access, Shape(retention_days=1, replicas=1)) as administering:
                administering.add(agency)
            with psycopg.connect(url) as connection:
                partners.add(connection, agency, whole.recorder.head())
            kafka = Kafka()
            kafka.is_there(broker.access)
            with followers(whole, Erasing(whole.recorder, whole.sealer), kafka):
                wait_until(whole.services.pool.connection, ["referrals"], whole.recorder.head(), 60)
                reader = _Reader(topics.referrals(agency), broker.access.client())
                found = [_round(bench, number, told, reader) for number in range(bench.rounds)]
                reader.close()
    about = f"Delay from commit to an agency's consumer, {A_SECOND} events/s"
    note = f"{len(found[0]):,} messages a round"
    return [
        Measurement(ROW, f"{about}, median", "ms", tuple(median(each) for each in found), notes=(note,)),
        Measurement(ROW, f"{about}, 99th percentile", "ms", tuple(percentile(each, 0.99) for each in found)),
    ]


def _round(bench: Bench, number: int, told: Teller, reader: "_Reader") -> list[float]:
    bench.tell(f"round {number + 1}")
    reader.ages.clear()
    began, events, sent, cycle = time.perf_counter(), 0, 0, 0
    while time.perf_counter() - began < bench.seconds(SECONDS):
        for many, step in _referred(told, f"{cycle % FAMILIES}", f"referral {number}-{cycle}"):
            time.sleep(max(0.0, began + events / A_SECOND - time.perf_counter()))
            step()
            events += many
            sent += 1
        cycle += 1
    deadline = time.monotonic() + LAST_WITHIN
    while len(reader.ages) < sent:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(reader.ages)} of {sent} messages came.")
        time.sleep(0.01)
    return list(reader.ages)


def _referred(told: Teller, family: str, referral: str) -> list[tuple[int, Any]]:
    """Each step of one referral, with how many events it is."""
    app, id_ = told.app, named(referral)
    return [
        (2, lambda: told.refer(family, referral, ON, respond_by="2026-07-20")),
        (1, lambda: app.receive(id_, told.by(BANK, ON))),
        (1, lambda: app.accept(id_, told.by(BANK, ON), next_by=due("2026-07-30"))),
        (1, lambda: app.start(id_, told.by(BANK, ON), next_by=due("2026-09-30"))),
        (1, lambda: app.complete(id_, told.by(BANK, ON), outcome=ReferralOutcome.SERVICE_DELIVERED)),
    ]


class _Reader:
    """Reads on a thread of its own; `ages` are in milliseconds."""

    def __init__(self, topic: str, client: dict[str, Any]) -> None:
        self.ages: list[float] = []
        self._stop = threading.Event()
        self._consumer = KafkaConsumer(topic, **client, group_id=None, auto_offset_reset="latest")
        self._consumer.poll(timeout_ms=2000)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._stop.is_set():
            for records in self._consumer.poll(timeout_ms=100).values():
                now = time.time()
                for record in records:
                    logged = dict(record.headers)["ce_time"].decode()
                    self.ages.append((now - datetime.fromisoformat(logged).timestamp()) * 1000)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._consumer.close()
