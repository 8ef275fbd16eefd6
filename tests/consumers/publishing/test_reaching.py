"""Whether partners are reached is known while there is nothing to be sent."""

from collections.abc import Iterator
from typing import Any

import pytest

from consumers import partners
from tests.api.rig import Rig
from tests.consumers.publishing.test_publisher import Partner, until
from tests.faults.own_broker import OwnBroker

pytestmark = pytest.mark.xdist_group("reaching")


@pytest.fixture
def own_broker() -> Iterator[OwnBroker]:
    with OwnBroker() as made:
        yield made


def reached(rig: Rig) -> dict[str, Any]:
    found = rig.client.get("/readyz").json()["partners"]
    return {partner["agency"]: partner["reached"] for partner in found}


def test_a_broker_that_ends_with_nothing_to_send_reaches_nobody_until_it_is_back(
    rig: Rig, own_broker: OwnBroker
) -> None:
    one, other = Partner(rig, own_broker.access), Partner(rig, own_broker.access)
    both = {str(one.agency), str(other.agency)}
    for partner in (one, other):
        partner.added(0)
    with one.published():
        until(lambda: reached(rig) == dict.fromkeys(both, True))
        own_broker.kill()
        until(lambda: reached(rig) == dict.fromkeys(both, False))
        own_broker.revive()
        until(lambda: reached(rig) == dict.fromkeys(both, True))


def test_one_that_is_away_when_the_publisher_begins_reaches_nobody_until_it_is_there(
    rig: Rig, own_broker: OwnBroker
) -> None:
    partner = Partner(rig, own_broker.access)
    partner.added(0)
    with partner.session() as session:
        partners.failed(session, partner.agency, "OfAnEarlierLead")
    own_broker.kill()
    with partner.published():
        until(lambda: reached(rig) == {str(partner.agency): False})
        own_broker.revive()
        until(lambda: reached(rig) == {str(partner.agency): True})
