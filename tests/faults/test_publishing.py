"""Whatever ends while messages are on their way, each arrives at least once, and those of a referral in order."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from consumers import partners, topics
from consumers.points import Point
from tests.faults.evidence import query, wait_until_folded
from tests.faults.load import Load
from tests.faults.own_broker import OwnBroker
from tests.faults.own_server import OwnServer
from tests.faults.partner import assert_all_told_in_order, message_in, standing_in, write_access
from tests.faults.programs import Program, eventually
from tests.projections.teller import named

pytestmark = pytest.mark.xdist_group("kafka faults")

BANK, CENTRE = named("bank"), named("centre")
TIMES = 3


@pytest.fixture
def access(own_broker: OwnBroker, tmp_path: Path) -> Path:
    """The file that programs are given; the topics of both agencies are made and empty."""
    own_broker.add(BANK, CENTRE)
    return write_access(tmp_path / "access.json", own_broker.client)


def added(url: str) -> None:
    with psycopg.connect(url) as connection:
        for agency in (BANK, CENTRE):
            partners.add(connection, agency, 0)


def publisher(url: str, access: Path, *words: object) -> Program:
    output = access.parent / f"publisher-{time.monotonic_ns()}.out"
    return Program("publisher", "--url", url, "--access", access, *words, output=output)


def happened(url: str, agency: UUID) -> list[tuple[int, str]]:
    return query(url, "SELECT position, referral::text FROM read.referral_feed WHERE agency = %s", agency)


def all_sent(url: str) -> bool:
    behind = query(
        url,
        "SELECT p.agency FROM partners p WHERE p.position < (SELECT max(f.position) FROM read.referral_feed f"
        " WHERE f.agency = p.agency)",
    )
    return not behind


def assert_all_arrived(url: str, client: dict[str, Any]) -> None:
    wait_until_folded(url)
    eventually(lambda: all_sent(url), 180, lambda: str(query(url, "SELECT agency, position, error FROM partners")))
    for agency in (BANK, CENTRE):
        assert_all_told_in_order(happened(url, agency), standing_in(topics.referrals(agency), client))


def working(url: str, tmp_path: Path, chance: Random, fault: Callable[[], None]) -> None:
    """Referrals are sent all the while, and the fault comes a few times."""
    with (
        Program("projector", "--url", url, output=tmp_path / "projector.out") as projector,
        Load(url, tmp_path, chance, writers=2) as load,
    ):
        for _ in range(TIMES):
            time.sleep(chance.uniform(0.2, 1.0))
            fault()
            load.goes_on(15, within=60)
        load.end()
        wait_until_folded(url)
        projector.stop()


def assert_survived(url: str, own_broker: OwnBroker, access: Path, chance: Random, fault: Callable[[], None]) -> None:
    """One publisher is at work all the while."""
    added(url)
    with publisher(url, access) as sending:
        working(url, access.parent, chance, fault)
        assert_all_arrived(url, own_broker.client)
        sending.stop()


def test_the_broker_is_killed_and_comes_back(told: str, own_broker: OwnBroker, access: Path, chance: Random) -> None:
    def fault() -> None:
        own_broker.kill()
        time.sleep(chance.uniform(0, 1.0))
        own_broker.revive()

    assert_survived(told, own_broker, access, chance, fault)


def test_the_publisher_is_killed_between_sending_and_recording(
    told: str, own_broker: OwnBroker, access: Path, tmp_path: Path, chance: Random
) -> None:
    added(told)
    dying: list[Program] = []

    def another() -> None:
        dying.append(publisher(told, access, "--die", Point.ARRIVED.name, "--times", chance.randint(1, 4)))
        eventually(lambda: not dying[-1].running(), otherwise=dying[-1].said)

    working(told, tmp_path, chance, another)
    with publisher(told, access) as last:
        assert_all_arrived(told, own_broker.client)
        last.stop()
    arrived = [id_ for agency in (BANK, CENTRE) for id_ in ids(topics.referrals(agency), own_broker.client)]
    assert len(arrived) >= len(set(arrived)) + TIMES, "what arrived and was not recorded is sent again, as the same"


def ids(topic: str, client: dict[str, Any]) -> list[str]:
    return [message_in(record)["id"] for record in standing_in(topic, client)]


def test_the_database_is_killed_and_comes_back(
    own_server: OwnServer, own_broker: OwnBroker, access: Path, chance: Random
) -> None:
    def fault() -> None:
        own_server.kill()
        own_server.revive()

    assert_survived(own_server.url, own_broker, access, chance, fault)


def test_of_two_publishers_one_sends_and_the_other_takes_over(
    told: str, own_broker: OwnBroker, access: Path, tmp_path: Path, chance: Random
) -> None:
    added(told)
    both = [publisher(told, access), publisher(told, access)]

    def fault() -> None:
        both.pop(chance.randrange(2)).kill()
        both.append(publisher(told, access))

    working(told, tmp_path, chance, fault)
    assert_all_arrived(told, own_broker.client)
    for program in both:
        program.stop()


@pytest.fixture
def folded_backlog(backlog: str, tmp_path: Path) -> Iterator[str]:
    with Program("projector", "--url", backlog, output=tmp_path / "folding.out") as projector:
        wait_until_folded(backlog)
        projector.stop()
    added(backlog)
    yield backlog


def test_an_agency_whose_topic_is_gone_holds_nobody_up(
    folded_backlog: str, own_broker: OwnBroker, access: Path
) -> None:
    url, gone = folded_backlog, topics.referrals(BANK)
    own_broker.take_away(gone)
    with publisher(url, access) as sending:
        eventually(lambda: query(url, "SELECT 1 FROM partners WHERE agency = %s AND error IS NOT NULL", BANK))
        eventually(lambda: sent_up_to(url, CENTRE) == max(happened(url, CENTRE))[0])
        assert_all_told_in_order(happened(url, CENTRE), standing_in(topics.referrals(CENTRE), own_broker.client))
        assert sent_up_to(url, BANK) == 0
        own_broker.add(BANK)
        assert_all_arrived(url, own_broker.client)
        assert query(url, "SELECT error FROM partners WHERE agency = %s", BANK) == [(None,)]
        sending.stop()


def test_an_agency_that_was_revoked_is_sent_nothing_and_goes_on_where_it_was(
    folded_backlog: str, own_broker: OwnBroker, access: Path
) -> None:
    url = folded_backlog
    own_broker.revoke(BANK)
    with psycopg.connect(url) as connection:
        partners.revoke(connection, BANK)
    with publisher(url, access) as sending:
        eventually(lambda: sent_up_to(url, CENTRE) == max(happened(url, CENTRE))[0])
        assert standing_in(topics.referrals(BANK), own_broker.client) == []
        added(url)
        assert_all_arrived(url, own_broker.client)
        sending.stop()


def sent_up_to(url: str, agency: UUID) -> int:
    ((position,),) = query(url, "SELECT position FROM partners WHERE agency = %s", agency)
    return int(position)
