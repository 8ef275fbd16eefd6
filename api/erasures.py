"""Erasing personal data: requested by one programme officer, confirmed by another."""

from typing import Annotated
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, Path, Response

from api.commands import Asked, Commanding, command
from api.faults import AWAY
from api.households import HouseholdId
from api.routes import StrictRoute
from api.schemas.done import Dated
from api.schemas.household_commands import ErasureRequest
from domain.household import Household
from domain.values import Command, Outcome

router = APIRouter(prefix="/v1/households/{id}/erasures", tags=["households"], route_class=StrictRoute)
ErasureId = Annotated[UUID, Path(alias="eid")]

_log = structlog.get_logger("api")


@router.post("", summary="Request an erasure of personal data", **command())
def request(household: HouseholdId, body: ErasureRequest, asked: Commanding) -> Response:
    """Of one member, or of the household with all its members; nothing is erased until another officer confirms it."""
    return asked.to_household(
        household,
        body,
        lambda c: asked.application.request_erasure(household, c, uuid4(), member=body.member, reason=body.reason),
    )


@router.post("/{eid}/confirm", summary="Confirm an erasure of personal data", **command(200))
def confirm(household: HouseholdId, erasure: ErasureId, asked: Commanding, body: Dated = Dated()) -> Response:
    """Never by who requested it. The keys are destroyed: nothing brings the data back."""
    return asked.to_household(household, body, lambda c: _confirm(asked, household, erasure, c), status=200)


@router.post("/{eid}/withdraw", summary="Withdraw a request to erase personal data", **command(200))
def withdraw(household: HouseholdId, erasure: ErasureId, asked: Commanding, body: Dated = Dated()) -> Response:
    return asked.to_household(
        household, body, lambda c: asked.application.withdraw_erasure(household, c, erasure), status=200
    )


def _confirm(asked: Asked, household: UUID, erasure: UUID, command: Command) -> Outcome:
    """Once it is logged it will be carried out, here or by whoever follows the log."""
    outcome = asked.application.confirm_erasure(household, command, erasure)
    try:
        asked.services.destroyer.destroy_keys(asked.application.load(Household, household).keys_of(erasure))
    except AWAY as error:
        _log.error("erasure-waits", kind=type(error).__name__)
    return outcome
