"""One topic's way of messages: what was read, what is under way, what has arrived, and patience where it is blocked."""

import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from kafka.errors import KafkaError
from kafka.producer import KafkaProducer

from consumers.contracts import NoContract
from consumers.publishing.outgoing import Outgoing

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds for which a topic is left alone after each failure in a row."""
ROOM = 4000
"""Messages that may have been read and not arrived: many, since those of one referral go out one after the other."""
READ = ROOM // 4
"""Messages that are read at a time."""


@dataclass(slots=True)
class _Due:
    message: Outgoing
    future: Any = None
    arrived: bool = False


@dataclass
class Lane:
    """Messages come in the order of their marks and go out at once, but for those of a referral that has one under way:
    they wait for it, since the second could arrive where the first is lost."""

    topic: str
    read: int
    """The mark up to which messages were read."""
    replayed: bool = False
    """Whether its messages are marked as sent before."""
    failures: int = 0
    _due: deque[_Due] = field(default_factory=deque)
    """All that was read and is not known to have arrived with everything before it, in order."""
    _ready: deque[_Due] = field(default_factory=deque)
    _under_way: deque[_Due] = field(default_factory=deque)
    _behind: dict[bytes, deque[_Due] | None] = field(default_factory=dict)
    """For each referral that has a message ready or under way, those that wait for it, if any do."""
    _unknown: _Due | None = None
    """What no contract tells of: nothing behind it is taken up."""
    _rests_until: float = 0.0

    @property
    def held(self) -> int:
        """Messages that were read and have not arrived."""
        return len(self._due)

    @property
    def is_empty(self) -> bool:
        """Whether all that was read has arrived."""
        return not self._due

    @property
    def wants(self) -> bool:
        """Whether there is room for more."""
        return self._unknown is None and len(self._due) <= ROOM - READ and time.monotonic() >= self._rests_until

    @property
    def wants_first(self) -> bool:
        """Whether it wants messages and has none, for those that are read again until they are recorded as sent."""
        return self.is_empty and self.wants

    @property
    def has_more(self) -> bool:
        """Whether a message may go out now."""
        return bool(self._ready) or self._is_before_unknown

    def add(self, messages: Iterable[Outgoing]) -> None:
        for message in messages:
            if self._unknown is not None:
                break
            due = _Due(message)
            self._due.append(due)
            self.read, key = message.mark, message.key
            if message.value is None:
                self._unknown = due
            elif key is None:
                self._ready.append(due)
            elif key not in self._behind:
                self._behind[key] = None
                self._ready.append(due)
            elif (waiting := self._behind[key]) is None:
                self._behind[key] = deque((due,))
            else:
                waiting.append(due)

    @property
    def has_landed(self) -> bool:
        """Whether the message that is longest under way has arrived, or never will."""
        return bool(self._under_way) and bool(self._under_way[0].future.is_done)

    def send(self, producer: KafkaProducer) -> int:
        """How many messages have gone out. Raises `KafkaError` where the topic does not take them, and `NoContract`
        for what no contract tells of: when all before it has arrived."""
        if self._is_before_unknown:
            raise NoContract(self._due[0].message.type.decode())
        many, ready = 0, self._ready
        while ready:
            due = ready[0]
            message = due.message
            many += 1
            due.future = producer.send(
                self.topic, value=message.value, key=message.key, headers=message.headers(replayed=self.replayed)
            )
            self._under_way.append(ready.popleft())
        return many

    def land(self) -> bool:
        """Whether any has arrived since. Raises what kept one from arriving."""
        any_, under_way = False, self._under_way
        while under_way and (future := under_way[0].future).is_done:
            due = under_way.popleft()
            if (fault := future.exception) is not None:
                raise fault if isinstance(fault, KafkaError) else KafkaError(str(fault))
            due.arrived = any_ = True
            if due.message.key is not None:
                self._follow(due.message.key)
        if any_:
            self.failures = 0
        return any_

    def complete(self) -> list[int]:
        """The marks of those that have arrived, up to the first that has not; they are this lane's no more."""
        found, due = [], self._due
        while due and due[0].arrived:
            found.append(due.popleft().message.mark)
        return found

    def begin_anew(self, after: int) -> None:
        """From behind this mark, after a while: what had not arrived is sent again, and what is behind it."""
        self._due.clear()
        self._ready.clear()
        self._under_way.clear()
        self._behind.clear()
        self._unknown = None
        self.read = after
        self._rests_until = time.monotonic() + PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1

    def wait(self, seconds: float) -> None:
        """For the message that is longest under way, no longer than this."""
        with suppress(KafkaError):
            self._under_way[0].future.get(timeout=seconds)

    @property
    def _is_before_unknown(self) -> bool:
        """Whether all that comes before it has arrived."""
        return self._unknown is not None and self._due[0] is self._unknown

    def _follow(self, referral: bytes) -> None:
        waiting = self._behind[referral]
        if waiting:
            self._ready.append(waiting.popleft())
        else:
            del self._behind[referral]
