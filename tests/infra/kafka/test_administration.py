"""What a partner may do on a real broker, and what nobody else may."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource
from kafka.errors import (
    AuthorizationError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
)
from kafka.structs import TopicPartition

from consumers import topics
from infra.kafka import rights
from infra.kafka.access import Access
from infra.kafka.administration import Administration, Existing, Shape, administration
from infra.kafka.clients import administrator, proves
from infra.kafka.errors import BrokerError
from tests.kafka_clients import fetch, read, write

SHAPE = Shape(retention_days=30, replicas=1)


@dataclass(frozen=True)
class Partner:
    agency: UUID
    access: Access


@pytest.fixture(scope="module")
def administering(broker: Access) -> Iterator[Administration]:
    with administration(broker, SHAPE) as administering:
        yield administering


def partner(broker: Access, administering: Administration) -> Partner:
    agency = uuid4()
    credential = administering.add(agency)
    return Partner(agency, broker.of(credential.user, credential.password))


@pytest.fixture(scope="module")
def one(broker: Access, administering: Administration) -> Partner:
    return partner(broker, administering)


@pytest.fixture(scope="module")
def other(broker: Access, administering: Administration) -> Partner:
    found = partner(broker, administering)
    write(broker, topics.referrals(found.agency), b"for the other")
    write(broker, topics.rejected(found.agency), b"for the other")
    write(found.access, topics.replies(found.agency), b"of the other")
    return found


def test_it_reads_what_is_meant_for_it_and_writes_its_replies(broker: Access, one: Partner) -> None:
    write(broker, topics.referrals(one.agency), b"a referral")
    write(broker, topics.rejected(one.agency), b"a rejection")
    assert read(one.access, topics.referrals(one.agency), group=f"{one.agency}.desk") == [b"a referral"]
    assert read(one.access, topics.rejected(one.agency)) == [b"a rejection"]
    assert b"a rejection" in b"".join(fetch(one.access, topics.rejected(one.agency), number) for number in range(3))
    write(one.access, topics.replies(one.agency), b"a reply")
    assert read(broker, topics.replies(one.agency)) == [b"a reply"]


@pytest.mark.parametrize("name", topics.all_of(UUID(int=0)))
def test_it_neither_reads_nor_writes_the_topics_of_another(one: Partner, other: Partner, name: str) -> None:
    topic = name.replace(str(UUID(int=0)), str(other.agency))
    with pytest.raises(BrokerError, match="TopicAuthorizationFailedError"):
        fetch(one.access, topic)
    with pytest.raises(AuthorizationError):
        write(one.access, topic, b"mine")


def test_it_writes_nothing_but_replies_and_does_not_read_those(one: Partner) -> None:
    for topic in (topics.referrals(one.agency), topics.rejected(one.agency)):
        with pytest.raises(TopicAuthorizationFailedError):
            write(one.access, topic, b"made up")
    with pytest.raises(BrokerError, match="TopicAuthorizationFailedError"):
        fetch(one.access, topics.replies(one.agency))


@pytest.mark.parametrize("topic", ["__consumer_offsets", "rujukan.made-up", "orders"])
def test_it_reaches_no_topic_of_the_cluster_itself_and_makes_none(broker: Access, one: Partner, topic: str) -> None:
    with administrator(broker) as client:
        there = client.list_topics()
    for attempt in (lambda: write(one.access, topic, b"mine"), lambda: fetch(one.access, topic)):
        with pytest.raises((KafkaError, BrokerError)):
            attempt()
    with administrator(broker) as client:
        assert (topic in client.list_topics()) == (topic in there)


def test_it_keeps_its_place_in_groups_of_its_own_name_alone(one: Partner, other: Partner) -> None:
    for group in ("rujukan-intake", f"{other.agency}.desk", str(one.agency)):
        with pytest.raises(GroupAuthorizationFailedError):
            read(one.access, topics.referrals(one.agency), group=group)


def test_it_administers_nothing(one: Partner, other: Partner) -> None:
    with pytest.raises(BrokerError, match="does not allow"), administrator(one.access) as client:
        client.describe_acls(rights.everything_of(topics.principal(other.agency)))
    with pytest.raises(BrokerError), administration(one.access, SHAPE) as administering:
        administering.add(uuid4())
    for act in (Administration.rotate, Administration.revoke):
        with pytest.raises(BrokerError), administration(one.access, SHAPE) as administering:
            act(administering, other.agency)
    assert proves(other.access)


def test_it_sees_its_own_topics_alone(one: Partner, other: Partner) -> None:
    with administrator(one.access) as client:
        assert sorted(client.list_topics()) == sorted(topics.all_of(one.agency))


def test_topics_are_made_as_the_settings_say(broker: Access, administering: Administration, one: Partner) -> None:
    with administrator(broker) as client:
        found = client.describe_topics(list(topics.all_of(one.agency)))
        configs = [ConfigResource("TOPIC", topics.referrals(one.agency))]
        config = client.describe_configs(configs, config_filter="all")["topic"][topics.referrals(one.agency)]
    assert [len(topic["partitions"]) for topic in found] == [3, 3, 3]
    assert config["retention.ms"]["value"] == str(30 * 24 * 60 * 60 * 1000)
    assert administering.existing(one.agency).topics == set(topics.all_of(one.agency))


@pytest.mark.parametrize("made_before", [False, True])
def test_how_long_a_message_is_kept_goes_by_the_brokers_clock(
    broker: Access, administering: Administration, made_before: bool
) -> None:
    """One whose sender's clock is wrong would be deleted unread."""
    agency = uuid4()
    if made_before:
        with administrator(broker) as client:
            client.create_topics(
                {name: {"num_partitions": 1, "replication_factor": 1} for name in topics.all_of(agency)}
            )
    administering.add(agency)
    producer = KafkaProducer(**broker.client())
    long_ago = int((time.time() - 40 * 86_400) * 1000)
    for topic in topics.all_of(agency):
        stamped = producer.send(topic, value=b"{}", timestamp_ms=long_ago).get(timeout=30).timestamp
        assert abs(stamped / 1000 - time.time()) < 60
    producer.close()


def test_what_was_cut_short_is_made_whole_by_doing_it_again(broker: Access, administering: Administration) -> None:
    agency = uuid4()
    first, *_ = topics.all_of(agency)
    with administrator(broker) as client:
        client.create_topics({first: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
        client.create_acls(rights.of(agency)[:2])
    administering.add(agency)
    once = administering.existing(agency)
    assert (once.topics, once.rights, once.credential) == (set(topics.all_of(agency)), set(rights.of(agency)), True)
    credential = administering.add(agency)
    assert administering.existing(agency) == once
    assert proves(broker.of(credential.user, credential.password))


def test_after_a_rotation_the_new_secret_alone_is_taken(broker: Access, administering: Administration) -> None:
    before = partner(broker, administering)
    credential = administering.rotate(before.agency)
    assert proves(broker.of(credential.user, credential.password))
    assert not proves(before.access)
    assert credential.password not in repr(credential)


def test_a_revoked_partner_is_out_at_once_and_its_topics_stay(broker: Access, administering: Administration) -> None:
    revoked = partner(broker, administering)
    topic = topics.referrals(revoked.agency)
    write(broker, topic, b"before")
    consumer = KafkaConsumer(**revoked.access.client(), enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(3)])
        assert [record.value for record in _polled(consumer)] == [b"before"]
        administering.revoke(revoked.agency)
        write(broker, topic, b"after")
        with pytest.raises(AuthorizationError):
            _polled(consumer)
    finally:
        consumer.close()
    assert not proves(revoked.access)
    assert administering.existing(revoked.agency) == Existing(
        frozenset(topics.all_of(revoked.agency)),
        frozenset(),
        credential=True,  # of a secret that nobody was told
    )
    assert {*read(broker, topic, atleast=2)} == {b"before", b"after"}
    administering.revoke(revoked.agency)
    again = administering.add(revoked.agency)
    assert {*read(broker.of(again.user, again.password), topic, atleast=2)} == {b"before", b"after"}


def _polled(consumer: KafkaConsumer) -> list[object]:
    for _ in range(20):
        polled = consumer.poll(timeout_ms=1000)
        if polled:
            return [record for records in polled.values() for record in records]
    raise AssertionError("nothing came")


@pytest.mark.parametrize("error", [SaslAuthenticationFailedError, ClusterAuthorizationFailedError, KafkaError])
def test_what_the_cluster_refuses_is_told_on_one_line(broker: Access, error: type[KafkaError]) -> None:
    with pytest.raises(BrokerError) as caught, administrator(broker):
        raise error("first\nsecond")
    assert "\n" not in str(caught.value)


def test_a_cluster_that_does_not_answer_is_told_of_on_one_line_and_leaves_no_thread(broker: Access) -> None:
    before = threading.active_count()
    away = Access(("127.0.0.1:1",), broker.protocol, user="rujukan", password="hidden")
    with pytest.raises(BrokerError, match=r"^Kafka at 127\.0\.0\.1:1 does not answer\.$"), administrator(away, 1.0):
        pass
    assert threading.active_count() == before
