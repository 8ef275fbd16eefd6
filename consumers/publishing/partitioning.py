"""Which partition of its topic a message goes to."""

from functools import lru_cache
from typing import Any

from kafka.partitioner.default import DefaultPartitioner, murmur2

REMEMBERED = 100_000
"""Keys whose hash is remembered, some 20 MB."""


class RememberingPartitioner(DefaultPartitioner):  # type: ignore[misc]
    """Where the library's own, and Kafka's, would put it; a referral has several messages, and to hash its key in
    Python takes longer than to translate one."""

    def __init__(self) -> None:
        self._hash = lru_cache(REMEMBERED)(murmur2)

    def partition(
        self, topic: str, key: Any, serialized_key: bytes | None, value: Any, serialized_value: Any, cluster: Any
    ) -> int:
        partitions = None if serialized_key is None else cluster.partitions_for_topic(topic)
        if not partitions:
            return int(super().partition(topic, key, serialized_key, value, serialized_value, cluster))
        return int(sorted(partitions)[(self._hash(serialized_key) & 0x7FFFFFFF) % len(partitions)])
