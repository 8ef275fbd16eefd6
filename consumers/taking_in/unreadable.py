"""Messages that the Kafka client cannot read, such as one with a header whose name is not UTF-8.

The client gives nothing of a partition from such a message on, and does not say which one it is.
"""

from collections.abc import Iterator
from typing import Any

from kafka.consumer import KafkaConsumer
from kafka.errors import CorruptRecordError, UnsupportedCodecError
from kafka.structs import TopicPartition

from consumers.clients import client
from consumers.replies import Malformed

UNREADABLE = (CorruptRecordError, UnsupportedCodecError)
"""What polling raises for such a message, and for one that was damaged on its way."""
REFUSAL = Malformed("unreadable", "The message, or one before it in its batch, is not made as Kafka's messages are.")
READ_WITHIN_MS = 1_000
AT_A_TIME = 50
"""Places that are looked for before others are read again, who wait meanwhile."""


def unreadable(access: dict[str, Any], consumer: KafkaConsumer) -> Iterator[tuple[TopicPartition, int]]:
    """The place of each message that keeps this consumer from reading on. Another one reads them anew, so that nothing
    is taken for unreadable which was only damaged on its way. With such a message goes what its sender put behind it
    in the same batch, each by its own place. Of many some are told of, and the others the next time."""
    ends = consumer.end_offsets(consumer.assignment())
    left = AT_A_TIME
    with client(KafkaConsumer, {**access, "enable_auto_commit": False}, timeout_ms=READ_WITHIN_MS) as other:
        for tp, end in ends.items():
            offset = consumer.position(tp)
            other.assign([tp])
            while left and offset < end and not _is_readable(other, tp, offset):
                yield tp, offset
                offset, left = offset + 1, left - 1


def _is_readable(consumer: KafkaConsumer, tp: TopicPartition, offset: int) -> bool:
    consumer.seek(tp, offset)
    try:
        consumer.poll(timeout_ms=READ_WITHIN_MS, max_records=1)
    except UNREADABLE:
        return False
    return True
