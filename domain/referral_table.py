"""The transition table of referrals (DESIGN.md section 6) as data, after FHIR Task and BSeR's business states."""

from dataclasses import dataclass
from enum import StrEnum

from domain.transitions import AGENCIES, CLOCK, SENDERS
from domain.values import Role


class State(StrEnum):
    SENT = "sent"
    RECEIVED = "received"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    IN_SERVICE = "in_service"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    DECLINED = "declined"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REDIRECTED = "redirected"
    SETTLED = "settled"


UNANSWERED = (State.SENT, State.RECEIVED, State.WAITING)
IN_PROGRESS = (State.ACCEPTED, State.SCHEDULED, State.IN_SERVICE)
OPEN = (*UNANSWERED, *IN_PROGRESS, State.CANCELLING)
"""The agency has a part to play."""
UNSUCCESSFUL = (State.DECLINED, State.FAILED, State.EXPIRED)
"""The agency's part has ended and the sender must redirect or settle."""


@dataclass(frozen=True, slots=True)
class Row:
    """From any of `sources`, `by` these roles, to `target` (None: unchanged, or the state before a cancellation)."""

    action: str
    event: str
    sources: tuple[State, ...]
    by: tuple[Role, ...]
    target: State | None


ROWS = (
    Row("received", "referral.received.v1", (State.SENT,), AGENCIES, State.RECEIVED),
    Row(
        "request-information",
        "referral.information_requested.v1",
        (State.SENT, State.RECEIVED),
        AGENCIES,
        State.WAITING,
    ),
    Row("supply-information", "referral.information_supplied.v1", (State.WAITING,), SENDERS, State.RECEIVED),
    Row("accept", "referral.accepted.v1", (State.SENT, State.RECEIVED), AGENCIES, State.ACCEPTED),
    Row("decline", "referral.declined.v1", (State.SENT, State.RECEIVED), AGENCIES, State.DECLINED),
    Row("schedule", "referral.scheduled.v1", (State.ACCEPTED, State.SCHEDULED), AGENCIES, State.SCHEDULED),
    Row("attend", "referral.attended.v1", (State.SCHEDULED,), AGENCIES, State.ACCEPTED),
    Row("miss", "referral.missed.v1", (State.SCHEDULED,), AGENCIES, State.ACCEPTED),
    Row("start", "referral.service_started.v1", (State.ACCEPTED, State.SCHEDULED), AGENCIES, State.IN_SERVICE),
    Row("complete", "referral.completed.v1", (State.IN_SERVICE,), AGENCIES, State.COMPLETED),
    Row("fail", "referral.failed.v1", IN_PROGRESS, AGENCIES, State.FAILED),
    Row(
        "cancel",
        "referral.cancellation_requested.v1",
        (*UNANSWERED, State.ACCEPTED, State.SCHEDULED),
        SENDERS,
        State.CANCELLING,
    ),
    Row("confirm-cancellation", "referral.cancelled.v1", (State.CANCELLING,), (*AGENCIES, *CLOCK), State.CANCELLED),
    Row("refuse-cancellation", "referral.cancellation_refused.v1", (State.CANCELLING,), AGENCIES, None),
    Row("redirect", "referral.redirected.v1", UNSUCCESSFUL, SENDERS, State.REDIRECTED),
    Row("settle", "referral.settled.v1", UNSUCCESSFUL, SENDERS, State.SETTLED),
    Row("mark-response-overdue", "referral.response_overdue.v1", UNANSWERED, CLOCK, None),
    Row("expire", "referral.expired.v1", UNANSWERED, CLOCK, State.EXPIRED),
    Row("mark-progress-overdue", "referral.progress_overdue.v1", IN_PROGRESS, CLOCK, None),
)
TABLE = {row.action: row for row in ROWS}
