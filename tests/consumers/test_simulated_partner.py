"""The simulated partner answers what there is to answer, and no history."""

import threading
from datetime import date

from consumers import topics
from consumers.simulated_partner import Manner, SimulatedPartner
from infra.kafka.access import Access
from tests.api.rig import Rig
from tests.consumers.publishing.test_publisher import Partner, head, until
from tests.faults.partner import standing_in

UNTIL_IDLE = 8.0
"""Seconds: a consumer group is joined meanwhile."""


def test_of_a_referral_that_has_gone_on_it_answers_the_newest_message_alone(rig: Rig, broker: Access) -> None:
    partner = Partner(rig, broker)
    partner.added(0)
    gone_on, new = partner.referral(), partner.referral()
    rig.post(f"/v1/referrals/{gone_on}/received", who=partner.officer, expect=200)
    rig.post(f"/v1/referrals/{gone_on}/accept", who=partner.officer, expect=200)
    with partner.published():
        until(lambda: partner.sent_up_to() == head(rig))
    simulated = SimulatedPartner(partner.agency, broker.client(), Manner(), seed=1, today=date(2026, 6, 30))
    simulated.run(threading.Event(), until_idle=UNTIL_IDLE)
    answers = standing_in(topics.replies(partner.agency), broker.client())
    found = {record.key.decode(): dict(record.headers)["ce_type"].decode() for record in answers}
    assert found == {gone_on: "rujukan.reply.schedule.v1", new: "rujukan.reply.received.v1"}
    assert (simulated.received, simulated.answered, len(answers)) == (4, 2, 2)
