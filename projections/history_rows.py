"""Folds a household's events and those of its referrals into a story: codes, dates and opaque ids, event by event."""

from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from domain.aggregate import BESIDE_CONTENT, RecordedEvent
from domain.household_event import HouseholdEvent
from domain.referral_events import ReferralEvent, Sent
from domain.values import Sealed
from projections.keys import by_household
from projections.log import LoggedEvent
from projections.projection import Change, Projection, Put, Table

HISTORY = Table("history", ("household", "position"))

UNTOLD = BESIDE_CONTENT | {"on", "by", "household", "pas_class"}
"""What rows hold in columns of their own; and the class of a member's situation, which is nobody's business here."""


class Addressee(msgspec.Struct, frozen=True):
    """To whom a referral went."""

    agency: UUID
    service: UUID


class HistoryState(msgspec.Struct, frozen=True):
    referrals: dict[UUID, Addressee] = {}


def fold(state: HistoryState | None, logged: LoggedEvent) -> tuple[HistoryState, list[Change]]:
    household, event = by_household(logged), logged.event
    if household is None:
        raise ValueError(f"{logged.topic} belongs to no household.")
    after = state or HistoryState()
    told = facts(event)
    if isinstance(event, Sent):
        after = HistoryState({**after.referrals, logged.stream: Addressee(event.agency, event.service)})
    if isinstance(event, ReferralEvent):
        told |= msgspec.structs.asdict(after.referrals[logged.stream])
    row = {
        "household": household,
        "position": logged.position,
        "logged_at": logged.logged_at,
        "stream": logged.stream,
        "version": logged.version,
        "topic": logged.topic,
        "on": event.on,
        "by": event.by,
        "facts": told,
    }
    return after, [Put(HISTORY, row)]


def facts(event: RecordedEvent) -> dict[str, Any]:
    """The event's own content that is neither sealed nor empty."""
    return {name: value for name, value in vars(event).items() if name not in UNTOLD and _is_plain(value)}


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(_is_plain(item) for item in value)
    return isinstance(value, str | int | date | UUID | Enum) and not isinstance(value, Sealed)


PROJECTION = Projection("history", (HISTORY,), HistoryState, by_household, fold, (HouseholdEvent, ReferralEvent))
