"""The steps of a referral between its sender and the agency."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Response

from api.commands import Asked, Commanding, command
from api.identity import check_role
from api.referrals import ReferralId
from api.routes import StrictRoute
from api.schemas.done import Dated
from api.schemas.referrals import Appointment, Completion, InformationRequest, Noted, Reasoned
from domain import deadlines
from domain.answering import Answer
from domain.referral_table import TABLE
from domain.service import Service
from domain.values import Command, Outcome, Sealed

router = APIRouter(prefix="/v1/referrals/{id}", tags=["referrals"], route_class=StrictRoute)


@router.post("/received", summary="Confirm that a referral was received", **command(200))
def received(referral: ReferralId, asked: Commanding, body: Dated = Dated()) -> Response:
    return _answered(asked, Answer("received", referral), body)


@router.post("/request-information", summary="Request information on a referral", **command(200))
def request_information(referral: ReferralId, body: InformationRequest, asked: Commanding) -> Response:
    return _answered(asked, Answer("request-information", referral, information=tuple(body.information)), body)


@router.post("/supply-information", summary="Supply information on a referral", **command(200))
def supply_information(referral: ReferralId, asked: Commanding, body: Noted = Noted()) -> Response:
    """The agency has its response time again."""

    def do(command: Command) -> Outcome:
        check_role(command.actor, *TABLE["supply-information"].by)
        offer = asked.application.load(Service, asked.referral(referral, command).service).offer
        deadline = deadlines.response(asked.services.calendar, command.on, offer.response_days)
        note = _note(asked, "supply-information", referral, body, command)
        return asked.application.supply_information(referral, command, deadline=deadline, note=note)

    return asked.to_referral(referral, body, do)


@router.post("/accept", summary="Accept a referral", **command(200))
def accept(referral: ReferralId, asked: Commanding, body: Dated = Dated()) -> Response:
    return _answered(asked, Answer("accept", referral), body)


@router.post("/decline", summary="Decline a referral", **command(200))
def decline(referral: ReferralId, body: Reasoned, asked: Commanding) -> Response:
    return _answered(asked, Answer("decline", referral, reason=body.reason), body)


@router.post("/schedule", summary="Schedule an appointment", **command(200))
def schedule(referral: ReferralId, body: Appointment, asked: Commanding) -> Response:
    """Scheduling again moves the appointment."""
    return _answered(asked, Answer("schedule", referral, appointment=body.appointment), body)


@router.post("/attend", summary="Record an appointment attended", **command(200))
def attend(referral: ReferralId, asked: Commanding, body: Dated = Dated()) -> Response:
    return _answered(asked, Answer("attend", referral), body)


@router.post("/miss", summary="Record an appointment missed", **command(200))
def miss(referral: ReferralId, asked: Commanding, body: Dated = Dated()) -> Response:
    return _answered(asked, Answer("miss", referral), body)


@router.post("/start", summary="Start the service of a referral", **command(200))
def start(referral: ReferralId, asked: Commanding, body: Dated = Dated()) -> Response:
    return _answered(asked, Answer("start", referral), body)


@router.post("/complete", summary="Complete a referral", **command(200))
def complete(referral: ReferralId, body: Completion, asked: Commanding) -> Response:
    return _answered(asked, Answer("complete", referral, outcome=body.outcome, amount=body.amount), body)


@router.post("/fail", summary="Record that a referral failed", **command(200))
def fail(referral: ReferralId, body: Reasoned, asked: Commanding) -> Response:
    return _answered(asked, Answer("fail", referral, reason=body.reason), body)


@router.post("/cancel", summary="Request the cancellation of a referral", **command(200))
def cancel(referral: ReferralId, body: Reasoned, asked: Commanding) -> Response:
    """Asks the agency to let go; without an answer the referral is cancelled in the end."""
    services = asked.services
    return asked.to_referral(
        referral,
        body,
        lambda c: asked.application.cancel(
            referral,
            c,
            reason=body.reason,
            cancel_by=deadlines.cancellation(services.calendar, services.days, c.on),
            note=_note(asked, "cancel", referral, body, c),
        ),
    )


@router.post("/confirm-cancellation", summary="Confirm the cancellation of a referral", **command(200))
def confirm_cancellation(referral: ReferralId, asked: Commanding, body: Dated = Dated()) -> Response:
    return _answered(asked, Answer("confirm-cancellation", referral), body)


@router.post("/refuse-cancellation", summary="Refuse the cancellation of a referral", **command(200))
def refuse_cancellation(referral: ReferralId, asked: Commanding, body: Dated = Dated()) -> Response:
    """The agency goes on: the referral is again in the state before the request."""
    return _answered(asked, Answer("refuse-cancellation", referral), body)


@router.post("/settle", summary="Settle a referral", **command(200))
def settle(referral: ReferralId, body: Reasoned, asked: Commanding) -> Response:
    """Nothing more is sought."""
    return asked.to_referral(
        referral,
        body,
        lambda c: asked.application.settle(
            referral, c, reason=body.reason, note=_note(asked, "settle", referral, body, c)
        ),
    )


def _answered(asked: Asked, answer: Answer, body: Dated) -> Response:
    """What the agency answers; a note in its body is sealed."""

    def do(command: Command) -> Outcome:
        note = _note(asked, answer.action, answer.referral, body, command) if isinstance(body, Noted) else None
        return asked.answering.answer(replace(answer, note=note), command)

    return asked.to_referral(answer.referral, body, do)


def _note(asked: Asked, action: str, referral: UUID, body: Noted, command: Command) -> Sealed | None:
    """Sealed under the key of whom the referral is of, once the caller may act and know of the referral."""
    if body.note is None:
        return None
    check_role(command.actor, *TABLE[action].by)
    return asked.sealing.of_referral(body.note, referral, asked.referral(referral, command).owner, "note")
