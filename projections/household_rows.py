"""Folds a household's events into the row of its current state and the rows of its assignments."""

from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain.household_event import HouseholdEvent
from domain.household_events import (
    Assigned,
    AssistanceReversed,
    Assisted,
    Left,
    MemberJoined,
    Ranked,
)
from domain.household_state import Assignment, Enrolment, Erasure, Graduation, HouseholdState, Member, Proposal
from domain.values import Sealed
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Draft, Projection, Put, Row, Table
from projections.erased import kept

HOUSEHOLDS = Table("households", ("household",))
ASSIGNMENTS = Table("household_assignments", ("household", "number"))

PAYMENTS = (Assisted, AssistanceReversed)
"""Kept by the caseload; of the household itself they change nothing."""


ADDING: dict[type, tuple[str, ...]] = {Ranked: (), MemberJoined: ("members",), Left: ()}
"""The frequent events, and the last one, that change nothing within what a record holds: of these containers each puts
something into one at most. For all others the whole record is copied."""


@dataclass
class Record(HouseholdState):
    """A household as its aggregate would be, without payments: events evolve either alike."""

    registered_on: date
    registered_by: str
    region: str
    kk: Sealed
    address: Sealed
    last_on: date
    residences: list[tuple[date, str]] = field(default_factory=list)
    members: dict[UUID, Member] = field(default_factory=dict)
    decile: int | None = None
    decile_period: str = ""
    assignments: list[Assignment] = field(default_factory=list)
    enrolments: dict[str, list[Enrolment]] = field(default_factory=dict)
    proposal: Proposal | None = None
    graduations: dict[UUID, Graduation] = field(default_factory=dict)
    left_on: date | None = None
    erasures: dict[UUID, Erasure] = field(default_factory=dict)
    erased: list[UUID] = field(default_factory=list)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Record).decode


def household_of(logged: LoggedEvent) -> UUID | None:
    """A household's own events alone."""
    return logged.stream if isinstance(logged.event, HouseholdEvent) else None


def fold(record: Record | None, logged: LoggedEvent) -> tuple[Record, list[Change]]:
    event: Any = logged.event
    if record is None:
        record = Record(event.on, event.by, event.region, event.kk, event.address, event.on, [(event.on, event.region)])
    else:
        record = evolved(record, event)
    changes: list[Change] = [Draft(HOUSEHOLDS, {"household": logged.stream}, row, (record, logged))]
    if isinstance(event, Assigned):
        changes += [
            Put(ASSIGNMENTS, assignment_row(logged.stream, number, assignment))
            for number, assignment in enumerate(record.assignments, start=1)
        ]
    return record, changes


def evolved(record: Record, event: HouseholdEvent) -> Record:
    """A new record, or the one given where nothing changes; events change records in place, so they get a copy."""
    if isinstance(event, PAYMENTS) or type(event).evolve is HouseholdEvent.evolve:
        if event.on <= record.last_on:
            return record
        changed = _same(record)
    else:
        changed = _copied(record, ADDING.get(type(event)))
        what: Any = changed
        event.evolve(what)
    changed.last_on = max(changed.last_on, event.on)
    return changed


def _copied(record: Record, containers: tuple[str, ...] | None) -> Record:
    """With containers of its own where they are named, and with everything its own where they are not."""
    if containers is None:
        return _decode(_encode(record))
    changed = _same(record)
    for name in containers:
        setattr(changed, name, copy(getattr(record, name)))
    return changed


def _same(record: Record) -> Record:
    """Another record with the very same parts."""
    changed = object.__new__(Record)
    changed.__dict__.update(record.__dict__)
    return changed


def row(record: Record, logged: LoggedEvent) -> Row:
    """Boxes whose key was destroyed are left out: nothing opens them again. A stored state keeps no order of keys."""

    def box(sealed: Sealed | None) -> Sealed | None:
        return kept(sealed, record.erased)

    return {
        "household": logged.stream,
        "region": record.region,
        "status": record.status,
        "registered_on": record.registered_on,
        "registered_by": record.registered_by,
        "assigned": bool(record.assignments),
        "kk": box(record.kk),
        "address": box(record.address),
        "members": [
            {
                "member": member,
                "nik": box(m.nik),
                "name": box(m.name),
                "birth_date": box(m.birth_date),
                "head": m.head,
                "joined_on": m.joined_on,
                "left_on": m.left_on,
                "pas_class": m.pas_class,
                "details": box(m.details),
            }
            for member, m in sorted(record.members.items(), key=lambda item: (item[1].joined_on, item[0]))
        ],
        "decile": record.decile,
        "decile_period": record.decile_period or None,
        "programmes": sorted(code for code in record.enrolments if record.is_enrolled(code)),
        "enrolments": [
            {
                "programme": code,
                "rule_version": e.rule_version,
                "since": e.since,
                "until": e.until,
                "ended_by": e.ended_by,
            }
            for code, enrolments in sorted(record.enrolments.items())
            for e in enrolments
        ],
        "proposal": record.proposal,
        "graduations": [
            {
                "graduation": graduation,
                "kind": g.kind,
                "programmes": g.programmes,
                "on": g.on,
                "revoked": g.revoked,
                "relapsed": g.relapsed,
            }
            for graduation, g in sorted(record.graduations.items(), key=lambda item: (item[1].on, item[0]))
        ],
        "left_on": record.left_on,
        "version": logged.version,
        "position": logged.position,
        "last_on": record.last_on,
    }


def assignment_row(household: UUID, number: int, assignment: Assignment) -> Row:
    return {
        "household": household,
        "number": number,
        "facilitator": assignment.facilitator,
        "role": assignment.role,
        "since": assignment.since,
        "until": assignment.until,
    }


PROJECTION = Projection("households", (HOUSEHOLDS, ASSIGNMENTS), Record, household_of, fold, (HouseholdEvent,))
