"""A referral: one household, or one member of it, sent to one service of one agency, until its outcome is known.

Each decision returns the event that answers the command: a new one, or the one by which the same actor had brought
the same state about before. A transition outside the table raises `Refused`.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain import referral_events as events
from domain.aggregate import Recorded, RecordedEvent
from domain.codes import Information, LegalBasis, ReferralOutcome, ReferralReason
from domain.errors import Invalid, Refused
from domain.referral_state import ReferralState
from domain.referral_table import IN_PROGRESS, OPEN, ROWS, TABLE, UNANSWERED, State
from domain.transitions import Action
from domain.values import Actor, Command, Deadline, Sealed

BASIS_FIELD = "basis_reference"
FURTHEST_APPOINTMENT = timedelta(days=366)
"""An agency's next step is due after its appointment, and until some time after that it reads whom the referral is of:
by an appointment far away it would give itself both for as long."""


def check_rule(legal_basis: LegalBasis, legal_rule: str | None) -> None:
    if legal_rule is not None and legal_basis is not LegalBasis.STATUTORY_DUTY:
        raise Invalid("rule-without-duty", "A rule is that of a statutory duty.", "legal_rule")


class Referral(Recorded, ReferralState):
    TOPIC = "referral"
    Event = events.ReferralEvent
    Created = events.Sent
    BasisRecorded = events.BasisRecorded
    BasisWithdrawn = events.BasisWithdrawn
    Received = events.Received
    InformationRequested = events.InformationRequested
    InformationSupplied = events.InformationSupplied
    Accepted = events.Accepted
    Declined = events.Declined
    Scheduled = events.Scheduled
    Attended = events.Attended
    Missed = events.Missed
    ServiceStarted = events.ServiceStarted
    Completed = events.Completed
    Failed = events.Failed
    CancellationRequested = events.CancellationRequested
    Cancelled = events.Cancelled
    CancellationRefused = events.CancellationRefused
    Redirected = events.Redirected
    Settled = events.Settled
    ResponseOverdue = events.ResponseOverdue
    ProgressOverdue = events.ProgressOverdue
    Expired = events.Expired

    def __init__(
        self,
        on: date,
        household: UUID,
        agency: UUID,
        service: UUID,
        respond_by: date,
        expires_on: date,
        member: UUID | None = None,
    ) -> None:
        super().__init__(on)
        self.household = household
        self.member = member
        self.agency = agency
        self.service = service
        self.state = State.SENT
        self.since = on
        self.before = State.SENT
        self.respond_by = respond_by
        self.expires_on = expires_on
        self.next_by: date | None = None
        self.cancel_by: date | None = None
        self.overdue_responses: set[date] = set()
        self.progress_overdue = False

    @property
    def owner(self) -> UUID:
        """Under whose data key its need, reference and notes are sealed: the member's that it is of."""
        return self.member or self.household

    def actions(self, actor: Actor) -> list[Action]:
        """What this actor may do now, by the table alone."""
        return [Action(row.action, row.event, {}) for row in ROWS if self.state in row.sources and actor.role in row.by]

    def check_data(self, erased: Collection[UUID], action: str, actor: Actor) -> None:
        """Raises `Refused` where what was just decided would be sealed under one of these keys."""
        if self.owner not in erased:
            return
        detail = f"{action} adds personal data, and that of this referral was erased; the state was {self.state}."
        allowed = [a.action for a in self.actions(actor)]
        raise Refused("personal-data-erased", detail, state=self.state, action=action, allowed=allowed)

    @property
    def adds_text(self) -> bool:
        """Whether anything sealed is in what was decided and is not yet stored."""
        return any(isinstance(value, Sealed) for event in self.pending_events for value in vars(event).values())

    # Decisions

    @classmethod
    def send(cls, command: Command, referral: UUID, **content: Any) -> "Referral":
        return cls._create(event_class=events.Sent, id=referral, **cls._base(command), **content)

    def record_basis(
        self, command: Command, *, legal_basis: LegalBasis, basis_reference: Sealed | None, legal_rule: str | None
    ) -> RecordedEvent:
        """Changes no state: it is possible as long as the agency has a part to play."""
        check_rule(legal_basis, legal_rule)
        if legal_basis is LegalBasis.CONSENT and basis_reference is None:
            raise Invalid("reference-missing", "Consent is recorded with the reference of its document.", BASIS_FIELD)
        if legal_basis is LegalBasis.STATUTORY_DUTY and legal_rule is None:
            raise Invalid("rule-missing", "A statutory duty is recorded with the rule it is in.", "legal_rule")
        content = {"legal_basis": legal_basis, "basis_reference": basis_reference, "legal_rule": legal_rule}
        return self._decide_in(OPEN, "record-basis", events.BasisRecorded, command, **content)

    def withdraw_basis(self, command: Command) -> RecordedEvent:
        """Changes no state, and is possible in any: an agency goes on reading for a time when its part has ended."""
        return self._decide_in(tuple(State), "withdraw-basis", events.BasisWithdrawn, command)

    def receive(self, command: Command) -> RecordedEvent:
        return self._decide("received", events.Received, command)

    def request_information(
        self, command: Command, *, information: tuple[Information, ...], note: Sealed | None
    ) -> RecordedEvent:
        if not information:
            raise Invalid("no-information", "Say which information is needed.", "information")
        return self._decide(
            "request-information", events.InformationRequested, command, information=information, note=note
        )

    def supply_information(self, command: Command, *, deadline: Deadline, note: Sealed | None) -> RecordedEvent:
        return self._decide(
            "supply-information",
            events.InformationSupplied,
            command,
            respond_by=deadline.date,
            calendar=deadline.calendar,
            note=note,
        )

    def accept(self, command: Command, *, next_by: Deadline) -> RecordedEvent:
        return self._progress("accept", events.Accepted, command, next_by)

    def decline(self, command: Command, *, reason: ReferralReason, note: Sealed | None) -> RecordedEvent:
        return self._with_reason("decline", events.Declined, command, reason, note)

    def schedule(self, command: Command, *, appointment: date, next_by: Deadline) -> RecordedEvent:
        if appointment < command.on:
            raise Invalid("appointment-past", "An appointment is not before the day it is made.", "appointment")
        if appointment > command.on + FURTHEST_APPOINTMENT:
            raise Invalid(
                "appointment-far",
                f"An appointment is at most {FURTHEST_APPOINTMENT.days} days after the day it is made.",
                "appointment",
            )
        return self._progress("schedule", events.Scheduled, command, next_by, appointment=appointment)

    def attend(self, command: Command, *, next_by: Deadline) -> RecordedEvent:
        return self._progress("attend", events.Attended, command, next_by)

    def miss(self, command: Command, *, next_by: Deadline) -> RecordedEvent:
        return self._progress("miss", events.Missed, command, next_by)

    def start(self, command: Command, *, next_by: Deadline) -> RecordedEvent:
        return self._progress("start", events.ServiceStarted, command, next_by)

    def complete(
        self, command: Command, *, outcome: ReferralOutcome, amount: int | None, note: Sealed | None
    ) -> RecordedEvent:
        if outcome is ReferralOutcome.CAPITAL_DISBURSED and (amount or 0) < 1:
            raise Invalid("amount-missing", "Say how many rupiah were disbursed.", "amount")
        return self._decide("complete", events.Completed, command, outcome=outcome, amount=amount, note=note)

    def fail(self, command: Command, *, reason: ReferralReason, note: Sealed | None) -> RecordedEvent:
        return self._with_reason("fail", events.Failed, command, reason, note)

    def cancel(
        self, command: Command, *, reason: ReferralReason, note: Sealed | None, cancel_by: Deadline
    ) -> RecordedEvent:
        return self._with_reason(
            "cancel",
            events.CancellationRequested,
            command,
            reason,
            note,
            before=self.state,
            cancel_by=cancel_by.date,
            calendar=cancel_by.calendar,
        )

    def confirm_cancellation(self, command: Command) -> RecordedEvent:
        return self._decide("confirm-cancellation", events.Cancelled, command)

    def refuse_cancellation(self, command: Command) -> RecordedEvent:
        return self._decide("refuse-cancellation", events.CancellationRefused, command, back_to=self.before)

    def redirected_before(self, command: Command) -> UUID | None:
        """Where the same actor redirected it on the same day, so that asking for the same again can be recognised."""
        last = self.latest.get(("state",))
        if not isinstance(last, events.Redirected) or (last.by, last.on) != (command.actor.sub, command.on):
            return None
        return last.to

    def redirect(self, command: Command, to: UUID) -> RecordedEvent:
        return self._decide("redirect", events.Redirected, command, to=to)

    def settle(self, command: Command, *, reason: ReferralReason, note: Sealed | None) -> RecordedEvent:
        return self._with_reason("settle", events.Settled, command, reason, note)

    # What the clock does, once each

    def due(self, today: date) -> list[str]:
        """The clock's actions whose deadline has passed and that are not yet recorded."""
        if self.state is State.CANCELLING:
            return ["confirm-cancellation"] if self.cancel_by is not None and today > self.cancel_by else []
        if self.state in UNANSWERED:
            if today > self.respond_by and self.respond_by not in self.overdue_responses:
                return ["mark-response-overdue"]
            return ["expire"] if today > self.expires_on else []
        if self.next_by is not None and today > self.next_by and not self.progress_overdue:
            return ["mark-progress-overdue"] if self.state in IN_PROGRESS else []
        return []

    def pass_deadline(self, command: Command) -> RecordedEvent | None:
        """Records the deadline that has passed by `command.on`, or nothing where none has."""
        for action in self.due(command.on):
            if action == "confirm-cancellation":
                return self.confirm_cancellation(command)
            if action == "expire":
                return self._decide(action, events.Expired, command)
            if action == "mark-response-overdue":
                return self._decide(action, events.ResponseOverdue, command, respond_by=self.respond_by)
            return self._decide(action, events.ProgressOverdue, command, next_by=self.next_by)
        return None

    # How it decides

    def _progress(
        self, action: str, event_class: type[RecordedEvent], command: Command, next_by: Deadline, **content: Any
    ) -> RecordedEvent:
        return self._decide(action, event_class, command, next_by=next_by.date, calendar=next_by.calendar, **content)

    def _with_reason(
        self,
        action: str,
        event_class: type[RecordedEvent],
        command: Command,
        reason: ReferralReason,
        note: Sealed | None,
        **content: Any,
    ) -> RecordedEvent:
        if reason is ReferralReason.OTHER and note is None:
            raise Invalid("note-missing", "The reason `other` needs a note.", "note")
        return self._decide(action, event_class, command, reason=reason, note=note, **content)

    def _decide(self, action: str, event_class: type[RecordedEvent], command: Command, **content: Any) -> RecordedEvent:
        return self._decide_in(TABLE[action].sources, action, event_class, command, **content)

    def _decide_in(
        self,
        sources: tuple[State, ...],
        action: str,
        event_class: type[RecordedEvent],
        command: Command,
        **content: Any,
    ) -> RecordedEvent:
        self.check_date(command)
        content["household"] = self.household
        earlier = self.satisfied(event_class, command, **content)
        if earlier is not None:
            return earlier
        if self.state not in sources:
            allowed = [a.action for a in self.actions(command.actor)]
            detail = f"{action} is not possible in state {self.state}."
            raise Refused("illegal-transition", detail, state=self.state, action=action, allowed=allowed)
        if command.on < self.since:
            raise Invalid("before-last-step", f"The referral is {self.state} since {self.since}.", "on")
        return self.record(event_class, command, **content)
