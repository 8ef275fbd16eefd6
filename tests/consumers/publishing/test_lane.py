"""One topic's way of messages: which may go out, and when."""

from uuid import uuid4

import pytest
from kafka.producer import KafkaProducer

from consumers import topics
from consumers.contracts import NoContract
from consumers.publishing.lane import Lane
from consumers.publishing.outgoing import Outgoing
from consumers.publishing.publisher import PRODUCER
from infra.kafka.access import Access
from infra.kafka.administration import Shape, administration

WITHIN = 30.0
HELD_BACK_MS = 1_500


def test_what_no_contract_tells_of_does_not_go_out_before_what_is_under_way_has_arrived(broker: Access) -> None:
    """Nor is it said to: whoever waits for something to send would not wait."""
    agency = uuid4()
    with administration(broker, Shape(retention_days=1, replicas=1)) as administering:
        administering.add(agency)
    producer = KafkaProducer(**{**broker.client(), **PRODUCER, "linger_ms": HELD_BACK_MS})
    lane = Lane(topics.referrals(agency), 0)
    lane.add([Outgoing(1, b"known", b"1", b"", b"a", b"{}"), Outgoing(2, b"of.tomorrow"), Outgoing(3, b"known")])
    assert lane.has_more
    assert lane.send(producer) == 1
    assert not lane.has_more
    assert lane.send(producer) == 0
    lane.wait(WITHIN)
    assert lane.land()
    assert lane.complete() == [1]
    assert lane.has_more
    with pytest.raises(NoContract, match=r"of\.tomorrow"):
        lane.send(producer)
    producer.close()
