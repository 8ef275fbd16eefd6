"""Publishing: from rows of the feed to messages that the broker has acknowledged, for all partners of a simulated log.

The same on both sides: the broker (one node on this machine, SCRAM, a topic of three partitions for each agency), the
producer's settings, and the messages, byte for byte, in the order of the log. Theirs is a bare kafka-python producer
that is given the finished messages and flushed at the end. Ours reads the rows, translates them, never has two
messages of one referral under way at a time, waits for acknowledgements and records the position of each partner; it
remembers which partition a referral belongs to, where theirs hashes each key.

The partners are the agencies to which most happened: as many as a region has, each with a backlog as of a long outage:
what the log tells of them, and so often again of other referrals.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Any
from uuid import UUID

import psycopg
from kafka.admin import KafkaAdminClient
from kafka.producer import KafkaProducer

from consumers import partners, topics
from consumers.contracts import referral_message
from consumers.publishing.publisher import PRODUCER, publishing, turn_and_rest
from consumers.publishing.sending import Sending
from infra.bootstrap import composed
from infra.kafka.broker import embedded_broker
from projections import referral_feed, referral_rows
from projections.engine.runner import Runner
from tests.bench.bench import Bench
from tests.bench.measure import Kind, Measurement, alternating
from tests.bench.simulated import simulated_log

ROW = "publishing"
BAR = 0.85
EVENTS = 1_000_000
PARTNERS = 8
PARTITIONS = 3
COPIES = 5
LONGEST = 600.0

Finished = tuple[str, bytes, bytes | None, list[tuple[str, bytes]]]
"""Topic, value, key and headers."""


def measure(bench: Bench) -> list[Measurement]:
    with bench.database("bench_publishing") as url, composed(bench.settings, url) as whole:
        bench.tell("simulating")
        simulated_log(whole, bench.many(EVENTS, 20_000), bench.seed)
        Runner(whole.connect, whole.recorder, referral_rows.PROJECTION).catch_up(whole.recorder.head())
        with (
            embedded_broker(bench.home, tell=bench.tell) as broker,
            whole.publishing_session() as session,
            psycopg.connect(url, autocommit=True) as owner,
        ):
            client = broker.access.client()
            agencies = _busiest(session)
            _lengthened(owner, agencies)
            messages = _finished(session, agencies)
            bench.tell(f"{len(messages):,} messages to {len(agencies)} agencies")
            _ours(session, owner, client, agencies, len(messages))
            _theirs(client, agencies, messages)
            sides = alternating(
                bench.rounds,
                lambda number: _told(bench, number, _ours(session, owner, client, agencies, len(messages))),
                lambda _: _theirs(client, agencies, messages),
            )
    name = "Publishing to the partners, acknowledged and recorded"
    against = "a bare kafka-python producer, same settings and payload"
    note = f"{len(messages):,} messages to {len(agencies)} agencies"
    return [Measurement(ROW, name, "messages/s", *sides, against, Kind.RATIO_AT_LEAST, BAR, (note,))]


_COPIES = """
WITH unused AS (
    SELECT notification_id, row_number() OVER (ORDER BY notification_id) AS number FROM rujukan_events
    WHERE notification_id NOT IN (SELECT position FROM read.referral_feed)
), copied AS (
    SELECT f.*, md5(f.referral::text || copy)::uuid AS other, row_number() OVER (ORDER BY copy, f.position) AS number
    FROM read.referral_feed f CROSS JOIN generate_series(1, %(copies)s) copy WHERE f.agency = ANY(%(agencies)s)
)
INSERT INTO read.referral_feed (agency, position, type, referral, household, member, service, "on", state, codes)
SELECT agency, notification_id, type, other, household, member, service, "on", state, codes
FROM copied JOIN unused USING (number)
"""


def _lengthened(owner: Any, agencies: list[UUID]) -> None:
    """So often again what happened to their referrals, to others, at positions at which nothing did to any."""
    owner.execute(_COPIES, {"copies": COPIES, "agencies": agencies})
    owner.execute("ANALYZE read.referral_feed")


def _told(bench: Bench, number: int, rate: float) -> float:
    bench.tell(f"round {number + 1}: {rate:,.0f} messages/s")
    return rate


def _busiest(session: Any) -> list[UUID]:
    rows = session.execute(
        "SELECT agency FROM read.referral_feed GROUP BY agency ORDER BY count(*) DESC, agency LIMIT %s", [PARTNERS]
    )
    return [row["agency"] for row in rows]


def _finished(session: Any, agencies: list[UUID]) -> list[Finished]:
    """In the order of the log."""
    behind = dict.fromkeys(agencies, 0)
    rows = sorted(referral_feed.ask(session, behind, EVENTS)(), key=itemgetter("position"))
    found = []
    for row in rows:
        message = referral_message(row)
        found.append((topics.referrals(UUID(row["agency"])), message.value, message.key, message.headers()))
    return found


@contextmanager
def _fresh(client: dict[str, Any], given: dict[str, Any], agencies: list[UUID]) -> Iterator[KafkaProducer]:
    """A producer, connected, that knows of the partners' topics, which are empty."""
    names = [topic for agency in agencies for topic in topics.all_of(agency)]
    admin = KafkaAdminClient(**client)
    try:
        there = set(admin.list_topics()) & set(names)
        if there:
            admin.delete_topics(sorted(there))
            while set(admin.list_topics()) & there:
                time.sleep(0.1)
        admin.create_topics({name: {"num_partitions": PARTITIONS, "replication_factor": 1} for name in names})
        admin.wait_for_topics(names)
    finally:
        admin.close()
    producer = KafkaProducer(**{**client, **given})
    try:
        for name in names:
            producer.partitions_for(name)
        yield producer
    finally:
        producer.close()


def _ours(session: Any, owner: Any, client: dict[str, Any], agencies: list[UUID], many: int) -> float:
    """`session` is the application's, who may take no partner away."""
    owner.execute("DELETE FROM partners")
    for agency in agencies:
        partners.add(session, agency, 0)
    with _fresh(client, publishing(), agencies) as producer:
        there = {topic for agency in agencies for topic in topics.all_of(agency)}
        sending = Sending(session, producer, lambda: there)
        sent, deadline = 0, time.monotonic() + LONGEST
        began = time.perf_counter()
        while sent < many:
            sent += turn_and_rest(session, sending).sent
            if time.monotonic() > deadline:
                raise TimeoutError(f"{sent} of {many} messages were sent.")
        sending.finish()
        took = time.perf_counter() - began
    left = session.execute("SELECT error FROM partners WHERE error IS NOT NULL").fetchall()
    if left or sending.held or sent != many:
        raise RuntimeError(f"{sent} of {many} messages were sent; {left}")
    return many / took


def _theirs(client: dict[str, Any], agencies: list[UUID], messages: list[Finished]) -> float:
    with _fresh(client, PRODUCER, agencies) as producer:
        began = time.perf_counter()
        futures = [
            producer.send(topic, value=value, key=key, headers=headers) for topic, value, key, headers in messages
        ]
        producer.flush()
        took = time.perf_counter() - began
    if not all(future.succeeded() for future in futures):
        raise RuntimeError("The broker did not acknowledge every message.")
    return len(messages) / took
