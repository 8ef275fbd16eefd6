"""A partner is sent what happened to its referrals from its own position on, and again where it asks."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from kafka.admin import KafkaAdminClient
from kafka.producer import KafkaProducer
from psycopg.rows import dict_row

from consumers import partners, topics
from consumers.publishing.publisher import PRODUCER, Publisher, left_out
from consumers.publishing.replaying import NotToldYet, replay
from consumers.publishing.sending import Sending
from infra.kafka.access import Access
from infra.kafka.administration import Shape, administration
from infra.persistence import session_parameters
from projections import referral_feed
from tests.api.rig import OFFICER, Rig
from tests.faults.partner import standing_in

WITHIN = 30.0


class Partner:
    """An agency with topics of its own on the run's broker."""

    def __init__(self, rig: Rig, broker: Access) -> None:
        self.rig = rig
        self.broker = broker
        agency, self.officer = rig.agency()
        self.agency = UUID(agency)
        self.service = rig.service(agency)
        with administration(broker, Shape(retention_days=1, replicas=1)) as administering:
            administering.add(self.agency)

    def added(self, position: int) -> None:
        with self.session() as connection:
            partners.add(connection, self.agency, position)

    def session(self) -> psycopg.Connection[dict[str, Any]]:
        session: Any = {**session_parameters(self.rig.url), "autocommit": True, "row_factory": dict_row}
        return psycopg.connect(**session)

    def referral(self) -> str:
        return self.rig.referral(self.rig.household(), self.service)

    def messages(self) -> list[Any]:
        return standing_in(topics.referrals(self.agency), self.broker.client())

    def sent_up_to(self) -> int:
        with self.session() as connection:
            return partners.sent_up_to(connection, self.agency) or 0

    @contextmanager
    def published(self) -> Iterator[None]:
        """While inside, a publisher is at work."""
        stop = threading.Event()
        thread = threading.Thread(target=Publisher(self.session, self.broker.client()).run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(WITHIN)
            assert not thread.is_alive()


@pytest.fixture
def partner(rig: Rig, broker: Access) -> Partner:
    return Partner(rig, broker)


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def head(rig: Rig) -> int:
    """With every projection come so far."""
    rig.latest("/v1/referrals")
    return rig.services.log.head()


def event(record: Any) -> Any:
    return from_binary(KafkaMessage(dict(record.headers), record.key, record.value), JSONFormat())


def test_each_step_of_a_referral_is_a_message_that_a_cloudevents_library_reads(partner: Partner) -> None:
    partner.added(0)
    with partner.published():
        referral = partner.referral()
        partner.rig.post(f"/v1/referrals/{referral}/accept", who=partner.officer, expect=200)
        until(lambda: partner.sent_up_to() == head(partner.rig))
    found = [event(record) for record in partner.messages()]
    assert [e.get_type() for e in found] == ["rujukan.referral.sent.v1", "rujukan.referral.accepted.v1"]
    assert {e.get_subject() for e in found} == {referral}
    assert {e.get_source() for e in found} == {"/rujukan"}
    assert [e.get_data()["state"] for e in found] == ["sent", "accepted"]
    assert found[0].get_id() == f"{found[0].get_data()['position']}.rujukan.referral.sent.v1.{partner.agency}"
    assert found[0].get_extension("partitionkey") == referral


def test_a_new_partner_is_sent_what_comes_after_its_own_position(partner: Partner) -> None:
    partner.referral()
    partner.added(head(partner.rig))
    later = partner.referral()
    with partner.published():
        until(lambda: partner.sent_up_to() == head(partner.rig))
    assert [event(record).get_subject() for record in partner.messages()] == [later]


def test_told_to_stop_it_records_what_is_under_way_and_the_next_sends_nothing_twice(partner: Partner) -> None:
    partner.added(0)
    for _ in range(5):
        partner.referral()
    head(partner.rig)
    with partner.published():
        until(partner.messages)
    with partner.published():
        until(lambda: partner.sent_up_to() == head(partner.rig))
    assert len(partner.messages()) == 5


def test_what_was_sent_is_sent_again_with_the_same_ids_and_marked(partner: Partner) -> None:
    partner.added(0)
    for _ in range(3):
        partner.referral()
    end = head(partner.rig)
    with partner.published():
        until(lambda: partner.sent_up_to() == end)
    before = partner.messages()
    second = sorted(event(record).get_data()["position"] for record in before)[1]
    told: list[tuple[int, int]] = []
    with partner.session() as session:
        sent = replay(session, partner.broker.client(), partner.agency, second - 1, lambda *p: told.append(p))
    assert (sent, told[-1]) == (2, (end, end))
    again = [record for record in partner.messages() if dict(record.headers).get("ce_replayed") == b"true"]
    ids = {event(record).get_id(): record.value for record in before}
    assert len(again) == 2
    assert all(ids[event(record).get_id()] == record.value for record in again)
    assert partner.sent_up_to() == end


def test_where_kafka_is_left_out_no_partner_is_reached_unless_somebody_publishes(rig: Rig, partner: Partner) -> None:
    partner.added(0)
    with partner.session() as session:
        with partner.published():
            partner.referral()
            until(lambda: partner.sent_up_to() == newest(partner))
            left_out(session)
            assert errors(rig)[partner.agency] is None

        def told() -> bool:
            left_out(session)  # the lead is given up a moment after its session is closed
            return errors(rig)[partner.agency] == "LeftOut"

        until(told)
    with partner.published():
        until(lambda: errors(rig)[partner.agency] is None)


def test_nothing_is_replayed_from_before_it_was_a_partner(partner: Partner) -> None:
    partner.referral()
    partner.added(head(partner.rig))
    later = partner.referral()
    with partner.published():
        until(lambda: partner.sent_up_to() == head(partner.rig))
    with partner.session() as session:
        assert replay(session, partner.broker.client(), partner.agency, 0) == 1
    assert [event(record).get_subject() for record in partner.messages()] == [later, later]


def test_while_the_feed_does_not_tell_of_all_that_was_sent_nothing_is_replayed(rig: Rig, partner: Partner) -> None:
    partner.added(0)
    partner.referral()
    end = head(rig)
    with partner.published():
        until(lambda: partner.sent_up_to() == end)
    with partner.session() as session:
        session.execute("SET ROLE NONE")
        session.execute("UPDATE read.projection_position SET position = 1 WHERE name = 'referrals'")
        with pytest.raises(NotToldYet, match=f"up to position 1, and {end} is wanted"):
            replay(session, partner.broker.client(), partner.agency, 0)


def test_what_no_contract_tells_of_holds_up_its_own_agency_alone(rig: Rig, partner: Partner, broker: Access) -> None:
    other = Partner(rig, broker)
    for each in (partner, other):
        each.added(0)
        each.referral()
    end = head(rig)
    with partner.session() as session:
        session.execute("SET ROLE NONE")
        of_tomorrow = "UPDATE read.referral_feed SET type = 'rujukan.of.tomorrow' WHERE agency = %s"
        session.execute(of_tomorrow, [partner.agency])
    with partner.published():
        until(lambda: other.sent_up_to() == end)
        until(lambda: errors(rig).get(partner.agency))
    assert errors(rig) == {partner.agency: "NoContract", other.agency: None}
    assert (partner.sent_up_to(), partner.messages()) == (0, [])


def test_what_stands_before_it_arrives_once_and_is_recorded(rig: Rig, partner: Partner) -> None:
    partner.added(0)
    for _ in range(4):
        partner.referral()
    end = head(rig)
    with partner.session() as session:
        session.execute("SET ROLE NONE")
        session.execute("UPDATE read.referral_feed SET type = 'rujukan.of.tomorrow' WHERE position = %s", [end])
        *_, before, _ = referral_feed.read(session, partner.agency, 0, 100)
    with partner.published():
        until(lambda: errors(rig)[partner.agency] == "NoContract")
        until(lambda: partner.sent_up_to() == before["position"])
        time.sleep(2.0)  # in which it is tried again
    assert len(partner.messages()) == 3


def errors(rig: Rig) -> dict[UUID, str | None]:
    with psycopg.connect(rig.url) as connection:
        return dict(connection.execute("SELECT agency, error FROM partners").fetchall())


def test_nothing_personal_is_in_a_message(partner: Partner) -> None:
    partner.added(0)
    with partner.published():
        referral = partner.referral()
        body = {"reason": "other", "note": "Bu Siti sudah pindah"}
        partner.rig.post(f"/v1/referrals/{referral}/decline", body, partner.officer, 200)
        until(lambda: partner.sent_up_to() == head(partner.rig))
    told = b"".join(record.value + str(record.headers).encode() for record in partner.messages())
    household = partner.rig.latest(f"/v1/referrals/{referral}", OFFICER).json()["household"]
    members = partner.rig.latest(f"/v1/households/{household}", OFFICER).json()["members"]
    for secret in ("Bu Siti", "Modal untuk warung", *(m[f] for m in members for f in ("nik", "name"))):
        assert secret.encode() not in told


def test_a_backlog_is_read_no_faster_than_it_goes_out(rig: Rig, broker: Access) -> None:
    """However many partners there are, what is held of their rows has a bound, and all of them get everything."""
    several = [Partner(rig, broker) for _ in range(3)]
    for partner in several:
        partner.added(0)
        for _ in range(3):
            partner.referral()
    head(rig)
    producer = KafkaProducer(**{**broker.client(), **PRODUCER})
    with several[0].session() as session:
        there = {topic for p in several for topic in topics.all_of(p.agency)}
        sending = Sending(session, producer, lambda: there, few=1, most=4)
        most, backlogs, deadline = 0, [], time.monotonic() + WITHIN
        while any(p.sent_up_to() < referral_feed.newest(session, [p.agency])[p.agency] for p in several):
            assert time.monotonic() < deadline
            backlogs.append(sending.turn().backlog)
            most = max(most, sending.held)
            sending.wait(0.05)
    producer.close()
    assert 0 < most <= 6
    assert (backlogs[0], backlogs[-1]) == (True, False)
    assert [len(p.messages()) for p in several] == [3, 3, 3]


def test_what_waits_for_a_topic_that_is_not_there_is_no_backlog_to_be_busy_with(rig: Rig, broker: Access) -> None:
    partner = Partner(rig, broker)
    partner.added(0)
    for _ in range(3):
        partner.referral()
    head(rig)
    producer = KafkaProducer(**{**broker.client(), **PRODUCER})
    with partner.session() as session:
        sending = Sending(session, producer, set, few=1, most=1)
        read, tried = sending.turn(), sending.turn()
    producer.close()
    assert [(turn.sent, turn.backlog) for turn in (read, tried)] == [(0, True), (0, False)]


def test_it_tells_for_how_long_the_feed_has_been_behind_the_log(rig: Rig, partner: Partner, broker: Access) -> None:
    """So that one that stands still is looked at less and less."""
    partner.referral()
    head(rig)
    producer = KafkaProducer(**{**broker.client(), **PRODUCER})
    with partner.session() as session, partner.session() as owner:
        owner.execute("SET ROLE NONE")
        sending = Sending(session, producer, set)
        assert sending.turn().behind is None
        moved = "UPDATE read.projection_position SET position = position + %s WHERE name = 'referrals'"
        owner.execute(moved, [-1])
        first, later = sending.turn().behind, sending.turn().behind
        assert first is not None
        assert later is not None
        assert 0 <= first < later
        owner.execute(moved, [1])
        assert sending.turn().behind is None
    producer.close()


def test_what_was_asked_for_before_a_partner_failed_is_not_taken_up(
    rig: Rig, broker: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins behind what is recorded: what stands further on would leave a gap."""
    monkeypatch.setattr("consumers.publishing.sending.READ", 1)
    partner = Partner(rig, broker)
    partner.added(0)
    for _ in range(3):
        partner.referral()
    head(rig)
    producer = KafkaProducer(**{**broker.client(), **PRODUCER})
    with partner.session() as session:
        sending = Sending(session, producer, set, few=1)
        held = [(sending.turn(), sending.held)[1] for _ in range(2)]
    producer.close()
    assert held == [1, 0]


def test_a_message_that_expires_after_it_was_tried_holds_up_its_own_agency_alone(rig: Rig, broker: Access) -> None:
    """Its topic goes while the publisher knows of it: the message is tried, in vain, until its time is over."""
    gone, other = Partner(rig, broker), Partner(rig, broker)
    for partner in (gone, other):
        partner.added(0)
        partner.referral()
    with other.published():
        until(lambda: gone.sent_up_to() and other.sent_up_to())
        administrator = KafkaAdminClient(**broker.client())
        administrator.delete_topics([topics.referrals(gone.agency)])
        administrator.close()
        gone.referral()
        until(lambda: errors(rig)[gone.agency] == "TopicMissing")
        other.referral()
        until(lambda: other.sent_up_to() == newest(other))
    assert len(other.messages()) == 2


def test_the_client_knows_of_a_partners_topics_before_anything_is_due(rig: Rig, broker: Access) -> None:
    """The first message to each would else keep all others waiting until it does."""
    several = [Partner(rig, broker) for _ in range(3)]
    for partner in several:
        partner.added(0)
    with KafkaAdminClient(**broker.client()) as administrator, several[0].session() as session:
        producer = KafkaProducer(**{**broker.client(), **PRODUCER})
        Sending(session, producer, lambda: set(administrator.list_topics())).turn()
        producer.config["max_block_ms"] = 1
        for partner in several:
            for topic in (topics.referrals(partner.agency), topics.rejected(partner.agency)):
                assert producer.send(topic, b"{}").get(timeout=WITHIN)
        producer.close()


def test_of_several_topics_that_go_one_is_waited_for(rig: Rig, broker: Access) -> None:
    """The client waits for a topic that it does not know of, and meanwhile nobody is sent anything."""
    several = [Partner(rig, broker) for _ in range(4)]
    for partner in several:
        partner.added(0)
    administrator = KafkaAdminClient(**broker.client())
    producer = KafkaProducer(**{**broker.client(), **PRODUCER})
    with several[0].session() as session:
        sending = Sending(session, producer, lambda: set(administrator.list_topics()))
        several[0].referral()
        head(rig)
        sending.turn()
        sending.finish()
        producer.close()
        administrator.delete_topics([topics.referrals(partner.agency) for partner in several])
        for partner in several[1:]:
            partner.referral()
        head(rig)
        sending.producer = KafkaProducer(**{**broker.client(), **PRODUCER})
        sending.turn()
        sending.producer.close()
        assert [errors(rig)[partner.agency] for partner in several[1:]].count("TopicMissing") == 2
    administrator.close()


def newest(partner: Partner) -> int:
    """The position of the last thing that happened for it, once that is folded."""
    head(partner.rig)
    with partner.session() as session:
        return referral_feed.newest(session, [partner.agency])[partner.agency]
