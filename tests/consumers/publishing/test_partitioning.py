"""A message goes to the partition where any client of Kafka would look for its key."""

from uuid import UUID, uuid4

from kafka.producer import KafkaProducer

from consumers import topics
from consumers.publishing.partitioning import RememberingPartitioner
from infra.kafka.access import Access
from infra.kafka.administration import Shape, administration

KEYS = [str(UUID(int=number * 2**97 + number)).encode() for number in range(60)]


def partitions_of(producer: KafkaProducer, topic: str) -> list[int]:
    """Where it puts each of the keys."""
    try:
        futures = [producer.send(topic, key=key, value=b"{}") for key in KEYS * 2]
        return [future.get(timeout=30).partition for future in futures]
    finally:
        producer.close()


def test_each_key_goes_where_the_librarys_own_partitioner_puts_it(broker: Access) -> None:
    agency = uuid4()
    with administration(broker, Shape(retention_days=1, replicas=1, partitions=3)) as administering:
        administering.add(agency)
    topic = topics.referrals(agency)
    theirs = partitions_of(KafkaProducer(**broker.client()), topic)
    ours = partitions_of(KafkaProducer(**broker.client(), partitioner=RememberingPartitioner()), topic)
    assert ours == theirs
    assert set(ours) == {0, 1, 2}


def test_what_has_no_key_goes_anywhere(broker: Access) -> None:
    agency = uuid4()
    with administration(broker, Shape(retention_days=1, replicas=1, partitions=3)) as administering:
        administering.add(agency)
    producer = KafkaProducer(**broker.client(), partitioner=RememberingPartitioner())
    try:
        sent = [producer.send(topics.referrals(agency), value=b"{}") for _ in range(3)]
        assert {future.get(timeout=30).partition for future in sent} <= {0, 1, 2}
    finally:
        producer.close()
