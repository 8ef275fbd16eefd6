"""Sending a referral, and sending it elsewhere when it came to nothing."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from fastapi import APIRouter, Response

from api.commands import Asked, Commanding, command
from api.households import HouseholdId
from api.identity import check_role
from api.referrals import ReferralId
from api.routes import StrictRoute
from api.schemas.done import Dated
from api.schemas.referrals import Basis, Redirection, Sending
from domain import deadlines
from domain.codes import LegalBasis
from domain.household import Household
from domain.service import Service
from domain.transitions import SENDERS
from domain.values import Command, Deadline, Outcome, Sealed


@dataclass(frozen=True, slots=True)
class Content:
    """What a new referral holds: sealed for its own stream, with the dates that its service gives it."""

    need: Sealed
    legal_basis: LegalBasis
    basis_reference: Sealed | None
    legal_rule: str | None
    respond_by: Deadline
    expires_on: date

    @classmethod
    def of(cls, asked: Asked, body: Redirection, command: Command, household: Household, new: UUID) -> "Content":
        """A member that never belonged to the household is refused by the domain, whatever it is sealed under."""
        services, sealing = asked.services, asked.sealing
        owner = body.member if body.member in household.members else household.id
        offer = asked.application.named(Service, body.service).offer
        respond_by = deadlines.response(services.calendar, command.on, offer.response_days)
        reference = body.basis_reference
        return cls(
            need=sealing.of_referral(body.need, new, owner, "need"),
            legal_basis=body.legal_basis,
            basis_reference=None
            if reference is None
            else sealing.of_referral(reference, new, owner, "basis_reference"),
            legal_rule=body.legal_rule,
            respond_by=respond_by,
            expires_on=deadlines.expiry(services.days, respond_by),
        )


router = APIRouter(prefix="/v1", tags=["referrals"], route_class=StrictRoute)


@router.post("/households/{id}/referrals", summary="Send a referral", **command())
def send(household: HouseholdId, body: Sending, asked: Commanding) -> Response:
    """Sends the household, or one member of it, to a service; the ETag is the household's."""
    new = uuid4()

    def do(command: Command) -> Outcome:
        check_role(command.actor, *SENDERS)
        sent = Content.of(asked, body, command, asked.household(household, command), new)
        return asked.application.send_referral(
            household,
            command,
            new,
            service=body.service,
            member=body.member,
            previous=body.previous,
            need=sent.need,
            legal_basis=sent.legal_basis,
            basis_reference=sent.basis_reference,
            legal_rule=sent.legal_rule,
            respond_by=sent.respond_by,
            expires_on=sent.expires_on,
        )

    return asked.to_household(household, body, do, location=f"/v1/referrals/{new}")


@router.post("/referrals/{id}/redirect", summary="Redirect a referral", **command(200))
def redirect(referral: ReferralId, body: Redirection, asked: Commanding) -> Response:
    """Ends an unsuccessful referral by a new one, whose id is `referral_id`."""
    new = uuid4()

    def do(command: Command) -> Outcome:
        check_role(command.actor, *SENDERS)
        household = asked.household(asked.referral(referral, command).household, command)
        sent = Content.of(asked, body, command, household, new)
        return asked.application.redirect(
            referral,
            command,
            new,
            service=body.service,
            member=body.member,
            need=sent.need,
            legal_basis=sent.legal_basis,
            basis_reference=sent.basis_reference,
            legal_rule=sent.legal_rule,
            respond_by=sent.respond_by,
            expires_on=sent.expires_on,
        )

    return asked.to_referral(referral, body, do)


@router.post("/referrals/{id}/legal-basis", summary="Record a referral's legal basis", **command(200))
def record_basis(referral: ReferralId, body: Basis, asked: Commanding) -> Response:
    """Consent with its reference, or a statutory duty with its rule: from then on the agency reads what its service
    needs."""

    def do(command: Command) -> Outcome:
        check_role(command.actor, *SENDERS)
        owner = asked.referral(referral, command).owner
        reference = body.basis_reference
        return asked.application.record_basis(
            referral,
            command,
            legal_basis=body.legal_basis,
            basis_reference=None
            if reference is None
            else asked.sealing.of_referral(reference, referral, owner, "basis_reference"),
            legal_rule=body.legal_rule,
        )

    return asked.to_referral(referral, body, do)


@router.post("/referrals/{id}/withdraw-basis", summary="Withdraw a referral's legal basis", **command(200))
def withdraw_basis(referral: ReferralId, asked: Commanding, body: Dated = Dated()) -> Response:
    """Consent was taken back: in any state of the referral the agency reads codes and dates alone from then on."""
    return asked.to_referral(referral, body, lambda c: asked.application.withdraw_basis(referral, c))
