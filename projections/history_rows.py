"""Folds a household's events and those of its referrals into a story: codes, dates and opaque ids, event by event."""

from dataclasses import fields
from datetime import date
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from domain.aggregate import BESIDE_CONTENT, RecordedEvent
from domain.household_event import HouseholdEvent
from domain.referral_events import ReferralEvent, Sent
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Projection, Put, Table
from projections.keys import by_household

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


PLAIN = (str, int, date, UUID, Enum)
"""Of what types facts are; sealed boxes and absent values are none of them."""


def facts(event: RecordedEvent) -> dict[str, Any]:
    """The event's own content that is neither sealed nor empty."""
    content = vars(event)
    return {name: content[name] for name in _told(type(event)) if _is_plain(content[name])}


@cache
def _told(cls: type[RecordedEvent]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls) if field.name not in UNTOLD)


def _is_plain(value: object) -> bool:
    return isinstance(value, PLAIN) or (isinstance(value, tuple) and all(map(_is_plain, value)))


PROJECTION = Projection("history", (HISTORY,), HistoryState, by_household, fold, (HouseholdEvent, ReferralEvent))
