"""Programmes, agencies and their services, and targets; anyone may read them, administrators set them."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Query, Response

from api.commands import Asked, Commanding, command
from api.etags import etag
from api.handed import Handed
from api.identity import Caller
from api.problems import READING, documented
from api.read_your_writes import After, wait_for
from api.routes import StrictRoute
from api.schemas.directories import (
    Agency,
    AgencyIn,
    OfferIn,
    Programme,
    ProgrammeTerms,
    Service,
    ServiceIn,
    Target,
    TargetIn,
)
from api.schemas.done import Dated
from api.schemas.fields import ProgrammeCode, RegionCode
from domain import programme as programmes
from domain.codes import ServiceKind
from domain.deciding import check_role
from domain.directory_commands import ADMINISTRATORS
from domain.errors import NotFound, StaleVersion
from domain.programme import Terms
from domain.service import Offer
from domain.values import Command, Outcome
from projections import directories

router = APIRouter(prefix="/v1", tags=["directories"], route_class=StrictRoute)
RecordId = Annotated[UUID, Path(alias="id")]
LIST = documented(*READING)
RECORD = documented(*READING, 404)
READS = ("directories",)


@router.post("/programmes", summary="Define or change a programme", **command())
def define_programme(body: ProgrammeTerms, asked: Commanding) -> Response:
    """Defines it, or changes its terms, which is a new rule version."""
    terms = Terms(**body.model_dump(exclude={"on", "code"}))

    def do(command: Command) -> Outcome:
        check_role(command.actor, "define-programme", ADMINISTRATORS)
        if command.expected_version is not None:
            _check_defined(asked, body.code, command.expected_version)
        return asked.application.define_programme(command, code=body.code, terms=terms)

    return asked.answer(body, do, location=f"/v1/programmes/{body.code}")


def _check_defined(asked: Asked, code: str, expected: int) -> None:
    try:
        asked.application.load(programmes.Programme, programmes.programme_id(code))
    except NotFound:
        raise StaleVersion(expected, 0) from None


@router.get("/programmes", summary="List programmes", response_model=list[Programme], responses=LIST)
def all_programmes(services: Handed, actor: Caller, after: After = None) -> Any:
    wait_for(services, READS, after)
    with services.pool.connection() as connection:
        return directories.programmes(connection)


@router.get("/programmes/{code}", summary="Read a programme", response_model=Programme, responses=RECORD)
def one_programme(
    code: Annotated[ProgrammeCode, Path()], services: Handed, actor: Caller, response: Response, after: After = None
) -> Any:
    wait_for(services, READS, after)
    with services.pool.connection() as connection:
        found = [row for row in directories.programmes(connection) if row["code"] == code]
    return _one(found[0] if found else None, "programme", response)


@router.post("/agencies", summary="Register an agency", **command())
def register_agency(body: AgencyIn, asked: Commanding) -> Response:
    new = uuid4()
    return asked.to_new(
        f"/v1/agencies/{new}",
        body,
        lambda c: asked.application.register_agency(c, new, name=body.name, kind=body.kind),
    )


@router.get("/agencies", summary="List agencies", response_model=list[Agency], responses=LIST)
def all_agencies(services: Handed, actor: Caller, after: After = None) -> Any:
    wait_for(services, READS, after)
    with services.pool.connection() as connection:
        return directories.agencies(connection)


@router.get("/agencies/{id}", summary="Read an agency", response_model=Agency, responses=RECORD)
def one_agency(agency: RecordId, services: Handed, actor: Caller, response: Response, after: After = None) -> Any:
    wait_for(services, READS, after)
    with services.pool.connection() as connection:
        return _one(directories.agency(connection, agency), "agency", response)


@router.post("/services", summary="Publish a service", **command())
def publish_service(body: ServiceIn, asked: Commanding) -> Response:
    new = uuid4()
    return asked.to_new(
        f"/v1/services/{new}",
        body,
        lambda c: asked.application.publish_service(c, new, agency=body.agency, offer=_offer(asked, body)),
    )


@router.post("/services/{id}", summary="Change a service", **command(200))
def change_service(service: RecordId, body: OfferIn, asked: Commanding) -> Response:
    """Changes the offer whole; what is left out takes its default."""
    return asked.answer(
        body,
        lambda c: asked.application.change_service(c, service, offer=_offer(asked, body)),
        status=200,
    )


@router.post("/services/{id}/withdraw", summary="Withdraw a service", **command(200))
def withdraw_service(service: RecordId, asked: Commanding, body: Dated = Dated()) -> Response:
    """No more referrals to it; those that are open go on."""
    return asked.answer(body, lambda c: asked.application.withdraw_service(c, service), status=200)


def _offer(asked: Asked, body: OfferIn) -> Offer:
    check_role(asked.actor, "publish-service", ADMINISTRATORS)
    for number, region in enumerate(body.regions):
        asked.sealing.region(region, f"regions.{number}")
    content = body.model_dump(exclude={"on", "agency", "regions"})
    return Offer(**content, regions=tuple(sorted(set(body.regions))))


@router.get("/services", summary="List services", response_model=list[Service], responses=LIST)
def all_services(
    services: Handed,
    actor: Caller,
    agency: Annotated[UUID | None, Query(description="Only services of this agency.")] = None,
    kind: Annotated[ServiceKind | None, Query(description="Only services of this kind.")] = None,
    region: Annotated[RegionCode | None, Query(description="Only services offered there, or somewhere in it.")] = None,
    withdrawn: Annotated[bool, Query(description="Whether to list the withdrawn ones too.")] = False,
    after: After = None,
) -> Any:
    wait_for(services, READS, after)
    with services.pool.connection() as connection:
        return directories.services(
            connection, agency=agency, kind=kind and kind.value, region=region, include_withdrawn=withdrawn
        )


@router.get("/services/{id}", summary="Read a service", response_model=Service, responses=RECORD)
def one_service(service: RecordId, services: Handed, actor: Caller, response: Response, after: After = None) -> Any:
    wait_for(services, READS, after)
    with services.pool.connection() as connection:
        return _one(directories.service(connection, service), "service", response)


@router.post("/targets", summary="Set a target", **command())
def set_target(body: TargetIn, asked: Commanding) -> Response:
    """A new revision; reports at earlier positions keep the earlier one."""
    return asked.to_new(
        f"/v1/targets?year={body.year}",
        body,
        lambda c: asked.application.set_target(
            c,
            year=body.year,
            pillar=body.pillar,
            measure=body.measure,
            minimum=body.minimum,
            kinds=None if body.kinds is None else tuple(body.kinds),
        ),
    )


@router.get("/targets", summary="List targets", response_model=list[Target], responses=LIST)
def all_targets(
    services: Handed,
    actor: Caller,
    year: Annotated[int | None, Query(ge=2000, le=2100, description="Only targets for this year.")] = None,
    after: After = None,
) -> Any:
    """Those that hold: the latest revision of each."""
    wait_for(services, READS, after)
    with services.pool.connection() as connection:
        return directories.targets(connection, year)


def _one(row: dict[str, Any] | None, what: str, response: Response) -> dict[str, Any]:
    if row is None:
        raise NotFound(what)
    response.headers["ETag"] = etag(row["version"])
    return row
