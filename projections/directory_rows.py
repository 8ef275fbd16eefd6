"""Folds programmes, agencies, services, facilitators and targets, each stream by itself."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain import agency, facilitator, programme, service, target
from domain.codes import Measure, Pillar
from domain.service import Offer
from domain.values import Sealed
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Projection, Put, Row, Table

PROGRAMMES = Table("programmes", ("code",))
AGENCIES = Table("agencies", ("agency",))
SERVICES = Table("services", ("service",))
FACILITATORS = Table("facilitators", ("facilitator",))
TARGETS = Table("targets", ("year", "pillar", "measure", "revision"))
EVENTS = (
    programme.ProgrammeEvent,
    agency.AgencyEvent,
    service.ServiceEvent,
    facilitator.FacilitatorEvent,
    target.TargetEvent,
)


class Plan(msgspec.Struct, frozen=True):
    year: int
    measure: Measure
    planned: int
    on: date


class Entry(msgspec.Struct, frozen=True):
    """What later events of the stream do not repeat; each kind of record uses its own part."""

    began_on: date
    offer: Offer | None = None
    name: Sealed | None = None
    pillar: Pillar | None = None
    region: str = ""
    plans: tuple[Plan, ...] = ()
    retired_on: date | None = None


def stream_of(logged: LoggedEvent) -> UUID | None:
    return logged.stream if isinstance(logged.event, EVENTS) else None


def fold(entry: Entry | None, logged: LoggedEvent) -> tuple[Entry, list[Change]]:
    event: Any = logged.event
    entry = entry or Entry(event.on)
    at = {"version": logged.version, "position": logged.position}
    match event:
        case programme.Defined() | programme.Changed():
            return entry, [Put(PROGRAMMES, {**programme_row(entry, event), "stream": logged.stream, **at})]
        case agency.Registered():
            row = {"agency": logged.stream, "name": event.name, "kind": event.kind, "registered_on": event.on}
            return entry, [Put(AGENCIES, {**row, **at})]
        case service.ServiceEvent():
            offered = vars(event).get("offer", entry.offer)
            entry = msgspec.structs.replace(entry, offer=offered)
            return entry, [Put(SERVICES, {**service_row(entry, event), "service": logged.stream, **at})]
        case facilitator.FacilitatorEvent():
            entry = in_office(entry, event)
            return entry, [Put(FACILITATORS, {**facilitator_row(entry), "facilitator": logged.stream, **at})]
        case target.Set():
            return entry, [Put(TARGETS, {**target_row(event), "position": logged.position})]
        case _:
            raise TypeError(f"The directories do not know {logged.topic}.")


def programme_row(entry: Entry, event: programme.Defined | programme.Changed) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(event.terms),
        "code": event.code,
        "rule_version": event.rule_version if isinstance(event, programme.Changed) else 1,
        "defined_on": entry.began_on,
    }


def service_row(entry: Entry, event: service.ServiceEvent) -> dict[str, Any]:
    if entry.offer is None:
        raise ValueError("A service's first event holds its offer.")
    return {
        **msgspec.to_builtins(entry.offer),
        "agency": vars(event)["agency"],
        "published_on": entry.began_on,
        "withdrawn_on": event.on if isinstance(event, service.Withdrawn) else None,
    }


def in_office(entry: Entry, event: facilitator.FacilitatorEvent) -> Entry:
    """A plan for the same year and measure takes the earlier one's place."""
    match event:
        case facilitator.Appointed():
            return msgspec.structs.replace(entry, name=event.name, pillar=event.pillar, region=event.region)
        case facilitator.Planned():
            others = [p for p in entry.plans if (p.year, p.measure) != (event.year, event.measure)]
            plan = Plan(event.year, event.measure, event.planned, event.on)
            plans = sorted([*others, plan], key=lambda p: (p.year, p.measure))
            return msgspec.structs.replace(entry, plans=tuple(plans))
        case facilitator.Retired():
            return msgspec.structs.replace(entry, retired_on=event.on)
        case _:
            raise TypeError(f"The directories do not know {event.TOPIC}.")


def facilitator_row(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "pillar": entry.pillar,
        "region": entry.region,
        "appointed_on": entry.began_on,
        "retired_on": entry.retired_on,
        "plans": entry.plans,
    }


def target_row(event: target.Set) -> Row:
    return {
        "year": event.year,
        "pillar": event.pillar,
        "measure": event.measure,
        "revision": event.revision,
        "minimum": event.minimum,
        "kinds": event.kinds,
        "set_on": event.on,
    }


PROJECTION = Projection(
    "directories", (PROGRAMMES, AGENCIES, SERVICES, FACILITATORS, TARGETS), Entry, stream_of, fold, EVENTS
)
