"""What of a household still waits for somebody: its open referrals, its proposal, its graduation without a referral."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain.codes import AssignmentRole, Evidence, GraduationKind, ReturnReason
from domain.erasure_events import PersonalDataErased
from domain.graduation_events import (
    Graduated,
    GraduationProposed,
    GraduationRejected,
    GraduationReturned,
    GraduationRevoked,
    GraduationVerified,
    GraduationWithdrawn,
)
from domain.household_events import Assigned, ConnectionDeclined, Left, Moved, ReEnrolled, Registered
from domain.household_state import Stage
from domain.referral_events import BasisRecorded, BasisWithdrawn, ReferralEvent, Sent
from domain.referral_table import OPEN, State
from domain.values import Sealed
from projections.engine.log import LoggedEvent
from projections.erased import kept
from projections.referral_progress import Progress, advanced, begun

PROPOSAL_EVENTS = (
    GraduationProposed,
    GraduationReturned,
    GraduationRejected,
    GraduationWithdrawn,
    GraduationVerified,
)
MATTERS = (
    *PROPOSAL_EVENTS,
    Registered,
    Moved,
    Assigned,
    Graduated,
    GraduationRevoked,
    ReEnrolled,
    ConnectionDeclined,
    Left,
    ReferralEvent,
    PersonalDataErased,
)

REGIONAL_OFFICER = "regional_officer"
PROGRAMME_OFFICER = "programme_officer"
PROPOSER = "proposer"
FACILITATOR = "facilitator"


class Followed(msgspec.Struct, frozen=True):
    """A referral that somebody must act on."""

    agency: UUID
    service: UUID
    progress: Progress


class Waiting(msgspec.Struct, frozen=True):
    """An open proposal; `since` is when it came to its stage. Notes are sealed."""

    graduation: UUID
    kind: GraduationKind
    programmes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    own_request: bool
    steps: int
    proposed_by: str
    proposed_on: date
    stage: Stage
    since: date
    note: Sealed | None = None
    return_reason: ReturnReason | None = None
    return_note: Sealed | None = None

    @property
    def who(self) -> str:
        """Who must act: the proposer on a returned one, the programme officer on a verified one."""
        if self.stage is Stage.RETURNED:
            return PROPOSER
        return PROGRAMME_OFFICER if self.stage is Stage.VERIFIED else REGIONAL_OFFICER


class Graduate(msgspec.Struct, frozen=True):
    """A graduation that stands; `declined` where the family wants no referral after it."""

    graduation: UUID
    position: int
    on: date
    relapsed: bool = False
    declined: bool = False


class FollowUpState(msgspec.Struct, frozen=True):
    """A household's loose ends. `referrals` are those that somebody must act on; `connected` is set for good by the
    first completed one.

    `followers` are all who were ever assigned; `lead` is the last who was assigned as such, from `lead_since` on.
    """

    region: str = ""
    followers: tuple[UUID, ...] = ()
    lead: UUID | None = None
    lead_since: date | None = None
    referrals: dict[UUID, Followed] = {}
    connected: bool = False
    proposal: Waiting | None = None
    graduates: tuple[Graduate, ...] = ()
    left: bool = False

    @property
    def unconnected(self) -> Graduate | None:
        """The latest graduation that stands, where it has neither relapsed nor been connected or declined."""
        latest = max(self.graduates, key=lambda g: (g.on, g.position), default=None)
        is_open = any(r.progress.state in OPEN for r in self.referrals.values())
        if latest is None or latest.relapsed or latest.declined or is_open or self.connected:
            return None
        return latest


def after(state: FollowUpState, logged: LoggedEvent) -> FollowUpState:
    event = logged.event
    if isinstance(event, ReferralEvent):
        return _after_referral(state, event, logged.stream)
    if isinstance(event, PROPOSAL_EVENTS):
        return _with(state, proposal=_proposal(state.proposal, event))
    match event:
        case PersonalDataErased():
            return _with(state, proposal=state.proposal and _erased(state.proposal, event.keys))
        case Registered() | Moved():
            return _with(state, region=event.region)
        case Assigned():
            return _assigned(state, event)
        case Graduated():
            new = Graduate(event.graduation, logged.position, event.on)
            return _with(state, proposal=None, graduates=(*state.graduates, new))
        case GraduationRevoked():
            standing = tuple(g for g in state.graduates if g.graduation != event.graduation)
            return _with(state, graduates=standing)
        case ReEnrolled():
            return _with(state, graduates=_marked(state, {event.graduation}, relapsed=True))
        case ConnectionDeclined():
            meant = {g.graduation for g in state.graduates if g.on <= event.on}
            return _with(state, graduates=_marked(state, meant, declined=True))
        case Left():
            return _with(state, left=True)
    return state


def _assigned(state: FollowUpState, event: Assigned) -> FollowUpState:
    if event.facilitator not in state.followers:
        state = _with(state, followers=(*state.followers, event.facilitator))
    if event.role is AssignmentRole.LEAD:
        state = _with(state, lead=event.facilitator, lead_since=event.effective)
    return state


def _after_referral(state: FollowUpState, event: ReferralEvent, referral: UUID) -> FollowUpState:
    if isinstance(event, BasisRecorded | BasisWithdrawn):  # of one that nobody need act on, too
        return state
    others = {i: r for i, r in state.referrals.items() if i != referral}
    if isinstance(event, Sent):
        return _with(state, referrals={**others, referral: Followed(event.agency, event.service, begun(event))})
    followed = state.referrals[referral]
    progress = advanced(followed.progress, event)
    if progress.who is not None:
        followed = msgspec.structs.replace(followed, progress=progress)
        return _with(state, referrals={**others, referral: followed})
    return _with(state, referrals=others, connected=state.connected or progress.state is State.COMPLETED)


def _proposal(before: Waiting | None, event: Any) -> Waiting | None:
    match event:
        case GraduationProposed():
            return Waiting(
                event.graduation,
                event.kind,
                event.programmes,
                event.evidence,
                event.own_request,
                event.steps,
                proposed_by=event.by,
                proposed_on=event.on,
                stage=Stage.PROPOSED,
                since=event.on,
                note=event.note,
            )
        case GraduationReturned() if before is not None:
            return msgspec.structs.replace(
                before, stage=Stage.RETURNED, since=event.on, return_reason=event.reason, return_note=event.note
            )
        case GraduationVerified() if before is not None:
            return msgspec.structs.replace(before, stage=Stage.VERIFIED, since=event.on)
    return None


def _erased(proposal: Waiting, keys: Collection[UUID]) -> Waiting:
    """Without the notes that nothing opens again."""
    notes = {"note": kept(proposal.note, keys), "return_note": kept(proposal.return_note, keys)}
    return msgspec.structs.replace(proposal, **notes)


def _marked(state: FollowUpState, meant: set[UUID], **marks: bool) -> tuple[Graduate, ...]:
    return tuple(msgspec.structs.replace(g, **marks) if g.graduation in meant else g for g in state.graduates)


def _with(state: FollowUpState, **changes: Any) -> FollowUpState:
    return msgspec.structs.replace(state, **changes)
