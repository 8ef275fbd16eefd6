"""A household (KPM): one family card, one stream, its whole history.

Each decision takes a command and content, and returns the event that answers it: a new one, or the one by which the
same actor had brought the same state about before. A transition outside the table raises `Refused`.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain import erasure_events, graduation_events
from domain import household_events as events
from domain.aggregate import Recorded, RecordedEvent
from domain.codes import AssignmentRole, Channel, ErasureScope
from domain.errors import Conflict, Invalid, Refused
from domain.graduating import GraduationDecisions
from domain.household_event import HouseholdEvent
from domain.household_state import Assignment, Enrolment, Erasure, Graduation, Member, Payment, Proposal
from domain.household_table import RULES, TABLE, Subject, subjects
from domain.transitions import Action
from domain.values import Actor, Command, NewMember, Sealed


class Household(Recorded, GraduationDecisions):
    TOPIC = "household"
    Event = HouseholdEvent
    Created = events.Registered
    MemberJoined = events.MemberJoined
    MemberLeft = events.MemberLeft
    MemberAssessed = events.MemberAssessed
    Ranked = events.Ranked
    Assessed = events.Assessed
    Assigned = events.Assigned
    Enrolled = events.Enrolled
    ReEnrolled = events.ReEnrolled
    Assisted = events.Assisted
    AssistanceReversed = events.AssistanceReversed
    Visited = events.Visited
    GraduationProposed = graduation_events.GraduationProposed
    GraduationReturned = graduation_events.GraduationReturned
    GraduationRejected = graduation_events.GraduationRejected
    GraduationWithdrawn = graduation_events.GraduationWithdrawn
    GraduationVerified = graduation_events.GraduationVerified
    Graduated = graduation_events.Graduated
    GraduationRevoked = graduation_events.GraduationRevoked
    Discontinued = events.Discontinued
    Referred = events.Referred
    ConnectionDeclined = events.ConnectionDeclined
    Moved = events.Moved
    Left = events.Left
    ErasureRequested = erasure_events.ErasureRequested
    ErasureWithdrawn = erasure_events.ErasureWithdrawn
    PersonalDataErased = erasure_events.PersonalDataErased

    def __init__(self, on: date, by: str, region: str, kk: Sealed, address: Sealed) -> None:
        super().__init__(on)
        self.registered_by = by
        self.region = region
        self.residences: list[tuple[date, str]] = [(on, region)]
        self.kk = kk
        self.address = address
        self.members: dict[UUID, Member] = {}
        self.decile: int | None = None
        self.decile_period = ""
        self.assignments: list[Assignment] = []
        self.enrolments: dict[str, list[Enrolment]] = {}
        self.payments: dict[tuple[str, str, str], Payment] = {}
        self.proposal: Proposal | None = None
        self.graduations: dict[UUID, Graduation] = {}
        self.left_on: date | None = None
        self.erasures: dict[UUID, Erasure] = {}
        self.erased: list[UUID] = []

    # What may be done with it

    def actions(self, actor: Actor, today: date) -> list[Action]:
        """What this actor may do now, by the table alone."""
        return [
            Action(rule.action, rule.event, subject.names)
            for rule in RULES
            if rule.open_to(actor) and rule.action != "register"
            for subject in subjects(self, rule.action, actor.sub, today)
            if rule.failing(self, subject) is None
        ]

    # Decisions

    @classmethod
    def register(
        cls,
        command: Command,
        household: UUID,
        *,
        region: str,
        kk: Sealed,
        address: Sealed,
        members: tuple[NewMember, ...],
    ) -> "Household":
        if not members:
            raise Invalid("no-members", "A household has at least one member.", "members")
        if sum(m.head for m in members) != 1:
            raise Invalid("one-head", "Exactly one member is the head of the family.", "members")
        new = cls._create(
            event_class=events.Registered,
            id=household,
            **cls._base(command),
            region=region,
            kk=kk,
            address=address,
        )
        for member in members:
            new.add_member(command, member)
        return new

    def add_member(self, command: Command, new: NewMember) -> RecordedEvent:
        others = [m for i, m in self.members.items() if i != new.id and m.left_on is None]
        if new.head and any(m.head for m in others):
            raise Invalid("one-head", "The household has a head of the family already.", "head")
        return self._decide(
            "add-member",
            events.MemberJoined,
            command,
            Subject(),
            member=new.id,
            nik=new.nik,
            name=new.name,
            birth_date=new.birth_date,
            head=new.head,
            warnings=new.warnings,
        )

    def remove_member(self, command: Command, member: UUID, **content: Any) -> RecordedEvent:
        self._check_joined(command, member)
        subject = Subject(member=member)
        return self._decide("remove-member", events.MemberLeft, command, subject, member=member, **content)

    def assess_member(self, command: Command, member: UUID, **content: Any) -> RecordedEvent:
        self._check_joined(command, member)
        subject = Subject(member=member)
        return self._decide("assess-member", events.MemberAssessed, command, subject, member=member, **content)

    def rank(self, command: Command, **content: Any) -> RecordedEvent:
        return self._decide("rank", events.Ranked, command, Subject(), **content)

    def assess(self, command: Command, **content: Any) -> RecordedEvent:
        return self._decide("assess", events.Assessed, command, Subject(), **content)

    def assign(self, command: Command, facilitator: UUID, role: AssignmentRole) -> RecordedEvent:
        """A first lead takes effect on its day, a hand-over the day after."""
        leads = [a for a in self.assignments if a.role is AssignmentRole.LEAD]
        repeated = self.latest.get(("assignment", "lead"))
        effective = command.on
        if role is AssignmentRole.LEAD and leads:
            effective = command.on + timedelta(days=1)
            if (
                isinstance(repeated, events.Assigned)
                and repeated.on == command.on
                and repeated.facilitator == facilitator
            ):
                effective = repeated.effective
            elif effective < leads[-1].since:
                raise Invalid("before-assignment", f"The lead in office began on {leads[-1].since}.", "on")
        return self._decide(
            "assign", events.Assigned, command, Subject(), facilitator=facilitator, role=role, effective=effective
        )

    def enrol(self, command: Command, programme: str, *, relapse: bool, **content: Any) -> RecordedEvent:
        """An enrolment after a graduation, in a programme marked `relapse`, is a relapse and names the graduation."""
        subject = Subject(programmes=(programme,))
        graduation = self.relapsed_from(programme, command.on) if relapse else None
        if graduation is None:
            return self._decide("enrol", events.Enrolled, command, subject, programme=programme, **content)
        return self._decide(
            "re-enrol", events.ReEnrolled, command, subject, programme=programme, graduation=graduation, **content
        )

    def assist(
        self,
        command: Command,
        *,
        programme: str,
        period: str,
        channel: Channel,
        amount: int | None,
        paid_on: date,
        reference: str,
    ) -> RecordedEvent | None:
        """None where exactly this payment is recorded already, by whomever."""
        identity = (programme, period, reference)
        known = self.payments.get(identity)
        subject = Subject(programmes=(programme,), on=command.on, payment=identity)
        if known is not None and not known.reversed:
            self.check_date(command)
            if (known.channel, known.amount, known.paid_on) == (channel, amount, paid_on):
                return None
            raise Conflict("payment-conflict", f"Payment {reference} for {period} is recorded with other content.")
        if paid_on < self.began_on:
            raise Invalid("before-registration", f"The household is registered since {self.began_on}.", "paid_on")
        return self._decide(
            "assist",
            events.Assisted,
            command,
            subject,
            programme=programme,
            period=period,
            channel=channel,
            amount=amount,
            paid_on=paid_on,
            reference=reference,
        )

    def reverse_assistance(
        self, command: Command, programme: str, period: str, reference: str, **content: Any
    ) -> RecordedEvent:
        paid = self.payments.get((programme, period, reference))
        if paid is not None and command.on < paid.paid_on:
            raise Invalid("before-payment", f"The payment was made on {paid.paid_on}.", "on")
        subject = Subject(payment=(programme, period, reference))
        identity = {"programme": programme, "period": period, "reference": reference}
        return self._decide("reverse-assistance", events.AssistanceReversed, command, subject, **identity, **content)

    def visit(self, command: Command, **content: Any) -> RecordedEvent:
        return self._decide("visit", events.Visited, command, Subject(), **content)

    def discontinue(self, command: Command, programme: str, **content: Any) -> RecordedEvent:
        subject = Subject(programmes=(programme,))
        return self._decide("discontinue", events.Discontinued, command, subject, programme=programme, **content)

    def refer(self, command: Command, **content: Any) -> RecordedEvent:
        member = content.get("member")
        if member is not None and (member not in self.members or self.members[member].left_on is not None):
            raise Invalid("member-not-current", "The member does not belong to the household now.", "member")
        return self._decide("refer", events.Referred, command, Subject(member=member), **content)

    def decline_connection(self, command: Command, **content: Any) -> RecordedEvent:
        return self._decide("decline-connection", events.ConnectionDeclined, command, Subject(), **content)

    def move(self, command: Command, **content: Any) -> RecordedEvent:
        since = self.residences[-1][0]
        if self.began_on <= command.on < since:
            raise Invalid("before-move", f"The household lives where it does since {since}.", "on")
        return self._decide("move", events.Moved, command, Subject(), **content)

    def leave(self, command: Command, **content: Any) -> RecordedEvent:
        return self._decide("leave", events.Left, command, Subject(), **content)

    def request_erasure(self, command: Command, erasure: UUID, *, member: UUID | None, **content: Any) -> RecordedEvent:
        return self._decide(
            "request-erasure",
            erasure_events.ErasureRequested,
            command,
            Subject(member=member),
            erasure=erasure,
            scope=ErasureScope.HOUSEHOLD if member is None else ErasureScope.PERSON,
            member=member,
            **content,
        )

    def withdraw_erasure(self, command: Command, erasure: UUID) -> RecordedEvent:
        return self._decide(
            "withdraw-erasure",
            erasure_events.ErasureWithdrawn,
            command,
            Subject(erasure=erasure),
            erasure=erasure,
            **self._erasure_of(erasure),
        )

    def confirm_erasure(self, command: Command, erasure: UUID) -> RecordedEvent:
        """By another actor than who requested it."""
        return self._decide(
            "confirm-erasure",
            erasure_events.PersonalDataErased,
            command,
            Subject(erasure=erasure),
            scope=self._erasure_of(erasure)["scope"],
            keys=self.keys_of(erasure),
        )

    def keys_of(self, erasure: UUID) -> tuple[UUID, ...]:
        """Whose keys go, or went, by this erasure: the household's own goes with those of its last member."""
        asked = self.erasures.get(erasure)
        if asked is None or asked.keys:
            return asked.keys if asked else ()
        there = [member for member in self.members if member not in self.erased]
        gone = there if asked.member is None else [asked.member]
        return tuple(gone) if set(there) - set(gone) else (*gone, self.id)

    def _erasure_of(self, erasure: UUID) -> dict[str, Any]:
        asked = self.erasures.get(erasure)
        member = asked.member if asked else None
        return {"scope": ErasureScope.HOUSEHOLD if member is None else ErasureScope.PERSON, "member": member}

    # How it decides

    def _check_joined(self, command: Command, member: UUID) -> None:
        self.check_date(command)
        if member in self.members and command.on < self.members[member].joined_on:
            raise Invalid("before-joining", f"The member joined on {self.members[member].joined_on}.", "on")

    def _decide(
        self, action: str, event_class: type[RecordedEvent], command: Command, subject: Subject, **content: Any
    ) -> RecordedEvent:
        self.check_date(command)
        earlier = self.satisfied(event_class, command, **content)
        if earlier is not None:
            return earlier
        asked = Subject(
            command.actor.sub,
            command.on,
            subject.programmes,
            subject.member,
            subject.graduation,
            subject.payment,
            subject.erasure,
            personal=any(isinstance(value, Sealed) for value in content.values()),
        )
        failing = TABLE[action].failing(self, asked)
        if failing is not None:
            allowed = sorted({a.action for a in self.actions(command.actor, command.today)})
            detail = f"{action} is possible only where {failing.meaning}; the state is {self.state}."
            raise Refused(failing.code, detail, state=self.state, action=action, allowed=allowed)
        return self.record(event_class, command, **content)
