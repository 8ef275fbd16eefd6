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
from tests.faults.partner import standing_in

WITHIN = 30.0
HELD_BACK_MS = 500


def test_before_what_no_contract_tells_of_everything_arrives_once_and_nothing_behind_it(broker: Access) -> None:
    """Those of a referral that wait for each other too; and nobody looks for it every millisecond meanwhile."""
    agency = uuid4()
    with administration(broker, Shape(retention_days=1, replicas=1)) as administering:
        administering.add(agency)
    producer = KafkaProducer(**{**broker.client(), **PRODUCER, "linger_ms": HELD_BACK_MS})
    lane = Lane(topics.referrals(agency), 0)
    lane.add([message(1), message(2), message(3), message(4, b"other"), Outgoing(5, b"of.tomorrow"), message(6)])
    assert not lane.wants
    assert lane.send(producer) == 2
    assert not lane.has_more
    arrived: list[int] = []
    while not arrived or arrived[-1] < 4:
        lane.wait(WITHIN)
        lane.land()
        arrived += lane.complete()
        if lane.held > 1:
            lane.send(producer)
    assert lane.has_more
    with pytest.raises(NoContract, match=r"of\.tomorrow"):
        lane.send(producer)
    producer.close()
    assert arrived == [1, 2, 3, 4]
    found = standing_in(lane.topic, broker.client())
    assert sorted(dict(record.headers)["ce_id"] for record in found) == [b"1", b"2", b"3", b"4"]


def message(mark: int, referral: bytes = b"one") -> Outgoing:
    return Outgoing(mark, b"known", str(mark).encode(), b"", referral, b"{}")
