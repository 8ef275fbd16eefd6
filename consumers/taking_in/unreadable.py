"""Messages that the Kafka client cannot read, such as one with a header whose name is not UTF-8.

The client gives nothing of any partition from such a message on, and does not say which one it has stopped at: for that
alone it is looked into. Left where it is, it would look for more for ever.
"""

from collections.abc import Collection, Iterator
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
"""Places of a partition that are looked for before others are read again, who wait meanwhile."""


def stopped_at(consumer: KafkaConsumer) -> TopicPartition | None:
    """The partition at which polling has raised; None where it was at none."""
    reading = consumer._fetcher._next_partition_records
    return reading.topic_partition if reading else None


def unreadable(
    access: dict[str, Any], consumer: KafkaConsumer, among: Collection[TopicPartition]
) -> Iterator[tuple[TopicPartition, int]]:
    """The place of each message of these partitions that keeps this consumer from reading on. Another one reads them
    anew, so that nothing is taken for unreadable which was only damaged on its way. With such a message goes what its
    sender put behind it in the same batch, each by its own place. Of many some are told of, and the others the next
    time."""
    ends = consumer.end_offsets(among)
    with client(KafkaConsumer, {**access, "enable_auto_commit": False}, timeout_ms=READ_WITHIN_MS) as other:
        for tp, end in ends.items():
            offset = consumer.position(tp)
            until = min(end, offset + AT_A_TIME)
            other.assign([tp])
            while offset < until and not _is_readable(other, tp, offset):
                yield tp, offset
                offset += 1


def _is_readable(consumer: KafkaConsumer, tp: TopicPartition, offset: int) -> bool:
    consumer.seek(tp, offset)
    try:
        consumer.poll(timeout_ms=READ_WITHIN_MS, max_records=1)
    except UNREADABLE:
        return False
    return True
