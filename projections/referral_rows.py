"""Referrals as they stand, for senders and agencies; and the feed of what happened, for agencies without Kafka."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain.codes import Information, LegalBasis, ReferralOutcome, ReferralReason
from domain.referral_events import BasisRecorded, Redirected, ReferralEvent, Scheduled, Sent
from domain.referral_table import OPEN
from domain.values import Sealed
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Projection, Put, Table
from projections.referral_progress import Progress, advanced, begun

REFERRALS = Table("referrals", ("referral",))
FEED = Table("referral_feed", ("agency", "position"))

TOLD = frozenset(
    {
        "service", "member", "legal_basis", "legal_rule", "region", "respond_by", "expires_on", "next_by", "cancel_by",
        "appointment", "calendar", "information", "outcome", "amount", "reason", "back_to", "warnings",
    }
)  # fmt: skip
"""What an agency is told of an event: codes and dates, and nothing of referrals to others."""


class Note(msgspec.Struct):
    """A sealed note of the event at `position`."""

    position: int
    topic: str
    on: date
    note: Sealed


class ReferralState(msgspec.Struct):
    """One referral; `reason`, `information` and `outcome` are the latest given."""

    household: UUID
    member: UUID | None
    agency: UUID
    service: UUID
    region: str
    need: Sealed
    legal_basis: LegalBasis
    basis_reference: Sealed | None
    previous: UUID | None
    warnings: tuple[str, ...]
    sent_on: date
    sent_by: str
    calendar: str
    progress: Progress
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


def key(logged: LoggedEvent) -> UUID | None:
    return logged.stream if isinstance(logged.event, ReferralEvent) else None


def fold(state: ReferralState | None, logged: LoggedEvent) -> tuple[ReferralState, list[Change]]:
    event = logged.event
    if isinstance(event, Sent):
        after = _sent(event)
    elif isinstance(event, ReferralEvent) and state is not None:
        after = _changed(state, event, logged)
    else:
        raise ValueError(f"{logged.topic} comes before the referral was sent.")
    return after, [Put(REFERRALS, _row(after, logged)), Put(FEED, _message(after, logged))]


def _sent(event: Sent) -> ReferralState:
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
    )


def _changed(state: ReferralState, event: ReferralEvent, logged: LoggedEvent) -> ReferralState:
    after = msgspec.structs.replace(state, progress=advanced(state.progress, event))
    told = vars(event)
    for name in ("calendar", "information", "reason", "outcome", "amount"):
        if told.get(name) is not None:
            setattr(after, name, told[name])
    if isinstance(event, Scheduled):
        after.appointment = event.appointment
    if isinstance(event, BasisRecorded):
        after.legal_basis, after.basis_reference = event.legal_basis, event.basis_reference
        after.legal_rule = event.legal_rule
    if after.progress.state not in OPEN and after.ended_on is None:
        after.ended_on = event.on
    if isinstance(event, Redirected):
        after.redirected_to = event.to
    if told.get("note") is not None:
        after.notes = (*state.notes, Note(logged.position, logged.topic, event.on, told["note"]))
    return after


def _row(state: ReferralState, logged: LoggedEvent) -> Mapping[str, Any]:
    progress = state.progress
    plain = {name: getattr(state, name) for name in state.__struct_fields__ if name != "progress"}
    return {
        "referral": logged.stream,
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
        "version": logged.version,
        "position": logged.position,
    }


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
        "codes": {name: told[name] for name in sorted(TOLD & told.keys()) if told[name] not in (None, ())},
    }


PROJECTION = Projection("referrals", (REFERRALS, FEED), ReferralState, key, fold, (ReferralEvent,))
