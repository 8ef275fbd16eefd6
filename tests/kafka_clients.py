"""What an agency, or somebody who is none, tries at a broker."""

import time

from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import for_code
from kafka.protocol.consumer import FetchRequest
from kafka.structs import TopicPartition

from infra.kafka.access import Access
from infra.kafka.clients import administrator

PATIENCE = 20.0


def take_away(access: Access, *gone: str) -> None:
    """These topics, and waits until they are gone: who makes one anew at once may find the old one still."""
    with administrator(access) as client:
        there = set(client.list_topics()) & set(gone)
        if there:
            client.delete_topics(sorted(there))
        while set(client.list_topics()) & there:
            time.sleep(0.05)


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


def fetch(access: Access, topic: str, partition: int = 0) -> bytes:
    """What a broker gives to whoever asks for a topic by its name, without being told first where it is: raises
    kafka-python's error where it refuses."""
    asked = FetchRequest.FetchTopic.FetchPartition(partition=partition, fetch_offset=0, partition_max_bytes=1 << 20)
    request = FetchRequest(
        max_wait_ms=500,
        min_bytes=1,
        max_bytes=1 << 20,
        topics=[FetchRequest.FetchTopic(topic=topic, partitions=[asked])],
        max_version=12,
    )
    with administrator(access) as client:
        answer = client._manager.run(client._manager.send, request)
        (found,) = answer.responses[0].partitions
        if found.error_code:
            raise for_code(found.error_code)
        return bytes(found.records or b"")
