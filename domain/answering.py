"""What an agency answers to a referral, by whichever way the answer comes in."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain import deadlines
from domain.codes import Information, ReferralOutcome, ReferralReason
from domain.deadlines import Days
from domain.deciding import check_role
from domain.ports import Calendar
from domain.referral_commands import ReferralCommands
from domain.referral_table import TABLE
from domain.transitions import AGENCIES
from domain.values import Command, Deadline, Outcome, Sealed

ACTIONS = tuple(action for action, row in TABLE.items() if set(AGENCIES) <= set(row.by))
"""Those that an agency takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An action of the table of referrals on one of them, with what goes with it."""

    action: str
    referral: UUID
    on: date | None = None
    appointment: date | None = None
    information: tuple[Information, ...] = ()
    reason: ReferralReason | None = None
    outcome: ReferralOutcome | None = None
    amount: int | None = None
    note: Sealed | None = None


class Answering:
    """Carries answers out, and freezes into them by when the next step is expected."""

    def __init__(self, application: ReferralCommands, calendar: Calendar, days: Days) -> None:
        self._application = application
        self._calendar = calendar
        self._days = days

    def answer(self, answer: Answer, command: Command) -> Outcome:
        """Raises `DomainError`, as the verbs do; `Forbidden` for an action that no agency takes."""
        check_role(command.actor, answer.action, TABLE[answer.action].by)
        application, referral = self._application, answer.referral
        match answer:
            case Answer("received"):
                return application.receive(referral, command)
            case Answer("request-information"):
                return application.request_information(
                    referral, command, information=answer.information, note=answer.note
                )
            case Answer("accept"):
                return application.accept(referral, command, next_by=self._progress(command.on))
            case Answer("decline", reason=ReferralReason() as reason):
                return application.decline(referral, command, reason=reason, note=answer.note)
            case Answer("schedule", appointment=date() as day):
                return application.schedule(referral, command, appointment=day, next_by=self._progress(day))
            case Answer("attend"):
                return application.attend(referral, command, next_by=self._progress(command.on))
            case Answer("miss"):
                return application.miss(referral, command, next_by=self._progress(command.on))
            case Answer("start"):
                return application.start(referral, command, next_by=deadlines.completion(self._days, command.on))
            case Answer("complete", outcome=ReferralOutcome() as outcome):
                return application.complete(referral, command, outcome=outcome, amount=answer.amount, note=answer.note)
            case Answer("fail", reason=ReferralReason() as reason):
                return application.fail(referral, command, reason=reason, note=answer.note)
            case Answer("confirm-cancellation"):
                return application.confirm_cancellation(referral, command)
            case Answer("refuse-cancellation"):
                return application.refuse_cancellation(referral, command)
        raise ValueError(f"{answer.action} lacks what goes with it.")

    def _progress(self, since: date) -> Deadline:
        return deadlines.progress(self._calendar, self._days, since)
