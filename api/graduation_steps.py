"""The steps of a graduation: propose, verify, approve, return, reject, withdraw, revoke."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Response

from api.commands import Asked, Commanding, command
from api.households import HouseholdId
from api.routes import StrictRoute
from api.schemas.done import Dated
from api.schemas.graduations import Proposal, Rejection, Return, Revocation
from domain.values import Command, Sealed

router = APIRouter(prefix="/v1/households/{id}/graduations", tags=["graduations"], route_class=StrictRoute)
GraduationId = Annotated[UUID, Path(alias="gid")]


@router.post("", summary="Propose a graduation", **command())
def propose(household: HouseholdId, body: Proposal, asked: Commanding) -> Response:
    """A returned proposal that its proposer makes again keeps its id."""
    return asked.to_household(
        household,
        body,
        lambda c: asked.application.propose_graduation(
            household,
            c,
            uuid4(),
            kind=body.kind,
            programmes=tuple(body.programmes),
            evidence=tuple(body.evidence),
            own_request=body.own_request,
            note=_note(asked, "propose-graduation", household, body.note, c),
        ),
    )


@router.post("/{gid}/verify", summary="Verify a graduation proposal", **command(200))
def verify(household: HouseholdId, graduation: GraduationId, asked: Commanding, body: Dated = Dated()) -> Response:
    """The first of two steps, where the programme has two."""
    return asked.to_household(
        household, body, lambda c: asked.application.verify_graduation(household, c, graduation), status=200
    )


@router.post("/{gid}/approve", summary="Approve a graduation proposal", **command(200))
def approve(household: HouseholdId, graduation: GraduationId, asked: Commanding, body: Dated = Dated()) -> Response:
    """Determines the graduation; never by its proposer."""
    return asked.to_household(
        household, body, lambda c: asked.application.approve_graduation(household, c, graduation), status=200
    )


@router.post("/{gid}/return", summary="Return a graduation proposal", **command(200))
def send_back(household: HouseholdId, graduation: GraduationId, body: Return, asked: Commanding) -> Response:
    return asked.to_household(
        household,
        body,
        lambda c: asked.application.return_graduation(
            household,
            c,
            graduation,
            reason=body.reason,
            note=_note(asked, "return-graduation", household, body.note, c),
        ),
        status=200,
    )


@router.post("/{gid}/reject", summary="Reject a graduation proposal", **command(200))
def reject(household: HouseholdId, graduation: GraduationId, body: Rejection, asked: Commanding) -> Response:
    return asked.to_household(
        household,
        body,
        lambda c: asked.application.reject_graduation(
            household,
            c,
            graduation,
            reason=body.reason,
            note=_note(asked, "reject-graduation", household, body.note, c),
        ),
        status=200,
    )


@router.post("/{gid}/withdraw", summary="Withdraw a graduation proposal", **command(200))
def withdraw(household: HouseholdId, graduation: GraduationId, asked: Commanding, body: Dated = Dated()) -> Response:
    return asked.to_household(
        household, body, lambda c: asked.application.withdraw_graduation(household, c, graduation), status=200
    )


@router.post("/{gid}/revoke", summary="Revoke a graduation", **command(200))
def revoke(household: HouseholdId, graduation: GraduationId, body: Revocation, asked: Commanding) -> Response:
    """A correction: the graduation's programmes are in force again."""
    return asked.to_household(
        household,
        body,
        lambda c: asked.application.revoke_graduation(
            household,
            c,
            graduation,
            reason=body.reason,
            note=_note(asked, "revoke-graduation", household, body.note, c),
        ),
        status=200,
    )


def _note(asked: Asked, action: str, household: UUID, text: str | None, command: Command) -> Sealed | None:
    return None if text is None else asked.sealing_for(action, household, command).note(text, household)
