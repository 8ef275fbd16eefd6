"""Referrals as senders and agencies see them."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from api import cursors
from api.cursors import Cursor, Limit
from api.etags import etag
from api.handed import Handed
from api.households import as_asked
from api.identity import Caller, check_role
from api.opening import Opening, Why, opening
from api.problems import READING, documented
from api.read_your_writes import After, wait_for
from api.routes import StrictRoute
from api.schemas.households import Actions
from api.schemas.pages import Page
from api.schemas.referrals import ReferralFull, ReferralLine
from api.services import Services
from domain.codes import ServiceKind
from domain.disclosure import ALWAYS, BESIDE, PERSONAL
from domain.errors import NotFound
from domain.referral_events import Settled
from domain.referral_table import State
from domain.transitions import AGENCIES, SENDERS
from projections import referrals

router = APIRouter(prefix="/v1/referrals", tags=["referrals"], route_class=StrictRoute)
ReferralId = Annotated[UUID, Path(alias="id")]
READS = ("referrals", "households", "directories")


@router.get("", summary="List referrals", response_model=Page[ReferralLine], responses=documented(*READING))
def listing(
    services: Handed,
    actor: Caller,
    agency: Annotated[UUID | None, Query(description="Only referrals to this agency.")] = None,
    state: Annotated[State | None, Query(description="Only referrals in this state.")] = None,
    household: Annotated[UUID | None, Query(description="Only referrals of this household.")] = None,
    overdue: Annotated[
        bool | None, Query(description="`true`: only those past their due date today; `false`: only the others.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    after: After = None,
) -> Any:
    """Referrals in the caller's scope, by id; an agency sees those sent to it."""
    check_role(actor, *SENDERS, *AGENCIES)
    wait_for(services, READS, after)
    today = services.time.today()
    with services.pool.connection() as connection:
        rows = referrals.listing(
            connection,
            actor,
            today,
            agency=agency,
            state=state and state.value,
            household=household,
            overdue=overdue,
            as_of=today,
            after=cursors.read(services.sealer, "referrals", cursor, UUID),
            limit=limit + 1,
        )
    return cursors.page(services.sealer, "referrals", [_line(services, row) for row in rows], limit, "referral")


@router.get("/{id}", summary="Read a referral", response_model=ReferralFull, responses=documented(*READING, 404))
def one(referral: ReferralId, services: Handed, actor: Caller, response: Response, after: After = None) -> Any:
    """A referral with its need and notes, and for the agency whom it is about.

    An agency is told what its service needs, on a recorded legal basis, while it has a part to play and for the
    retention period after that; codes and dates it keeps. What became of it elsewhere is the sender's concern alone.
    """
    check_role(actor, *SENDERS, *AGENCIES)
    wait_for(services, READS, after)
    with services.pool.connection() as connection:
        row = referrals.find(
            connection, actor, services.time.today(), referral, retention_days=services.days.agency_retention_days
        )
    if row is None:
        raise NotFound("referral")
    response.headers["ETag"] = etag(row["version"])
    notes = row["notes"] or []
    if actor.role in AGENCIES:
        row, notes = _without_elsewhere(row), [note for note in notes if note["topic"] != Settled.TOPIC]
    with opening(services, actor, Why.REFERRAL) as data:
        data.fetch([row, *notes])
        found = {**_line(services, row), **_opened(data, row, notes), "person": _person(data, row)}
    return {**found, "disclosed": _disclosed(row, found["notes"])}


@router.get(
    "/{id}/actions",
    summary="List what may be done with a referral",
    response_model=Actions,
    responses=documented(*READING, 404),
)
def actions(referral: ReferralId, services: Handed, actor: Caller, response: Response, after: After = None) -> Any:
    """What the caller may do with the referral now, by the transition table alone."""
    check_role(actor, *SENDERS, *AGENCIES)
    wait_for(services, [], after)
    found = services.application.visible_referral(referral, as_asked(services, actor))
    response.headers["ETag"] = etag(found.version)
    return {"version": found.version, "actions": found.actions(actor)}


def _without_elsewhere(row: dict[str, Any]) -> dict[str, Any]:
    """An agency does not learn of the sender's other referrals, nor why the sender settled."""
    settled = row["state"] == State.SETTLED
    return {**row, "previous": None, "redirected_to": None, "reason": None if settled else row["reason"]}


def _line(services: Services, row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "overdue": row["due"] is not None and row["due"] < services.time.today()}


def _opened(data: Opening, row: dict[str, Any], notes: list[dict[str, Any]]) -> dict[str, Any]:
    def text(box: Mapping[str, str] | None, name: str) -> str | None:
        return data.opened(box, row["household"], name, member=row["member"], referral=row["referral"])

    return {
        "need": text(row["need"], "need"),
        "basis_reference": text(row["basis_reference"], "basis_reference"),
        "notes": [{**note, "note": text(note["note"], "note")} for note in notes],
    }


def _person(data: Opening, row: dict[str, Any]) -> dict[str, str | None] | None:
    """Whom the referral is about, for an agency that may know."""
    member = row["person"]
    if member is None:
        return None
    return {
        name: data.opened(row[name], row["household"], name, member=None if name == "address" else member)
        for name in PERSONAL
    }


def _disclosed(row: dict[str, Any], notes: list[Any]) -> list[str]:
    if not row["disclosing"] or row["service_kind"] is None:
        return []
    there = {
        "notes": bool(notes),
        "basis_reference": row["basis_reference"] is not None,
        **{name: name in row["personal"] for name in PERSONAL},
    }
    return [name for name in (*ALWAYS, *BESIDE[ServiceKind(row["service_kind"])]) if there.get(name, True)]
