"""One topic's way of messages: what was read, what is under way, what has arrived, and patience where it is blocked."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kafka.errors import KafkaError
from kafka.producer import KafkaProducer

from consumers.contracts import Message, NoContract

Row = Mapping[str, Any]

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds for which a topic is left alone after each failure in a row."""
ROOM = 2000
"""Rows that may have been read and not arrived."""
READ = ROOM // 2
"""Rows that are read at a time."""


@dataclass(slots=True)
class _Due:
    row: Row
    future: Any = None
    arrived: bool = False


@dataclass
class Lane:
    """Rows come in the order of their mark and go out at once, but for those of a referral that has one under way:
    they wait for it, since the second could arrive where the first is lost. `translate` makes the message of a row.
    """

    topic: str
    translate: Callable[[Row], Message]
    mark: str
    """The column by which rows are in order, and recorded as sent."""
    read: int
    """The mark up to which rows were read."""
    replayed: bool = False
    """Whether its messages are marked as sent before."""
    failures: int = 0
    _due: deque[_Due] = field(default_factory=deque)
    """All that was read and is not known to have arrived with everything before it, in order."""
    _ready: deque[_Due] = field(default_factory=deque)
    _under_way: deque[_Due] = field(default_factory=deque)
    _behind: dict[UUID, deque[_Due]] = field(default_factory=dict)
    """For each referral that has a row ready or under way, those that wait for it."""
    _rests_until: float = 0.0

    @property
    def in_flight(self) -> bool:
        return bool(self._under_way)

    @property
    def held(self) -> int:
        """Rows that were read and have not arrived."""
        return len(self._due)

    @property
    def is_empty(self) -> bool:
        """Whether all that was read has arrived."""
        return not self._due

    @property
    def wants(self) -> bool:
        """Whether there is room for rows."""
        return len(self._due) <= ROOM - READ and time.monotonic() >= self._rests_until

    @property
    def wants_first(self) -> bool:
        """Whether it wants rows and has none, for rows that are read again until they are recorded as sent."""
        return self.is_empty and self.wants

    @property
    def has_more(self) -> bool:
        """Whether a message may go out now."""
        return bool(self._ready)

    def add(self, row: Row) -> None:
        due = _Due(row)
        self._due.append(due)
        self.read = row[self.mark]
        referral = row["referral"]
        if referral in self._behind:
            self._behind[referral].append(due)
            return
        self._ready.append(due)
        if referral is not None:
            self._behind[referral] = deque()

    def send(self, producer: KafkaProducer) -> int:
        """How many messages have gone out. Raises `KafkaError` where the topic does not take them, and `NoContract`
        for a row that `translate` knows no message of: when all that went out before it has arrived."""
        many = 0
        while self._ready:
            due = self._ready[0]
            try:
                message = self.translate(due.row)
            except NoContract:
                if self._under_way:
                    return many
                raise
            many += 1
            due.future = producer.send(
                self.topic, value=message.value, key=message.key, headers=message.headers(replayed=self.replayed)
            )
            self._under_way.append(self._ready.popleft())
        return many

    def land(self) -> bool:
        """Whether any has arrived since. Raises what kept one from arriving."""
        any_ = False
        while self._under_way and self._under_way[0].future.is_done:
            due = self._under_way.popleft()
            if due.future.failed():
                fault = due.future.exception
                raise fault if isinstance(fault, KafkaError) else KafkaError(str(fault))
            due.arrived = any_ = True
            self._follow(due.row["referral"])
        if any_:
            self.failures = 0
        return any_

    def complete(self) -> list[Row]:
        """Those that have arrived, up to the first that has not; they are this lane's no more."""
        found = []
        while self._due and self._due[0].arrived:
            found.append(self._due.popleft().row)
        return found

    def begin_anew(self, after: int) -> None:
        """From behind this mark, after a while: what had not arrived is sent again, and what is behind it."""
        self._due.clear()
        self._ready.clear()
        self._under_way.clear()
        self._behind.clear()
        self.read = after
        self._rests_until = time.monotonic() + PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1

    def wait(self, seconds: float) -> None:
        """For the message that is longest under way, no longer than this."""
        with suppress(KafkaError):
            self._under_way[0].future.get(timeout=seconds)

    def _follow(self, referral: UUID | None) -> None:
        if referral is None:
            return
        if self._behind[referral]:
            self._ready.append(self._behind[referral].popleft())
        else:
            del self._behind[referral]
