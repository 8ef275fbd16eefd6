"""A partner that is none: a small real consumer that answers each referral as an agency would, to try things out."""

import random
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any
from uuid import UUID, uuid5

import msgspec
from kafka.consumer import KafkaConsumer
from kafka.errors import AuthorizationError, KafkaError, SaslAuthenticationFailedError
from kafka.producer import KafkaProducer

from consumers import topics
from consumers.clients import client
from consumers.publishing.publisher import LONGEST_CLOSE
from consumers.taking_in.reading import CLOSE_MS, CONSUMER

REMEMBERED = 10_000
"""Messages, by which one that comes again is known."""
POLL_MS = 500
PAUSE = 1.0
"""Seconds before a broker that is away is tried again."""
APPOINTMENT_AFTER = 7
"""Days."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How it answers: probabilities between 0 and 1."""

    accepts: float = 0.8
    completes: float = 0.9

    def __post_init__(self) -> None:
        if not (0 <= self.accepts <= 1 and 0 <= self.completes <= 1):
            raise ValueError("A probability is between 0 and 1.")


class SimulatedPartner:
    """Answers the newest message of each referral, once it has read them all: those before it are history. The answer
    to a message is the same, with the same id, each time it comes."""

    def __init__(self, agency: UUID, access: dict[str, Any], manner: Manner, seed: int, today: date) -> None:
        self._agency = agency
        self._access = access
        self._manner = manner
        self._seed = seed
        self._today = today
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._newest: dict[bytes, Any] = {}
        """By referral, what was read and is not answered."""
        self.received = 0
        self.repeated = 0
        self.answered = 0

    def run(self, stop: threading.Event, *, until_idle: float | None = None) -> None:
        """Until told to stop or, where that is given, until nothing has come for so many seconds.

        A broker that is away is waited for. Raises `AuthorizationError` or `SaslAuthenticationFailedError` where it
        does not let the agency in.
        """
        idle = 0.0
        while not stop.is_set() and (until_idle is None or idle < until_idle):
            try:
                idle = self._serve(stop, until_idle, idle)
            except (AuthorizationError, SaslAuthenticationFailedError):
                raise
            except (KafkaError, OSError):
                stop.wait(PAUSE)
                idle += PAUSE

    def _serve(self, stop: threading.Event, until_idle: float | None, idle: float) -> float:
        """Returns for how many seconds nothing has come."""
        reading = {**self._access, **CONSUMER, "group_id": f"{self._agency}.simulated"}
        writing = {**self._access, "acks": "all", "allow_auto_create_topics": False}
        with (
            client(KafkaConsumer, reading, timeout_ms=CLOSE_MS) as consumer,
            client(KafkaProducer, writing, timeout=LONGEST_CLOSE) as producer,
        ):
            consumer.subscribe([topics.referrals(self._agency)])
            self._newest.clear()  # what was not answered comes again
            while not stop.is_set() and (until_idle is None or idle < until_idle):
                polled = consumer.poll(timeout_ms=POLL_MS)
                idle = 0.0 if polled else idle + POLL_MS / 1000
                for record in chain.from_iterable(polled.values()):
                    self._note(record)
                if self._newest and _has_read_all(consumer):
                    self._answer_all(producer)
                    consumer.commit()
            return idle

    def _note(self, record: Any) -> None:
        message = dict(record.headers)["ce_id"]
        self.received += 1
        if message in self._seen:
            self.repeated += 1
        self._seen[message] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        self._newest[record.key] = record

    def _answer_all(self, producer: KafkaProducer) -> None:
        for future in [self._answer(producer, record) for record in self._newest.values()]:
            if future is not None:
                future.get(timeout=30)
        self._newest.clear()

    def _answer(self, producer: KafkaProducer, record: Any) -> Any:
        message = dict(record.headers)["ce_id"]
        body = msgspec.json.decode(record.value)
        answer = self.answer_to(message.decode(), body)
        if answer is None:
            return None
        action, content = answer
        self.answered += 1
        return producer.send(
            topics.replies(self._agency),
            key=record.key,
            value=msgspec.json.encode({"referral": body["referral"], "on": self._today, **content}),
            headers=[
                ("ce_specversion", b"1.0"),
                ("ce_id", str(uuid5(self._agency, message.decode())).encode()),
                ("ce_source", f"/agencies/{self._agency}/simulated".encode()),
                ("ce_type", f"rujukan.reply.{action}.v1".encode()),
                ("content-type", b"application/json"),
            ],
        )

    def answer_to(self, message: str, body: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
        """The action, as types of answers name it, and what goes with it; None where nothing is to be answered."""
        chance = random.Random(f"{self._seed} {message}").random()
        match body["type"].removeprefix("rujukan.referral.").removesuffix(".v1"):
            case "sent":
                return "received", {}
            case "received" | "information_supplied":
                if chance < self._manner.accepts:
                    return "accept", {}
                return "decline", {"reason": "no_capacity"}
            case "accepted" | "missed":
                return "schedule", {"appointment": self._today + timedelta(days=APPOINTMENT_AFTER)}
            case "scheduled":
                return "start", {}
            case "service_started":
                if chance < self._manner.completes:
                    return "complete", {"outcome": "service_delivered"}
                return "fail", {"reason": "unable_to_contact"}
            case "cancellation_requested":
                return "confirm_cancellation", {}
        return None


def _has_read_all(consumer: KafkaConsumer) -> bool:
    return all(consumer.position(tp) >= (consumer.highwater(tp) or 0) for tp in consumer.assignment())
