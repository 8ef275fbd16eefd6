"""Facilitators, whom they follow, and who of those may be ready to graduate."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Query, Response

from api import cursors
from api.commands import Commanding, command
from api.cursors import Cursor, Limit
from api.etags import etag
from api.handed import Handed
from api.identity import Caller, check_role
from api.opening import Why, opening
from api.problems import READING, documented
from api.read_your_writes import After, wait_for
from api.routes import StrictRoute
from api.schemas.directories import Appointed, Candidate, Case, Facilitator, PlanIn
from api.schemas.done import Dated
from api.schemas.fields import RegionCode
from api.schemas.pages import Page
from api.services import Services
from domain.codes import Pillar
from domain.errors import NotFound
from domain.transitions import SENDERS
from domain.values import Actor, Command, Outcome, Role
from projections import caseload, directories

router = APIRouter(prefix="/v1/facilitators", tags=["facilitators"], route_class=StrictRoute)
FacilitatorId = Annotated[UUID, Path(alias="id")]
RECORD = documented(*READING, 404)


@router.post("", summary="Appoint a facilitator", **command())
def appoint(body: Appointed, asked: Commanding) -> Response:
    new = uuid4()

    def do(command: Command) -> Outcome:
        check_role(command.actor, Role.ADMINISTRATOR)
        region = asked.sealing.region(body.region)
        asked.sealing.new_keys(new)
        name = asked.services.sealer.seal(body.name, key=new, stream=new, field="name")
        return asked.application.appoint_facilitator(command, new, name=name, pillar=body.pillar, region=region)

    return asked.to_new(f"/v1/facilitators/{new}", body, do)


@router.post("/{id}/plans", summary="Set a facilitator's plan", **command())
def plan(facilitator: FacilitatorId, body: PlanIn, asked: Commanding) -> Response:
    """What the facilitator plans for a year; set by the facilitator or an administrator."""
    return asked.answer(
        body,
        lambda c: asked.application.plan(c, facilitator, year=body.year, measure=body.measure, planned=body.planned),
        location=f"/v1/facilitators/{facilitator}",
    )


@router.post("/{id}/retire", summary="Retire a facilitator", **command(200))
def retire(facilitator: FacilitatorId, asked: Commanding, body: Dated = Dated()) -> Response:
    return asked.answer(body, lambda c: asked.application.retire_facilitator(c, facilitator), status=200)


@router.get("", summary="List facilitators", response_model=Page[Facilitator], responses=documented(*READING))
def listing(
    services: Handed,
    actor: Caller,
    region: Annotated[RegionCode | None, Query(description="Only those appointed to this region or within it.")] = None,
    pillar: Annotated[Pillar | None, Query(description="Only facilitators of this pillar.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    after: After = None,
) -> Any:
    """Facilitators in the caller's scope, by id; a facilitator sees the own entry."""
    check_role(actor, *SENDERS, Role.ADMINISTRATOR)
    wait_for(services, ["directories"], after)
    with services.pool.connection() as connection:
        rows = directories.facilitators(
            connection,
            actor,
            region=region,
            pillar=pillar and pillar.value,
            after=cursors.read(services.sealer, "facilitators", cursor, UUID),
            limit=limit + 1,
        )
    return cursors.page(services.sealer, "facilitators", _shown(services, rows), limit, "facilitator")


@router.get("/{id}", summary="Read a facilitator", response_model=Facilitator, responses=RECORD)
def one(facilitator: FacilitatorId, services: Handed, actor: Caller, response: Response, after: After = None) -> Any:
    check_role(actor, *SENDERS, Role.ADMINISTRATOR)
    row = _in_scope(services, actor, facilitator, after, ["directories"])
    response.headers["ETag"] = etag(row["version"])
    return _shown(services, [row])[0]


@router.get("/{id}/caseload", summary="List a facilitator's caseload", response_model=list[Case], responses=RECORD)
def followed(facilitator: FacilitatorId, services: Handed, actor: Caller, after: After = None) -> Any:
    """The households that the facilitator follows today, by id."""
    check_role(actor, *SENDERS)
    _in_scope(services, actor, facilitator, after, READS)
    with services.pool.connection() as connection:
        rows = caseload.caseload(connection, actor, facilitator, services.time.today())
    return _cases(services, actor, rows, Why.CASELOAD)


@router.get(
    "/{id}/candidates",
    summary="List a facilitator's graduation candidates",
    response_model=list[Candidate],
    responses=RECORD,
)
def candidates(facilitator: FacilitatorId, services: Handed, actor: Caller, after: After = None) -> Any:
    """Those that may be ready to graduate, the likeliest first, with reasons; the score decides nothing."""
    check_role(actor, *SENDERS)
    _in_scope(services, actor, facilitator, after, READS)
    with services.pool.connection() as connection:
        rows = caseload.candidates(connection, actor, facilitator, services.time.today())
    return _cases(services, actor, rows, Why.CANDIDATES)


READS = ["caseload", "households", "directories"]


def _in_scope(
    services: Services, actor: Actor, facilitator: UUID, after: int | None, names: list[str]
) -> dict[str, Any]:
    wait_for(services, names, after)
    with services.pool.connection() as connection:
        row = directories.facilitator(connection, actor, facilitator)
    if row is None:
        raise NotFound("facilitator")
    return row


def _shown(services: Services, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**row, "region_name": services.registry.region_name(row["region"])} for row in services.officers.opened(rows)
    ]


def _cases(services: Services, actor: Actor, rows: list[dict[str, Any]], why: Why) -> list[dict[str, Any]]:
    with opening(services, actor, why) as data:
        data.fetch(row["head"] for row in rows)
        return [
            {
                **row,
                "head_name": data.head_name(row["head"], row["household"]),
                "region_name": services.registry.region_name(row["region"]),
            }
            for row in rows
        ]
