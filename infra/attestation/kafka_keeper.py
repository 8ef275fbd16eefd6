"""Keeps the last checkpoint on the Kafka cluster, which whoever restores or changes the database does not change."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from kafka.consumer import KafkaConsumer
from kafka.errors import TopicAlreadyExistsError
from kafka.producer import KafkaProducer
from kafka.structs import TopicPartition

from consumers.clients import client
from consumers.publishing.publisher import PRODUCER
from infra.kafka.access import Access
from infra.kafka.clients import administrator

TOPIC = "rujukan.log.checkpoints.v1"
"""One partition, so that the last message is the last checkpoint; compacted, so that it stays for ever."""
WITHIN = 15.0
"""Seconds for the cluster to take a checkpoint, or to give the last."""
READER: dict[str, Any] = {
    "group_id": None,
    "enable_auto_commit": False,
    "isolation_level": "read_committed",
    "allow_auto_create_topics": False,
    "bootstrap_timeout_ms": 5_000,
}


class Silent(Exception):
    """The cluster has a checkpoint and did not give it."""


class KafkaKeeper:
    """Implements `consumers.auditing.attesting.Keeper`; methods raise what kafka-python does, and `BrokerError`."""

    is_near = False

    def __init__(self, producer: KafkaProducer, access: Access, origin: str, replicas: int, topic: str) -> None:
        self.name = place(topic)
        self._producer = producer
        self._access = access
        self._origin = origin
        self._replicas = replicas
        self._topic = topic

    def last(self) -> str | None:
        self._ensure_topic()
        return _last(self._access, self._topic)

    def keep(self, note: str) -> None:
        """Returns when all replicas have it."""
        self._producer.send(self._topic, note.encode(), key=self._origin.encode(), partition=0).get(timeout=WITHIN)

    def _ensure_topic(self) -> None:
        shape = {
            "num_partitions": 1,
            "replication_factor": self._replicas,
            "configs": {"cleanup.policy": "compact", "min.insync.replicas": str(min(2, self._replicas))},
        }
        with administrator(self._access) as administering:
            if self._topic in administering.list_topics():
                return
            with suppress(TopicAlreadyExistsError):
                administering.create_topics({self._topic: shape})
            administering.wait_for_topics([self._topic])


def place(topic: str = TOPIC) -> str:
    """As words in a sentence."""
    return f"the topic {topic}"


def last_kept(access: Access, topic: str = TOPIC) -> str | None:
    """The checkpoint that was kept last, for who signs none: no topic is made. Raises as a `KafkaKeeper` does."""
    with administrator(access) as administering:
        there = topic in administering.list_topics()
    return _last(access, topic) if there else None


def _last(access: Access, topic: str) -> str | None:
    partition = TopicPartition(topic, 0)
    with client(KafkaConsumer, {**access.client(), **READER}) as consumer:
        consumer.assign([partition])
        end = consumer.end_offsets([partition])[partition]
        if end == 0:
            return None
        consumer.seek(partition, end - 1)
        polled = consumer.poll(timeout_ms=int(WITHIN * 1000)).get(partition, [])
    if not polled:
        raise Silent(f"Kafka does not give the last message of {topic}.")
    return str(polled[-1].value.decode("utf-8", "replace"))


@contextmanager
def kafka_keeper(access: Access, origin: str, replicas: int, topic: str = TOPIC) -> Iterator[KafkaKeeper]:
    """Raises what kafka-python does where the cluster does not answer."""
    with client(KafkaProducer, {**access.client(), **PRODUCER}, timeout=5.0) as producer:
        yield KafkaKeeper(producer, access, origin, replicas, topic)
