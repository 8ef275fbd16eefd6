"""How far a referral has come: the same for every projection that follows referrals."""

from datetime import date

import msgspec

from domain.referral_events import ProgressOverdue, ReferralEvent, ResponseOverdue, Sent
from domain.referral_table import IN_PROGRESS, UNANSWERED, UNSUCCESSFUL, State

AGENCY = "agency"
SENDER = "sender"


class Progress(msgspec.Struct):
    """A referral's state and deadlines under the names that the domain's events set when they evolve an aggregate."""

    state: State
    since: date
    before: State
    respond_by: date
    expires_on: date
    next_by: date | None = None
    cancel_by: date | None = None
    overdue_responses: list[date] = []
    progress_overdue: bool = False

    @property
    def response_overdue(self) -> bool:
        """Whether the present deadline for an answer was missed, by an event."""
        return self.respond_by in self.overdue_responses

    @property
    def due(self) -> date | None:
        """The date by which the one who must act should have, as frozen into events; None where none is frozen."""
        if self.state in UNANSWERED:
            return self.respond_by
        if self.state in IN_PROGRESS:
            return self.next_by
        return self.cancel_by if self.state is State.CANCELLING else None

    @property
    def who(self) -> str | None:
        """`agency` or `sender`, whoever must act; None where nobody need."""
        if self.state is State.WAITING or self.state in UNSUCCESSFUL:
            return SENDER
        return AGENCY if self.due is not None else None

    @property
    def clock_due(self) -> date | None:
        """The date after which the clock has an event to write; None where it has none. As `Referral.due` decides."""
        if self.state in UNANSWERED:
            return self.expires_on if self.response_overdue else min(self.respond_by, self.expires_on)
        if self.state in IN_PROGRESS:
            return None if self.progress_overdue else self.next_by
        return self.cancel_by if self.state is State.CANCELLING else None


def begun(event: Sent) -> Progress:
    return Progress(State.SENT, event.on, State.SENT, event.respond_by, event.expires_on)


def advanced(progress: Progress, event: ReferralEvent) -> Progress:
    """The progress after any event but the first."""
    after = msgspec.structs.replace(progress)
    if isinstance(event, ResponseOverdue):
        after.overdue_responses = sorted({*progress.overdue_responses, event.respond_by})
    elif isinstance(event, ProgressOverdue):
        after.progress_overdue = True
    else:
        evolve = type(event).evolve
        evolve(event, after)  # type: ignore[arg-type]
    return after
