"""What tests of the domain start from: actors, dates, records in a state, and checks of what came of a decision."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.aggregate import Recorded, RecordedEvent
from domain.codes import (
    AssignmentRole,
    Channel,
    Evidence,
    GraduationKind,
    Information,
    LegalBasis,
    ReferralOutcome,
    ReferralReason,
)
from domain.errors import DomainError, Invalid, Refused
from domain.household import Household
from domain.referral import Referral
from domain.referral_table import State
from domain.values import Actor, Claim, Command, Deadline, LookupKey, NewMember, Role, Sealed

BEGAN = date(2025, 1, 6)
TODAY = date(2026, 6, 30)
VILLAGE = "33.24.04.2007"

BUDI, SITI = UUID(int=0xB0D1), UUID(int=0x5171)
AGENCY_ID, OTHER_AGENCY_ID, SERVICE_ID = UUID(int=0xA1), UUID(int=0xA2), UUID(int=0x51)

FACILITATOR = Actor(str(BUDI), Role.FACILITATOR)
OTHER_FACILITATOR = Actor(str(SITI), Role.FACILITATOR)
REGIONAL = Actor("kendal-1", Role.REGIONAL_OFFICER, "33.24")
OTHER_REGIONAL = Actor("kendal-2", Role.REGIONAL_OFFICER, "33.24")
KEMENSOS = Actor("kemensos-1", Role.PROGRAMME_OFFICER)
AGENCY = Actor("agency-1", Role.AGENCY_OFFICER, str(AGENCY_ID))
SYSTEM = Actor("agency-system", Role.AGENCY_SYSTEM, str(AGENCY_ID))
OTHER_AGENCY = Actor("agency-2", Role.AGENCY_OFFICER, str(OTHER_AGENCY_ID))
ADMINISTRATOR = Actor("admin-1", Role.ADMINISTRATOR)
CLOCK = Actor("clock", Role.CLOCK)


def command(by: Actor = FACILITATOR, on: date = TODAY, **other: Any) -> Command:
    return Command(id=uuid4(), actor=by, on=on, today=other.pop("today", TODAY), **other)


def sealed(text: str = "x") -> Sealed:
    return Sealed(UUID(int=1), text.encode())


def member(text: str = "a", *, head: bool = False, household: UUID | None = None) -> NewMember:
    identity = UUID(bytes=text.encode().rjust(16, b"\0"))
    claim = Claim(LookupKey("nik", text.encode(), 1), household or UUID(int=0), identity)
    return NewMember(identity, sealed(f"nik-{text}"), sealed(f"name-{text}"), sealed(f"born-{text}"), head, claim)


HEAD = member("head", head=True)


def settled_down(record: Any) -> Any:
    """As if stored and loaded: nothing is pending."""
    record.collect_events()
    return record


def registered(*programmes: str, by: Actor = FACILITATOR, since: date = BEGAN, region: str = VILLAGE) -> Household:
    """A household registered on BEGAN, led by Budi, enrolled in the programmes since the same day."""
    first = command(by, BEGAN)
    household = Household.register(
        first, uuid4(), region=region, kk=sealed("kk"), address=sealed("address"), members=(HEAD,)
    )
    household.assign(first, BUDI, AssignmentRole.LEAD)
    for programme in programmes:
        enrol(household, programme, since)
    return settled_down(household)  # type: ignore[no-any-return]


def enrol(
    household: Household, programme: str = "pkh", on: date = TODAY, *, relapse: bool = True, by: Actor = FACILITATOR
) -> RecordedEvent:
    return household.enrol(command(by, on), programme, relapse=relapse, rule_version=1, warnings=())


def propose(
    household: Household,
    *programmes: str,
    on: date = TODAY,
    by: Actor = FACILITATOR,
    kind: GraduationKind = GraduationKind.INDEPENDENT,
    evidence: tuple[Evidence, ...] = (Evidence.HOME_VISIT,),
    own_request: bool = False,
    steps: int = 1,
) -> UUID:
    """The id of the proposal that answers."""
    event = household.propose_graduation(
        command(by, on),
        uuid4(),
        kind=kind,
        programmes=programmes or ("pkh",),
        evidence=evidence,
        own_request=own_request,
        steps=steps,
        note=None,
    )
    return UUID(str(vars(event)["graduation"]))


def proposed(steps: int = 1, on: date = date(2026, 6, 1)) -> tuple[Household, UUID]:
    household = registered("pkh", "sembako")
    graduation = propose(household, "pkh", on=on, steps=steps)
    return settled_down(household), graduation


def graduated(on: date = date(2026, 6, 10), *programmes: str) -> tuple[Household, UUID]:
    household = registered("pkh", "sembako")
    graduation = propose(household, *(programmes or ("pkh",)), on=on)
    household.approve_graduation(command(REGIONAL, on), graduation)
    return settled_down(household), graduation


def assist(
    household: Household, *, on: date = TODAY, by: Actor = FACILITATOR, amount: int | None = 600_000, **other: Any
) -> RecordedEvent | None:
    payment: dict[str, Any] = {"programme": "pkh", "period": "2026-Q1", "reference": "r1", "paid_on": on, **other}
    return household.assist(command(by, on), channel=Channel.KKS, amount=amount, **payment)


def deadline(day: date = date(2026, 12, 1)) -> Deadline:
    return Deadline(day, "official")


SENT_ON = date(2026, 6, 1)
RESPOND_BY, EXPIRES_ON = date(2026, 6, 10), date(2026, 7, 10)


def sent(on: date = SENT_ON) -> Referral:
    referral = Referral.send(
        command(FACILITATOR, on),
        uuid4(),
        household=UUID(int=0x17),
        agency=AGENCY_ID,
        service=SERVICE_ID,
        need=sealed("need"),
        legal_basis=LegalBasis.CONSENT,
        respond_by=RESPOND_BY,
        expires_on=EXPIRES_ON,
        calendar="official",
        region=VILLAGE,
    )
    return settled_down(referral)  # type: ignore[no-any-return]


REFERRAL_STEPS: dict[str, tuple[Actor, Callable[[Referral, Command], object]]] = {
    "received": (AGENCY, lambda r, c: r.receive(c)),
    "request-information": (
        AGENCY,
        lambda r, c: r.request_information(c, information=(Information.CONSENT_LETTER,), note=None),
    ),
    "supply-information": (FACILITATOR, lambda r, c: r.supply_information(c, deadline=deadline(), note=None)),
    "accept": (AGENCY, lambda r, c: r.accept(c, next_by=deadline())),
    "decline": (AGENCY, lambda r, c: r.decline(c, reason=ReferralReason.NO_BUDGET, note=None)),
    "schedule": (AGENCY, lambda r, c: r.schedule(c, appointment=date(2026, 7, 20), next_by=deadline())),
    "attend": (AGENCY, lambda r, c: r.attend(c, next_by=deadline())),
    "miss": (AGENCY, lambda r, c: r.miss(c, next_by=deadline())),
    "start": (AGENCY, lambda r, c: r.start(c, next_by=deadline())),
    "complete": (AGENCY, lambda r, c: r.complete(c, outcome=ReferralOutcome.EMPLOYED, amount=None, note=None)),
    "fail": (AGENCY, lambda r, c: r.fail(c, reason=ReferralReason.NO_CAPACITY, note=None)),
    "cancel": (
        FACILITATOR,
        lambda r, c: r.cancel(c, reason=ReferralReason.DUPLICATE, note=None, cancel_by=deadline(date(2026, 6, 20))),
    ),
    "confirm-cancellation": (AGENCY, lambda r, c: r.confirm_cancellation(c)),
    "refuse-cancellation": (AGENCY, lambda r, c: r.refuse_cancellation(c)),
    "redirect": (FACILITATOR, lambda r, c: r.redirect(c, UUID(int=0xF0))),
    "settle": (FACILITATOR, lambda r, c: r.settle(c, reason=ReferralReason.NO_LONGER_NEEDED, note=None)),
}
"""Every action of an agency or sender, with who takes it and how."""

PATHS: dict[State, tuple[str, ...]] = {
    State.SENT: (),
    State.RECEIVED: ("received",),
    State.WAITING: ("request-information",),
    State.ACCEPTED: ("accept",),
    State.SCHEDULED: ("accept", "schedule"),
    State.IN_SERVICE: ("accept", "start"),
    State.CANCELLING: ("cancel",),
    State.COMPLETED: ("accept", "start", "complete"),
    State.DECLINED: ("decline",),
    State.FAILED: ("accept", "fail"),
    State.EXPIRED: ("expire",),
    State.CANCELLED: ("cancel", "confirm-cancellation"),
    State.REDIRECTED: ("decline", "redirect"),
    State.SETTLED: ("decline", "settle"),
}


def referral_in(state: State, on: date = SENT_ON) -> Referral:
    referral = sent()
    for action in PATHS[state]:
        if action == "expire":
            late = date(2026, 7, 11)
            while referral.pass_deadline(command(CLOCK, late, today=late)) is not None:
                pass
        else:
            by, step = REFERRAL_STEPS[action]
            step(referral, command(by, on))
    assert referral.state is state
    return settled_down(referral)  # type: ignore[no-any-return]


# What came of it


def happened(record: Recorded) -> list[str]:
    """Topics of the events since the record was last settled down."""
    return [e.TOPIC for e in record.pending_events if isinstance(e, RecordedEvent)]


def event(record: Recorded) -> Any:
    """The one event since the record was last settled down."""
    (only,) = record.pending_events
    return only


def raises_unchanged(kind: type[DomainError], record: Recorded, decide: Callable[[], object]) -> Any:
    """The error with which a decision is not carried out, while the record stays as it was."""
    before, version = list(record.pending_events), record.version
    with pytest.raises(kind) as caught:
        decide()
    assert (list(record.pending_events), record.version) == (before, version)
    return caught.value


def refused(record: Recorded, code: str, action: str, decide: Callable[[], object]) -> Refused:
    error: Refused = raises_unchanged(Refused, record, decide)
    assert isinstance(record, Household | Referral)
    assert (error.code, error.action, error.state) == (code, action, record.state)
    return error


def invalid(record: Recorded, code: str, decide: Callable[[], object]) -> None:
    error: Invalid = raises_unchanged(Invalid, record, decide)
    assert error.code == code
    assert error.field


def satisfied(record: Recorded, decide: Callable[[], object]) -> None:
    """The state asked for had been brought about: success without an event."""
    version = record.version
    decide()
    assert record.version == version
