"""Households as last decided on: stored beside the log so that years of payments are not replayed for each decision."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent

from domain.aggregate import Recorded
from domain.codes import Channel
from domain.household import Household
from domain.household_state import Assignment, Enrolment, Erasure, Graduation, Member, Payment, Proposal
from domain.values import Sealed
from infra.event_log.recollection import KeptEvent, Recollection, kept_of

SNAPSHOT_EVERY = 32
"""Events of a stream; as many, at most, are replayed on top of a snapshot."""

TOPIC = "household.snapshot.v2"
"""Names the form below. A changed form takes a new name: snapshots of another form are passed over, and replaced."""


class KeptPayment(msgspec.Struct, array_like=True):
    programme: str
    period: str
    reference: str
    channel: Channel
    amount: int | None
    paid_on: date
    reversed: bool


class KeptHousehold(msgspec.Struct):
    began_on: date
    last_on: date
    created_on: datetime
    modified_on: datetime
    registered_by: str
    region: str
    residences: list[tuple[date, str]]
    kk: Sealed
    address: Sealed
    members: dict[UUID, Member]
    decile: int | None
    decile_period: str
    assignments: list[Assignment]
    enrolments: dict[str, list[Enrolment]]
    payments: list[KeptPayment]
    proposal: Proposal | None
    graduations: dict[UUID, Graduation]
    left_on: date | None
    erasures: dict[UUID, Erasure]
    erased: list[UUID]
    latest: list[KeptEvent]


SAME = (
    "began_on", "last_on", "registered_by", "region", "residences", "kk", "address", "members", "decile",
    "decile_period", "assignments", "enrolments", "proposal", "graduations", "left_on",
    "erasures", "erased",
)  # fmt: skip
"""Attributes that are kept as they are."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(KeptHousehold).decode


def due(records: Sequence[Recorded], events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """Snapshots of those of these records that the events, about to be appended, bring past a multiple of the interval.

    The records stand as after the events.
    """
    first: dict[UUID, int] = {}
    for event in events:
        if isinstance(event.originator_id, UUID):
            first.setdefault(event.originator_id, event.originator_version)
    return [
        snapshot(record)
        for record in records
        if isinstance(record, Household)
        and record.id in first
        and record.version // SNAPSHOT_EVERY > (first[record.id] - 1) // SNAPSHOT_EVERY
    ]


def snapshot(household: Household) -> StoredEvent:
    kept = KeptHousehold(
        **{name: getattr(household, name) for name in SAME},
        created_on=household.created_on,
        modified_on=household.modified_on,
        payments=[
            KeptPayment(*identity, payment.channel, payment.amount, payment.paid_on, payment.reversed)
            for identity, payment in household.payments.items()
        ],
        latest=kept_of(household.id, household.latest),
    )
    return StoredEvent(household.id, household.version, TOPIC, _encode(kept))


def restored(stored: StoredEvent) -> Household:
    """The household as it stood at the snapshot's version."""
    kept = _decode(stored.state)
    stream = stored.originator_id
    assert isinstance(stream, UUID)
    attributes: dict[str, Any] = {name: getattr(kept, name) for name in SAME}
    attributes |= {
        "_id": stream,
        "_version": stored.originator_version,
        "_created_on": kept.created_on,
        "_modified_on": kept.modified_on,
        "_pending_events": [],
        "payments": {
            (p.programme, p.period, p.reference): Payment(p.channel, p.amount, p.paid_on, p.reversed)
            for p in kept.payments
        },
        "latest": Recollection(stream, kept.latest),
    }
    household = object.__new__(Household)
    object.__setattr__(household, "__dict__", attributes)
    return household
