"""Real records to try each route on: the caller's own, and those of whoever the caller has nothing to do with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.api.rig import (
    ADMINISTRATOR,
    ANALYST,
    AUDITOR,
    CURUGSEWU,
    ELSEWHERE,
    MINISTRY,
    OFFICER,
    Rig,
    a_member,
    identity,
)
from tests.attested import attest

Header = dict[str, str]
Ids = dict[str, str]
"""What stands in a route's path, by the parameter's name."""
PROPOSER = identity("ministry-2", "programme_officer")


@dataclass(frozen=True)
class Side:
    """A facilitator with a village to work in, and an agency with a service."""

    village: str
    facilitator: str
    agency: str
    agent: Header
    service: str


@dataclass(frozen=True)
class World:
    """Callers of each role, whose own side is `own`; `foreign` holds for each the side that is none of theirs."""

    rig: Rig
    callers: dict[str, Header]
    own: Side
    foreign: dict[str, Side]


def world_on(rig: Rig) -> World:
    for code, steps in (("sembako", 1), ("two_steps", 2), ("pbi_jk", 1)):
        rig.programme(code, steps=steps)
    own, next_door, far = _side(rig, CURUGSEWU), _side(rig, CURUGSEWU), _side(rig, ELSEWHERE)
    callers = {
        "facilitator": identity("facilitator-1", "facilitator", own.facilitator),
        "regional_officer": OFFICER,
        "programme_officer": MINISTRY,
        "analyst": ANALYST,
        "agency_officer": own.agent,
        "agency_system": identity("system-1", "agency_system", own.agency),
        "auditor": AUDITOR,
        "administrator": ADMINISTRATOR,
    }
    return World(rig, callers, own, {role: far if role == "regional_officer" else next_door for role in callers})


def _side(rig: Rig, village: str) -> Side:
    officer = {"name": "Sri Wahyuni", "pillar": "pkh", "region": village[:8], "on": "2024-01-01"}
    facilitator = rig.post("/v1/facilitators", officer, ADMINISTRATOR).json()["id"]
    agency, agent = rig.agency()
    return Side(village, facilitator, agency, agent, rig.service(agency, regions=[]))


# What can be made on a side; each is new, so that any command on it may be tried.

Making = Callable[[Rig, Side, Header], Ids]
"""`Header` is of the caller for whom it is made, where the record must be of their own doing."""


def household(rig: Rig, side: Side, by: Header, *, enrolled: tuple[str, ...] = ("sembako", "two_steps")) -> Ids:
    return {"id": rig.household(side.facilitator, enrolled=enrolled, region=side.village)}


def with_member(rig: Rig, side: Side, by: Header) -> Ids:
    ids = household(rig, side, by)
    joined = rig.post(f"/v1/households/{ids['id']}/members", a_member(head=False)).json()
    return {**ids, "mid": joined["member_id"]}


def paid(rig: Rig, side: Side, by: Header) -> Ids:
    ids = household(rig, side, by)
    reference = f"SP2D-{uuid4()}"
    payment = {
        "programme": "sembako",
        "period": "2026-Q1",
        "channel": "kks",
        "amount": 600_000,
        "paid_on": "2026-03-01",
        "reference": reference,
    }
    rig.post(f"/v1/households/{ids['id']}/assistance", payment)
    return {**ids, "reference": reference}


def proposed(rig: Rig, side: Side, by: Header, *, code: str = "sembako", proposer: Header = PROPOSER) -> Ids:
    ids = household(rig, side, by)
    return {**ids, "gid": rig.proposal(ids["id"], proposer, code)}


def proposed_in_two_steps(rig: Rig, side: Side, by: Header) -> Ids:
    return proposed(rig, side, by, code="two_steps")


def proposed_by_caller(rig: Rig, side: Side, by: Header) -> Ids:
    return proposed(rig, side, by, proposer=by)


def graduated(rig: Rig, side: Side, by: Header) -> Ids:
    ids = proposed(rig, side, by)
    rig.post(f"/v1/households/{ids['id']}/graduations/{ids['gid']}/approve", who=MINISTRY, expect=200)
    return ids


def with_erasure(rig: Rig, side: Side, by: Header) -> Ids:
    ids = household(rig, side, by)
    asked = rig.post(f"/v1/households/{ids['id']}/erasures", {"reason": "own_request"}, PROPOSER)
    return {**ids, "eid": asked.json()["erasure_id"]}


def of_facilitator(rig: Rig, side: Side, by: Header) -> Ids:
    household(rig, side, by)
    return {"id": side.facilitator}


def someone_in_office(rig: Rig, side: Side, by: Header) -> Ids:
    return {"id": _side(rig, side.village).facilitator}


def of_agency(rig: Rig, side: Side, by: Header) -> Ids:
    return {"id": side.agency}


def a_service(rig: Rig, side: Side, by: Header) -> Ids:
    return {"id": rig.service(side.agency)}


def of_programme(rig: Rig, side: Side, by: Header) -> Ids:
    return {"code": "sembako"}


def attested(rig: Rig, side: Side, by: Header) -> Ids:
    """The first event of the log, in a tree that is signed."""
    attest(rig.url)
    return {"path": "0/000.p/1"}


STEPS: dict[str, tuple[Any, ...]] = {
    "request-information": ({"information": ["other"], "note": "Fotokopi KTP"},),
    "accept": ({},),
    "schedule": ({"appointment": "2026-06-20"},),
    "start": ({},),
    "decline": ({"reason": "no_budget"},),
}


def referral(*steps: str, cancelled: bool = False) -> Making:
    """A referral after these steps of its agency, of which the sender then asks the cancellation or not."""

    def make(rig: Rig, side: Side, by: Header) -> Ids:
        home = household(rig, side, by)["id"]
        made = rig.referral(home, side.service)
        for step in steps:
            rig.post(f"/v1/referrals/{made}/{step}", *STEPS[step], who=side.agent, expect=200)
        if cancelled:
            rig.post(f"/v1/referrals/{made}/cancel", {"reason": "no_longer_needed"}, expect=200)
        return {"id": made}

    return make
