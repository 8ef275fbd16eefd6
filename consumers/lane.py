"""One topic's way of messages: what was read and not sent yet, what is under way, and patience where it is blocked."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from kafka.errors import KafkaError
from kafka.producer import KafkaProducer

from consumers.contracts import Message

Row = Mapping[str, Any]

PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds for which a topic is left alone after each failure in a row."""


@dataclass
class Lane:
    """Rows come in the order of their mark and go out in chunks, the next when the broker has all of the one before.

    No chunk holds two rows of one referral: the second could arrive where the first is lost. `translate` makes the
    message of a row.
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
    _waiting: deque[Row] = field(default_factory=deque)
    _under_way: list[Any] = field(default_factory=list)
    _landed: int = 0
    _chunk: Sequence[Row] = ()
    _rests_until: float = 0.0

    @property
    def in_flight(self) -> bool:
        return bool(self._chunk)

    @property
    def wants(self) -> bool:
        """Whether there is room for rows."""
        return not self._waiting and self._is_free

    @property
    def has_more(self) -> bool:
        """Whether there is something to send, and nothing under way."""
        return bool(self._waiting) and self._is_free

    @property
    def _is_free(self) -> bool:
        return not self._chunk and time.monotonic() >= self._rests_until

    def add(self, row: Row) -> None:
        self._waiting.append(row)
        self.read = row[self.mark]

    def send(self, producer: KafkaProducer) -> int:
        """How many messages are under way now. Raises `KafkaError` where the topic does not take them, and
        what `translate` raises."""
        self._chunk, self._landed = self._next_chunk(), 0
        self._under_way = [self._send(producer, self.translate(row)) for row in self._chunk]
        return len(self._chunk)

    def landed(self) -> Sequence[Row] | None:
        """The chunk that has arrived; None while there is none. Raises what kept a message of it from arriving."""
        if not self._chunk:
            return None
        while self._landed < len(self._under_way) and self._under_way[self._landed].is_done:
            self._landed += 1
        if self._landed < len(self._under_way):
            return None
        fault = next((future.exception for future in self._under_way if future.failed()), None)
        chunk, self._chunk, self._under_way = self._chunk, (), []
        if fault is not None:
            raise fault if isinstance(fault, KafkaError) else KafkaError(str(fault))
        self.failures = 0
        return chunk

    def begin_anew(self, after: int) -> None:
        """From behind this mark, after a while: what was under way is sent again."""
        self._waiting.clear()
        self._chunk, self._under_way = (), []
        self.read = after
        self._rests_until = time.monotonic() + PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1

    def wait(self, seconds: float) -> None:
        """For the chunk under way to arrive, no longer than this."""
        with suppress(KafkaError):
            self._under_way[self._landed].get(timeout=seconds)

    def _send(self, producer: KafkaProducer, message: Message) -> Any:
        headers = message.headers(replayed=self.replayed)
        return producer.send(self.topic, value=message.value, key=message.key, headers=headers)

    def _next_chunk(self) -> list[Row]:
        chunk: list[Row] = []
        seen = set()
        while self._waiting and self._waiting[0]["referral"] not in seen:
            row = self._waiting.popleft()
            chunk.append(row)
            if row["referral"] is not None:
                seen.add(row["referral"])
        return chunk
