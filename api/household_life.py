"""What happens in a household's life: members, findings, assistance, visits, moves."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Response

from api.commands import Asked, Commanding, command
from api.households import HouseholdId
from api.identity import check_role
from api.rate_limits import check_registering
from api.routes import StrictRoute
from api.schemas.fields import Reference
from api.schemas.household_commands import (
    Assessment,
    Assignment,
    Assistance,
    ConnectionDeclined,
    Discontinuation,
    Enrolment,
    Leaving,
    MemberAssessment,
    MemberJoining,
    MemberLeaving,
    Move,
    Rank,
    Reversal,
    Visit,
)
from domain.transitions import SENDERS
from domain.values import Command, Outcome, Sealed

router = APIRouter(prefix="/v1/households/{id}", tags=["households"], route_class=StrictRoute)
NOTHING_SEALED = Sealed(UUID(int=0), b"")
"""Said of who is no member, which is refused: nothing is sealed for them."""
MemberId = Annotated[UUID, Path(alias="mid")]


@router.post("/members", summary="Add a member", **command())
def add_member(household: HouseholdId, body: MemberJoining, asked: Commanding) -> Response:
    return asked.to_household(household, body, lambda c: _add_member(asked, household, body, c))


def _add_member(asked: Asked, household: UUID, body: MemberJoining, command: Command) -> Outcome:
    check_role(command.actor, *SENDERS)
    region = asked.household(household, command).region
    sealing, new = asked.sealing, uuid4()
    sealing.check_member(body)
    check_registering(asked.services.limits, command.actor, 1)
    sealing.new_keys(new)
    return asked.application.add_member(household, command, sealing.member(new, body, household, region))


@router.post("/members/{mid}/leave", summary="Record that a member left", **command())
def remove_member(household: HouseholdId, member: MemberId, body: MemberLeaving, asked: Commanding) -> Response:
    return asked.to_household(
        household, body, lambda c: asked.application.remove_member(household, c, member, reason=body.reason)
    )


@router.post("/members/{mid}/assessments", summary="Assess a member", **command())
def assess_member(household: HouseholdId, member: MemberId, body: MemberAssessment, asked: Commanding) -> Response:
    """Component, PAS group and disability are sealed."""

    def do(command: Command) -> Outcome:
        known = member in asked.household_for("assess-member", household, command).members
        details = asked.sealing.details(body, household, member) if known else NOTHING_SEALED
        return asked.application.assess_member(household, command, member, details=details, pas_class=body.pas_class)

    return asked.to_household(household, body, do)


@router.post("/ranks", summary="Record a DTSEN rank", **command())
def rank(household: HouseholdId, body: Rank, asked: Commanding) -> Response:
    return asked.to_household(
        household,
        body,
        lambda c: asked.application.rank(household, c, decile=body.decile, period=body.period, source=body.source),
    )


@router.post("/assessments", summary="Assess a household", **command())
def assess(household: HouseholdId, body: Assessment, asked: Commanding) -> Response:
    """Exact income and note are sealed."""

    def do(command: Command) -> Outcome:
        sealing = asked.sealing_for("assess", household, command)
        return asked.application.assess(
            household,
            command,
            has_business=body.has_business,
            income_band=body.income_band,
            criteria=tuple(body.criteria),
            income=None if body.income is None else sealing.of_household(str(body.income), household, "income"),
            note=sealing.note(body.note, household),
        )

    return asked.to_household(household, body, do)


@router.post("/assignments", summary="Assign a facilitator to a household", **command())
def assign(household: HouseholdId, body: Assignment, asked: Commanding) -> Response:
    """A first lead takes effect on its day, a hand-over the day after."""
    return asked.to_household(
        household,
        body,
        lambda c: asked.application.assign(household, c, facilitator=body.facilitator, role=body.role),
    )


@router.post("/enrolments", summary="Enrol a household in a programme", **command())
def enrol(household: HouseholdId, body: Enrolment, asked: Commanding) -> Response:
    return asked.to_household(
        household, body, lambda c: asked.application.enrol(household, c, programme=body.programme)
    )


@router.post("/assistance", summary="Record assistance received", **command())
def assist(household: HouseholdId, body: Assistance, asked: Commanding) -> Response:
    """A payment is known by programme, period and reference; the same again is no second one."""
    content = body.model_dump(exclude={"on"})
    return asked.to_household(household, body, lambda c: asked.application.assist(household, c, **content))


@router.post("/assistance/{reference}/reverse", summary="Reverse assistance", **command())
def reverse(
    household: HouseholdId, reference: Annotated[Reference, Path()], body: Reversal, asked: Commanding
) -> Response:
    content = body.model_dump(exclude={"on"})
    return asked.to_household(
        household,
        body,
        lambda c: asked.application.reverse_assistance(household, c, reference=reference, **content),
    )


@router.post("/visits", summary="Record a visit", **command())
def visit(household: HouseholdId, body: Visit, asked: Commanding) -> Response:
    def do(command: Command) -> Outcome:
        text = body.note
        note = None if text is None else asked.sealing_for("visit", household, command).note(text, household)
        return asked.application.visit(household, command, purpose=body.purpose, result=body.result, note=note)

    return asked.to_household(household, body, do)


@router.post("/discontinuations", summary="Discontinue a programme's assistance", **command())
def discontinue(household: HouseholdId, body: Discontinuation, asked: Commanding) -> Response:
    """Never a graduation."""
    return asked.to_household(
        household,
        body,
        lambda c: asked.application.discontinue(household, c, programme=body.programme, reason=body.reason),
    )


@router.post("/moves", summary="Record a household's move", **command())
def move(household: HouseholdId, body: Move, asked: Commanding) -> Response:
    def do(command: Command) -> Outcome:
        sealing = asked.sealing_for("move", household, command)
        region = sealing.village(body.region)
        address = sealing.of_household(body.address, household, "address")
        return asked.application.move(household, command, region=region, address=address)

    return asked.to_household(household, body, do)


@router.post("/leave", summary="Record that a household left", **command())
def leave(household: HouseholdId, body: Leaving, asked: Commanding) -> Response:
    return asked.to_household(household, body, lambda c: asked.application.leave(household, c, reason=body.reason))


@router.post("/connection-declined", summary="Record that a household declined to be referred", **command())
def decline_connection(household: HouseholdId, body: ConnectionDeclined, asked: Commanding) -> Response:
    return asked.to_household(
        household, body, lambda c: asked.application.decline_connection(household, c, reason=body.reason)
    )
