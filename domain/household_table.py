"""The transition table of households (DESIGN.md section 5) as data."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from domain.household_state import HouseholdState, Stage
from domain.transitions import MINISTRY, OFFICERS, SENDERS, Condition, Rule, by_action
from domain.values import Role


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is taken on; only what the action needs is given."""

    by: str = ""
    on: date = date.min
    programmes: tuple[str, ...] = ()
    member: UUID | None = None
    graduation: UUID | None = None
    payment: tuple[str, str, str] | None = None
    erasure: UUID | None = None
    personal: bool = False
    """Whether anything sealed goes with it, such as a note."""
    names: dict[str, str] = field(default_factory=dict, compare=False)


def _proposal_is_named(h: HouseholdState, s: Subject) -> bool:
    return h.proposal is not None and h.proposal.graduation == s.graduation


def _not_returned_to_another(h: HouseholdState, s: Subject) -> bool:
    return h.proposal is None or (h.proposal.stage is Stage.RETURNED and h.proposal.by == s.by)


def _no_graduation_this_year(h: HouseholdState, s: Subject) -> bool:
    return not any(
        not g.revoked and g.on.year == s.on.year and set(g.programmes) & set(s.programmes)
        for g in h.graduations.values()
    )


def _ready_to_determine(h: HouseholdState, s: Subject) -> bool:
    if h.proposal is None or h.proposal.stage is Stage.RETURNED:
        return False
    return h.proposal.steps == 1 or h.proposal.stage is Stage.VERIFIED


def _unrevoked(h: HouseholdState, s: Subject) -> bool:
    return s.graduation in h.graduations and not h.graduations[s.graduation].revoked


def _graduated(h: HouseholdState, s: Subject) -> bool:
    return any(not g.revoked and g.on <= s.on for g in h.graduations.values())


def _in_force(h: HouseholdState, s: Subject) -> bool:
    return all(h.is_enrolled(p) for p in s.programmes)


def _requested(h: HouseholdState, s: Subject) -> bool:
    return s.erasure in h.erasures and h.erasures[s.erasure].open


def _not_since(h: HouseholdState, s: Subject) -> bool:
    return all(e.until is not None and e.until <= s.on for p in s.programmes for e in h.enrolments.get(p, ()))


PRESENT = Condition("household-left", "the household has not left", lambda h, s: h.left_on is None)
MEMBER = Condition(
    "member-not-current",
    "the member belongs to the household now",
    lambda h, s: s.member in h.members and h.members[s.member].left_on is None,
)
NOT_ENROLLED = Condition("already-enrolled", "the household is not in that programme, then or since", _not_since)
ENROLLED = Condition("not-enrolled", "the household is in that programme now", _in_force)
ENROLLED_ON = Condition(
    "not-enrolled",
    "the household was in that programme on that date",
    lambda h, s: all(h.was_enrolled(p, s.on) for p in s.programmes),
)
PAYMENT = Condition("no-such-payment", "the payment was recorded", lambda h, s: s.payment in h.payments)
NOT_REVERSED = Condition(
    "payment-reversed",
    "the payment was not reversed",
    lambda h, s: s.payment not in h.payments or not h.payments[s.payment].reversed,
)
NO_PROPOSAL = Condition(
    "proposal-open", "no proposal is open, or it was returned to this proposer", _not_returned_to_another
)
PROPOSED = Condition("no-such-proposal", "the proposal is open", _proposal_is_named)
WAITING = Condition(
    "proposal-returned",
    "the proposal is with those who decide, not with its proposer",
    lambda h, s: h.proposal is not None and h.proposal.stage is not Stage.RETURNED,
)
UNVERIFIED = Condition(
    "already-verified",
    "the proposal has not been verified",
    lambda h, s: h.proposal is not None and h.proposal.stage is not Stage.VERIFIED,
)
TWO_STEPS = Condition(
    "one-step", "the programme has two steps", lambda h, s: h.proposal is not None and h.proposal.steps == 2
)
OTHERS_PROPOSAL = Condition(
    "own-proposal", "the proposer is another actor", lambda h, s: h.proposal is not None and h.proposal.by != s.by
)
OWN_PROPOSAL = Condition(
    "not-proposer", "the actor is the proposer", lambda h, s: h.proposal is not None and h.proposal.by == s.by
)
READY = Condition("not-verified", "the proposal is verified, if the programme has two steps", _ready_to_determine)
FIRST_THIS_YEAR = Condition(
    "graduated-this-year", "no graduation from that programme stands in that year", _no_graduation_this_year
)
UNREVOKED = Condition("no-such-graduation", "the graduation stands", _unrevoked)
GRADUATED = Condition("not-graduated", "a graduation stands on that date", _graduated)

DATA = Condition("personal-data-erased", "the household's data was not erased", lambda h, s: not h.all_erased)
MEMBERS_DATA = Condition(
    "personal-data-erased",
    "the data asked about was not erased",
    lambda h, s: not h.all_erased if s.member is None else s.member not in h.erased,
)
TEXT = Condition(
    "personal-data-erased",
    "the household's data was not erased, or nothing personal is added",
    lambda h, s: not (s.personal and h.all_erased),
)
KNOWN = Condition(
    "no-such-member", "the member belongs or belonged to it", lambda h, s: s.member is None or s.member in h.members
)
NOT_REQUESTED = Condition(
    "erasure-requested",
    "no erasure of the same is requested",
    lambda h, s: not any(e.open and e.member == s.member for e in h.erasures.values()),
)
REQUESTED = Condition("no-such-erasure", "the erasure is requested and not yet decided", _requested)
OTHERS_REQUEST = Condition(
    "own-erasure",
    "another actor requested it",
    lambda h, s: s.erasure in h.erasures and h.erasures[s.erasure].by != s.by,
)

RULES = (
    Rule("register", "household.registered.v1", SENDERS),
    Rule("add-member", "household.member_joined.v1", SENDERS, (PRESENT, DATA)),
    Rule("remove-member", "household.member_left.v1", SENDERS, (PRESENT, MEMBER)),
    Rule("assess-member", "household.member_assessed.v1", SENDERS, (PRESENT, MEMBER, MEMBERS_DATA)),
    Rule("rank", "household.ranked.v1", SENDERS, (PRESENT,)),
    Rule("assess", "household.assessed.v1", SENDERS, (PRESENT, TEXT)),
    Rule("assign", "household.assigned.v1", SENDERS, (PRESENT,)),
    Rule("enrol", "household.enrolled.v1", SENDERS, (PRESENT, NOT_ENROLLED)),
    Rule("re-enrol", "household.re_enrolled.v1", SENDERS, (PRESENT, NOT_ENROLLED, GRADUATED)),
    Rule("assist", "household.assisted.v1", SENDERS, (PRESENT, NOT_REVERSED, ENROLLED_ON)),
    Rule("reverse-assistance", "household.assistance_reversed.v1", SENDERS, (PAYMENT, NOT_REVERSED)),
    Rule("visit", "household.visited.v1", SENDERS, (PRESENT, TEXT)),
    Rule(
        "propose-graduation",
        "household.graduation_proposed.v1",
        SENDERS,
        (PRESENT, ENROLLED, ENROLLED_ON, NO_PROPOSAL, FIRST_THIS_YEAR, TEXT),
    ),
    Rule(
        "return-graduation",
        "household.graduation_returned.v1",
        OFFICERS,
        (PRESENT, PROPOSED, WAITING, OTHERS_PROPOSAL, TEXT),
    ),
    Rule("reject-graduation", "household.graduation_rejected.v1", OFFICERS, (PRESENT, PROPOSED, OTHERS_PROPOSAL, TEXT)),
    Rule("withdraw-graduation", "household.graduation_withdrawn.v1", SENDERS, (PRESENT, PROPOSED, OWN_PROPOSAL)),
    Rule(
        "verify-graduation",
        "household.graduation_verified.v1",
        (Role.REGIONAL_OFFICER,),
        (PRESENT, PROPOSED, WAITING, TWO_STEPS, UNVERIFIED, OTHERS_PROPOSAL),
    ),
    Rule(
        "approve-graduation",
        "household.graduated.v1",
        OFFICERS,
        (PRESENT, PROPOSED, WAITING, OTHERS_PROPOSAL, READY, ENROLLED, ENROLLED_ON, FIRST_THIS_YEAR),
    ),
    Rule("revoke-graduation", "household.graduation_revoked.v1", OFFICERS, (UNREVOKED, TEXT)),
    Rule("discontinue", "household.discontinued.v1", SENDERS, (PRESENT, ENROLLED, ENROLLED_ON)),
    Rule("refer", "household.referred.v1", SENDERS, (PRESENT, MEMBERS_DATA)),
    Rule("decline-connection", "household.connection_declined.v1", SENDERS, (PRESENT, GRADUATED)),
    Rule("move", "household.moved.v1", SENDERS, (PRESENT, DATA)),
    Rule("leave", "household.left.v1", SENDERS, (PRESENT,)),
    Rule("request-erasure", "household.erasure_requested.v1", MINISTRY, (KNOWN, MEMBERS_DATA, NOT_REQUESTED)),
    Rule("withdraw-erasure", "household.erasure_withdrawn.v1", MINISTRY, (REQUESTED,)),
    Rule("confirm-erasure", "household.personal_data_erased.v1", MINISTRY, (REQUESTED, OTHERS_REQUEST)),
)
TABLE = by_action(RULES)


def subjects(household: HouseholdState, action: str, by: str, today: date) -> list[Subject]:
    """What an action could be taken on now; one empty subject where it needs none, or where it may be a new one."""
    base = Subject(by=by, on=today)
    if action == "request-erasure":
        return [base, *(Subject(by, today, member=m, names={"member": str(m)}) for m in household.members)]
    if action in ("confirm-erasure", "withdraw-erasure"):
        return [
            Subject(by, today, erasure=i, names={"erasure": str(i)} | ({"member": str(e.member)} if e.member else {}))
            for i, e in household.erasures.items()
        ]
    if action in ("remove-member", "assess-member"):
        return [Subject(by, today, member=m, names={"member": str(m)}) for m in household.members]
    if action in ("enrol", "assist", "discontinue", "re-enrol", "propose-graduation"):
        known = [Subject(by, today, programmes=(p,), names={"programme": p}) for p in sorted(household.enrolments)]
        return [base, *known] if action in ("enrol", "re-enrol") else known
    if action == "reverse-assistance":
        return [Subject(by, today, payment=key) for key, paid in household.payments.items() if not paid.reversed][-1:]
    if action == "revoke-graduation":
        return [Subject(by, today, graduation=g, names={"graduation": str(g)}) for g in household.graduations]
    if action.endswith("-graduation"):
        proposal = household.proposal
        if proposal is None:
            return []
        return [
            Subject(
                by,
                today,
                proposal.programmes,
                graduation=proposal.graduation,
                names={"graduation": str(proposal.graduation)},
            )
        ]
    return [base]
