"""What a person has a right to see: everything held on them, to whom it was disclosed, and who read it."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from api.opening import Opening, Why, opening
from api.services import Services
from domain.codes import ServiceKind
from domain.disclosure import ALWAYS, BESIDE
from domain.values import Actor, Role
from projections import caseload, history, households, referrals, subject

ERASED = "(erased)"
"""What stands for a value whose key was destroyed."""
BOX = {"key", "box"}
ENVELOPE = ("on", "by", "caused_by", "recorded_at", "class_version")
MOST_EVENTS = 100_000
REFERRAL = (
    "referral", "member", "agency", "agency_name", "service", "service_name", "service_kind", "state", "sent_on",
    "ended_on", "legal_basis", "legal_rule",
)  # fmt: skip
EVERYWHERE = Actor("subject-report", Role.PROGRAMME_OFFICER)
"""Whose scope is everything: rows are looked for on behalf of the person."""

Report = dict[str, Any]


def subject_report(services: Services, by: Actor, household: UUID, member: UUID | None) -> Report | None:
    """None where there is no such household. That it was made is recorded as a reading before it is given.

    Of a member, nothing of the others in the household is told. Values are opened; times are UTC.
    """
    today = services.time.today()
    with services.pool.connection() as connection:
        row = households.find(connection, EVERYWHERE, today, household)
        found = subject.events(connection, household, member)
        if row is None or not found:
            return None
        with opening(services, by, Why.SUBJECT_REPORT) as data:
            data.fetch(event["state"] for event in found)
            held = _held(data, found, household)
        return {
            "household": household,
            "member": member,
            "made_at": services.time.now(),
            "made_by": by.sub,
            "reason": by.scope,
            "known_at": found[-1]["position"],
            "held": _told(services, connection, held, household),
            "now": _now(row, member),
            "assistance": caseload.assistance(connection, household),
            "referrals": [
                _referral(services, connection, referral)
                for referral in subject.referrals(connection, household, member)
            ],
            "readings": subject.readings(connection, household, member),
        }


def _held(data: Opening, events: list[dict[str, Any]], household: UUID) -> list[Report]:
    """Each event with its values, in the order of the log."""
    return [
        {
            **{name: event[name] for name in ("position", "logged_at", "topic", "stream")},
            **{name: event["state"][name] for name in ("on", "by")},
            "values": {
                name: _open(data, value, name, event, household)
                for name, value in event["state"].items()
                if name not in ENVELOPE
            },
        }
        for event in events
    ]


def _open(data: Opening, value: Any, name: str, event: Mapping[str, Any], household: UUID) -> Any:
    if isinstance(value, list):
        return [_open(data, item, name, event, household) for item in value]
    if not isinstance(value, dict) or value.keys() != BOX:
        return value
    key = UUID(value["key"])
    text = data.opened(
        value,
        household,
        name,
        member=None if key == household else key,
        referral=None if event["stream"] == household else event["stream"],
    )
    if text is None:
        return ERASED
    return json.loads(text) if name == "details" else text


def _told(services: Services, connection: Connection[DictRow], held: list[Report], household: UUID) -> list[Report]:
    """With the words in which the household's history tells it."""
    story = history.story(connection, household, 0, MOST_EVENTS, region_name=services.registry.region_name)
    words = {row["position"]: row for row in story}
    return [
        {**event, "id": words.get(event["position"], {}).get("id"), "en": words.get(event["position"], {}).get("en")}
        for event in held
    ]


def _now(row: Mapping[str, Any], member: UUID | None) -> Report:
    plain = ("region", "status", "registered_on", "decile", "programmes", "enrolments", "graduations", "assignments")
    members = [
        {name: m[name] for name in ("member", "head", "joined_on", "left_on", "pas_class")}
        for m in row["members"]
        if member is None or m["member"] == str(member)
    ]
    return {**{name: row[name] for name in plain}, "members": members}


def _referral(services: Services, connection: Connection[DictRow], referral: UUID) -> Report:
    """To whom it went, on which ground, and what of the family its agency may read, or might have read."""
    days = services.days.agency_retention_days
    row = referrals.find(connection, EVERYWHERE, services.time.today(), referral, retention_days=days) or {}
    kind: str | None = row.get("service_kind")
    founded = bool(row.get("founded"))
    return {
        **{name: row.get(name) for name in REFERRAL},
        "disclosed": [*ALWAYS, *BESIDE[ServiceKind(kind)]] if founded and kind else [],
        "open_to_agency": founded and bool(row.get("disclosing")),
    }
