"""What this process has taken in of the answers of agencies, and what it has before it, in numbers."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kafka.consumer import KafkaConsumer
from kafka.structs import TopicPartition

from consumers import topics
from consumers.replies import Envelope, Place
from consumers.taking_in.intake import Intake, Taken
from domain.errors import DomainError


@dataclass
class Numbers:
    """Counts are since the process began; what waits, and how far behind it is, are those of the partitions that it
    reads at present: of several processes each has its own, and they are added up."""

    _came: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    _rejected: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    _waiting: dict[Place, UUID] = field(default_factory=dict)
    _next: dict[TopicPartition, int] = field(default_factory=dict)
    _behind: dict[TopicPartition, int] = field(default_factory=dict)
    _polled: float | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def taken(self, agency: UUID, envelope: Envelope, taken: Taken) -> None:
        with self._guard:
            self._came[(agency, str(taken.came))] += 1
            if taken.came == "rejected":
                self._rejected[(agency, taken.code or "")] += 1
            if envelope.place is not None:
                self._waiting.pop(envelope.place, None)

    def waits(self, agency: UUID, envelope: Envelope) -> None:
        """It is tried again; what came in a file is sent again by whoever sent it, and waits nowhere."""
        if envelope.place is not None:
            with self._guard:
                self._waiting[envelope.place] = agency

    def polled(self, consumer: KafkaConsumer, done: Mapping[TopicPartition, int]) -> None:
        """`done` are the offsets from which the partitions go on that something was read of."""
        assigned, connected = consumer.assignment(), _is_connected(consumer)
        ends = {tp: end for tp in assigned if (end := consumer.highwater(tp)) is not None}
        with self._guard:
            self._polled = time.monotonic() if connected else self._polled
            self._next = {tp: offset for tp, offset in {**self._next, **done}.items() if tp in assigned}
            self._behind = {tp: max(0, end - self._next.get(tp, end)) for tp, end in ends.items()}
            self._waiting = {p: a for p, a in self._waiting.items() if TopicPartition(p.topic, p.partition) in assigned}

    @property
    def came(self) -> Mapping[tuple[UUID, str], int]:
        with self._guard:
            return dict(self._came)

    @property
    def rejected(self) -> Mapping[tuple[UUID, str], int]:
        with self._guard:
            return dict(self._rejected)

    @property
    def behind(self) -> Mapping[UUID, int]:
        found: defaultdict[UUID, int] = defaultdict(int)
        with self._guard:
            for tp, messages in self._behind.items():
                found[topics.agency_of(tp.topic)] += messages
        return found

    @property
    def waiting(self) -> Mapping[UUID, int]:
        with self._guard:
            return {
                **dict.fromkeys((topics.agency_of(tp.topic) for tp in self._behind), 0),
                **Counter(self._waiting.values()),
            }

    @property
    def since_polled(self) -> float | None:
        with self._guard:
            return None if self._polled is None else time.monotonic() - self._polled


def _is_connected(consumer: KafkaConsumer) -> bool:
    """A poll itself says nothing of it: it gives as little where the broker is away as where nothing came."""
    return bool(consumer.metrics()["consumer-metrics"]["connection-count"] > 0)


class CountedIntake(Intake):
    """The intake, with its numbers."""

    def __init__(self, *given: Any, numbers: Numbers) -> None:
        super().__init__(*given)
        self._numbers = numbers

    def take(self, agency: UUID, envelope: Envelope, **how: Any) -> Taken:
        try:
            taken = super().take(agency, envelope, **how)
        except Exception:
            self._numbers.waits(agency, envelope)
            raise
        self._numbers.taken(agency, envelope, taken)
        return taken

    def refuse(self, agency: UUID, envelope: Envelope, refusal: DomainError, **how: Any) -> Taken:
        taken = super().refuse(agency, envelope, refusal, **how)
        self._numbers.taken(agency, envelope, taken)
        return taken
