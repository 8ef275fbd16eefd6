"""Each code for which `docs/partners.md` tells what to do comes from what takes answers in, and no other does."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest

from consumers.replies import Envelope, Place, received
from consumers.taking_in.filed import FiledReplies
from consumers.taking_in.intake import Came, Taken
from tests.api.rig import Rig
from tests.consumers.taking_in.test_intake import Partner, intake_of
from tests.docs.partners_page import rows

Provoke = Callable[[Partner], Taken | None]


def accepted(partner: Partner) -> str:
    referral = partner.referral()
    partner.answers("accept", referral)
    return referral


def in_service(partner: Partner) -> str:
    referral = accepted(partner)
    partner.answers("start", referral)
    return referral


def again_under_one_id(partner: Partner) -> Taken:
    referral = partner.referral()
    partner.answers("received", referral, id_="one")
    return partner.answers("accept", referral, id_="one")


def without_headers(partner: Partner) -> Taken:
    return partner.intake.take(partner.agency, received(partner.agency, Place("replies", 0, 0), [], b"{}"))


def in_another_name(partner: Partner) -> Taken:
    body = json.dumps({"referral": partner.referral()}).encode()
    return partner.intake.take(partner.agency, Envelope(f"/agencies/{uuid4()}", "1", "rujukan.reply.accept.v1", body))


def a_day_back(partner: Partner) -> Taken:
    rig = partner.rig
    referral = rig.referral(rig.household(), partner.service, on="2026-06-10")
    partner.answers("accept", referral, on="2026-06-12")
    return partner.answers("start", referral, on="2026-06-11")


def with_number_for_an_id(partner: Partner) -> Taken | None:
    return FiledReplies(partner.intake).take(partner.agency, "3324040101900001", "accept", {})


PROVOKED: dict[str, Provoke] = {
    "no-cloudevent": without_headers,
    "unknown-type": lambda p: p.answers("dance", p.referral()),
    "malformed-reply": lambda p: p.answers("decline", p.referral(), reason="because"),
    "too-long": lambda p: p.answers("accept", p.referral(), pad="x" * 10_000),
    "foreign-source": in_another_name,
    "id-reused": again_under_one_id,
    "forbidden": lambda p: p.answers("settle", p.referral()),
    "not-found": lambda p: p.answers("accept", str(uuid4())),
    "illegal-transition": lambda p: p.answers("start", p.referral()),
    "before-last-step": a_day_back,
    "before-registration": lambda p: p.answers("accept", p.referral(), on="2026-06-14"),
    "future-date": lambda p: p.answers("accept", p.referral(), on="2026-06-16"),
    "appointment-past": lambda p: p.answers("schedule", accepted(p), appointment="2026-06-14"),
    "appointment-far": lambda p: p.answers("schedule", accepted(p), appointment="9999-12-31"),
    "amount-missing": lambda p: p.answers("complete", in_service(p), outcome="capital_disbursed"),
    "note-missing": lambda p: p.answers("decline", p.referral(), reason="other"),
    "malformed-id": with_number_for_an_id,
}
ELSEWHERE = {"not-understood", "unreadable", "too-many-cells"}
"""In `test_reading.py`, and in `tests/api/test_feed_replies.py`."""


@pytest.fixture
def partner(rig: Rig) -> Partner:
    return Partner(rig, intake_of(rig))


def test_what_the_page_tells_of_is_what_there_is() -> None:
    assert {cells[0].strip("`") for cells in rows(6)} == PROVOKED.keys() | ELSEWHERE


@pytest.mark.parametrize("code", PROVOKED)
def test_a_code_comes_for_what_the_page_says(partner: Partner, code: str) -> None:
    taken = PROVOKED[code](partner)
    assert taken is not None
    assert (taken.came, taken.code) == (Came.REJECTED, code)
