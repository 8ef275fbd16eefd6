"""A partner of these tests: what stands in its topics, and how it answers; and what the programs share."""

import json
import os
import signal
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from kafka.consumer import KafkaConsumer
from kafka.producer import KafkaProducer
from kafka.structs import TopicPartition

from consumers import topics
from consumers.points import Point, Reached

READ_WITHIN_MS = 10_000


def access_in(file: str) -> dict[str, Any]:
    """How clients of the broker are configured, as `write_access` left it."""
    found: dict[str, Any] = json.loads(Path(file).read_text())
    return found


def write_access(file: Path, client: dict[str, Any]) -> Path:
    file.write_text(json.dumps(client))
    return file


def dying(at: Point | None, times: int) -> Reached:
    """Kills this process when it gets to the point for the so many-th time."""
    left = threading.Semaphore(times - 1)

    def reached(point: Point) -> None:
        if point is at and not left.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def standing_in(topic: str, client: dict[str, Any]) -> list[Any]:
    """All records of a topic, each partition's in order."""
    consumer = KafkaConsumer(**client, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        consumer.seek_to_beginning(*partitions)
        found: list[Any] = []
        while any(consumer.position(tp) < ends[tp] for tp in partitions):
            polled = consumer.poll(timeout_ms=READ_WITHIN_MS)
            assert polled, f"{topic} ends before {ends}"
            found += [record for records in polled.values() for record in records]
        return found
    finally:
        consumer.close()


def message_in(record: Any) -> dict[str, Any]:
    """The body, with the id of the message."""
    return {**json.loads(record.value), "id": dict(record.headers)["ce_id"].decode()}


class Answers:
    """Writes to the topic of an agency's answers."""

    def __init__(self, agency: UUID, client: dict[str, Any]) -> None:
        self.agency = agency
        self._producer = KafkaProducer(**client, acks="all", allow_auto_create_topics=False)

    def send(self, action: str, referral: UUID, *, id_: str | None = None, source: str = "", **content: Any) -> str:
        """Returns the id of the answer, which the broker has when this returns."""
        body = json.dumps({"referral": str(referral), **content}).encode()
        return self.raw(body, action=action, key=str(referral).encode(), id_=id_, source=source)

    def raw(
        self, body: bytes, *, action: str = "accept", key: bytes | None = None, id_: str | None = None, source: str = ""
    ) -> str:
        answer = id_ or str(uuid4())
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", answer.encode()),
            ("ce_source", (source or f"/agencies/{self.agency}").encode()),
            ("ce_type", f"rujukan.reply.{action}.v1".encode()),
        ]
        self._producer.send(topics.replies(self.agency), value=body, key=key, headers=headers).get(timeout=30)
        return answer

    def close(self) -> None:
        self._producer.close()


def assert_all_told_in_order(expected: Iterable[tuple[int, str]], records: Iterable[Any]) -> None:
    """Every message (position and referral) is there at least once; of each referral the first of each are in order;
    and one that is there again is the same, byte for byte."""
    first: dict[str, bytes] = {}
    seen: dict[str, list[int]] = {}
    for record in records:
        message = message_in(record)
        before = first.setdefault(message["id"], record.value)
        assert before == record.value
        order = seen.setdefault(message["referral"], [])
        if message["position"] not in order:
            order.append(message["position"])
    assert all(order == sorted(order) for order in seen.values()), "a referral's messages are out of order"
    found = {(position, referral) for referral, order in seen.items() for position in order}
    assert found == set(expected)
