"""The last checkpoint is on the Kafka cluster too, where a backup of the database does not reach it."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from kafka.admin import ConfigResource

from consumers.auditing.attesting import Denied
from infra.attestation.kafka_keeper import KafkaKeeper, kafka_keeper
from infra.kafka.access import Access
from infra.kafka.clients import administrator
from tests.consumers.auditing.log_with_tree import ORIGIN, LogWithTree


@pytest.fixture
def topic() -> str:
    """One of the test's own, on the broker that all tests of the run share."""
    return f"checkpoints.{uuid4().hex}"


@pytest.fixture
def keeper(broker: Access, topic: str) -> Iterator[KafkaKeeper]:
    with kafka_keeper(broker, ORIGIN, 1, topic) as found:
        yield found


def test_the_last_one_is_told_whoever_asks(broker: Access, topic: str, keeper: KafkaKeeper) -> None:
    assert keeper.last() is None
    for note in ("first", "second", "dritte — note"):
        keeper.keep(note)
        assert keeper.last() == note
    with kafka_keeper(broker, ORIGIN, 1, topic) as another:
        assert another.last() == "dritte — note"


def test_it_stays_for_ever(broker: Access, topic: str, keeper: KafkaKeeper) -> None:
    keeper.last()
    with administrator(broker) as administering:
        found = administering.describe_configs([ConfigResource("TOPIC", topic)], config_filter="all")
    assert "compact" in str(found["topic"][topic]["cleanup.policy"])


def test_a_backup_of_the_database_and_of_all_files_is_found_out(database: str, topic: str, keeper: KafkaKeeper) -> None:
    log = LogWithTree(database)
    attesting = log.attesting().beside(keeper)
    with log.session() as session:
        yesterday = attesting.attest(session)
        kept = list(log.safe.notes)
        log.register("of the day that was lost")
        end = attesting.attest(session).size
        log.safe.notes = kept
        log.changed(
            f"DELETE FROM rujukan_events WHERE notification_id > {yesterday.size}",
            "DELETE FROM log_tiles",
            f"DELETE FROM checkpoints WHERE size > {yesterday.size}",
        )
        with pytest.raises(Denied, match=f"the checkpoint kept in the topic {topic} is of {end}"):
            attesting.attest(session)
    log.close()
