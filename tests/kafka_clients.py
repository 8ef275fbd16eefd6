"""What an agency, or somebody who is none, tries at a broker."""

from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from infra.kafka.access import Access

PATIENCE = 20.0


def write(access: Access, topic: str, *values: bytes) -> None:
    """Raises kafka-python's error of whoever may not."""
    producer = KafkaProducer(
        **access.client(), acks="all", max_block_ms=int(PATIENCE * 1000), allow_auto_create_topics=False
    )
    try:
        for value in values:
            producer.send(topic, value).get(timeout=PATIENCE)
    finally:
        producer.close(timeout=5)


def read(access: Access, topic: str, *, group: str | None = None, atleast: int = 1) -> list[bytes]:
    """What stands in the topic, once there are so many messages; by a group, or without one. Raises kafka-python's
    error of whoever may not."""
    consumer = KafkaConsumer(
        **access.client(), group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
        allow_auto_create_topics=False, consumer_timeout_ms=int(PATIENCE * 1000),
    )  # fmt: skip
    try:
        if group is None:
            partitions = consumer.partitions_for_topic(topic) or {0}
            consumer.assign([TopicPartition(topic, number) for number in partitions])
        else:
            consumer.subscribe([topic])
        found: list[bytes] = []
        for record in consumer:
            found.append(record.value)
            if len(found) >= atleast:
                break
        if group is not None:
            consumer.commit()
        return found
    finally:
        consumer.close()
