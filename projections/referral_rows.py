"""Referrals as they stand, for senders and agencies; and the feed of what happened, for agencies without Kafka."""

from collections.abc import Collection, Mapping, Set
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain.codes import Information, LegalBasis, ReferralOutcome, ReferralReason
from domain.erasure_events import PersonalDataErased
from domain.referral_events import BasisRecorded, BasisWithdrawn, Redirected, ReferralEvent, Scheduled, Sent, Settled
from domain.referral_table import OPEN
from domain.values import Sealed
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Projection, Put, Table
from projections.erased import kept
from projections.keys import by_household
from projections.referral_progress import Progress, advanced, begun

REFERRALS = Table("referrals", ("referral",))
FEED = Table("referral_feed", ("agency", "position"))

TOLD = frozenset(
    {
        "service", "member", "legal_basis", "legal_rule", "region", "respond_by", "expires_on", "next_by", "cancel_by",
        "appointment", "calendar", "information", "outcome", "amount", "reason", "back_to", "warnings",
    }
)  # fmt: skip
"""What an agency is told of an event: codes and dates, and nothing of referrals to others.

Why a sender settled is the sender's concern: that reason is left out."""


class Note(msgspec.Struct):
    """A sealed note of the event at `position`; None where it was erased."""

    position: int
    topic: str
    on: date
    note: Sealed | None


class ReferralState(msgspec.Struct):
    """One referral; `reason`, `information` and `outcome` are the latest given, `version` and `position` those of its
    latest event."""

    household: UUID
    member: UUID | None
    agency: UUID
    service: UUID
    region: str
    need: Sealed | None
    legal_basis: LegalBasis
    basis_reference: Sealed | None
    previous: UUID | None
    warnings: tuple[str, ...]
    sent_on: date
    sent_by: str
    calendar: str
    progress: Progress
    version: int
    position: int
    appointment: date | None = None
    information: tuple[Information, ...] = ()
    reason: ReferralReason | None = None
    outcome: ReferralOutcome | None = None
    amount: int | None = None
    redirected_to: UUID | None = None
    notes: tuple[Note, ...] = ()
    legal_rule: str | None = None
    ended_on: date | None = None
    """When the agency's part came to its end."""


class Referrals(msgspec.Struct, frozen=True):
    """Those of one household: an erasure concerns them all."""

    by_id: dict[UUID, ReferralState] = {}


MATTERS = (ReferralEvent, PersonalDataErased)


def key(logged: LoggedEvent) -> UUID | None:
    return by_household(logged) if isinstance(logged.event, MATTERS) else None


def fold(state: Referrals | None, logged: LoggedEvent) -> tuple[Referrals, list[Change]]:
    event, known = logged.event, (state or Referrals()).by_id
    if isinstance(event, PersonalDataErased):
        erased = {i: _erased(r, event.keys) for i, r in known.items()}
        changed: list[Change] = [Put(REFERRALS, _row(i, r)) for i, r in erased.items() if r != known[i]]
        return Referrals({**known, **erased}), changed
    if isinstance(event, Sent):
        after = _sent(event, logged)
    elif isinstance(event, ReferralEvent) and logged.stream in known:
        after = _changed(known[logged.stream], event, logged)
    else:
        raise ValueError(f"{logged.topic} comes before the referral was sent.")
    now = Referrals({**known, logged.stream: after})
    return now, [Put(REFERRALS, _row(logged.stream, after)), Put(FEED, _message(after, logged))]


def _erased(referral: ReferralState, keys: Collection[UUID]) -> ReferralState:
    """All that was written of a member goes with the member, also what was once sealed under the household's key."""
    gone = referral.member in keys

    def left(box: Sealed | None) -> Sealed | None:
        return None if gone else kept(box, keys)

    return msgspec.structs.replace(
        referral,
        need=left(referral.need),
        basis_reference=left(referral.basis_reference),
        notes=tuple(msgspec.structs.replace(note, note=left(note.note)) for note in referral.notes),
    )


def _sent(event: Sent, logged: LoggedEvent) -> ReferralState:
    return ReferralState(
        household=event.household,
        member=event.member,
        agency=event.agency,
        service=event.service,
        region=event.region,
        need=event.need,
        legal_basis=event.legal_basis,
        basis_reference=event.basis_reference,
        previous=event.previous,
        warnings=event.warnings,
        sent_on=event.on,
        sent_by=event.by,
        calendar=event.calendar,
        progress=begun(event),
        version=logged.version,
        position=logged.position,
    )


def _changed(state: ReferralState, event: ReferralEvent, logged: LoggedEvent) -> ReferralState:
    after = msgspec.structs.replace(
        state, progress=advanced(state.progress, event), version=logged.version, position=logged.position
    )
    told = vars(event)
    for name in ("calendar", "information", "reason", "outcome", "amount"):
        if told.get(name) is not None:
            setattr(after, name, told[name])
    if isinstance(event, Scheduled):
        after.appointment = event.appointment
    if isinstance(event, BasisRecorded):
        after.legal_basis, after.basis_reference = event.legal_basis, event.basis_reference
        after.legal_rule = event.legal_rule
    if isinstance(event, BasisWithdrawn):
        after.basis_reference = after.legal_rule = None
    if after.progress.state not in OPEN and after.ended_on is None:
        after.ended_on = event.on
    if isinstance(event, Redirected):
        after.redirected_to = event.to
    if told.get("note") is not None:
        after.notes = (*state.notes, Note(logged.position, logged.topic, event.on, told["note"]))
    return after


def _row(referral: UUID, state: ReferralState) -> Mapping[str, Any]:
    progress = state.progress
    plain = {name: getattr(state, name) for name in state.__struct_fields__ if name != "progress"}
    return {
        "referral": referral,
        **plain,
        "state": progress.state,
        "since": progress.since,
        "who": progress.who,
        "due": progress.due,
        "respond_by": progress.respond_by,
        "expires_on": progress.expires_on,
        "next_by": progress.next_by,
        "cancel_by": progress.cancel_by,
        "response_overdue": progress.response_overdue,
        "progress_overdue": progress.progress_overdue,
        "clock_due": progress.clock_due,
    }


def _told(logged: LoggedEvent) -> Set[str]:
    return TOLD - {"reason"} if isinstance(logged.event, Settled) else TOLD


def _message(state: ReferralState, logged: LoggedEvent) -> Mapping[str, Any]:
    told = vars(logged.event)
    return {
        "agency": state.agency,
        "position": logged.position,
        "referral": logged.stream,
        "household": state.household,
        "member": state.member,
        "service": state.service,
        "type": f"rujukan.{logged.topic}",
        "on": logged.event.on,
        "state": state.progress.state,
        "codes": {name: told[name] for name in sorted(_told(logged) & told.keys()) if told[name] not in (None, ())},
    }


PROJECTION = Projection("referrals", (REFERRALS, FEED), Referrals, key, fold, MATTERS)
