"""Households: registering, finding and looking up, and what may be done with one."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Query, Response

from api import cursors
from api.commands import Asked, Commanding, command
from api.cursors import Cursor, Limit
from api.etags import etag
from api.even_time import evenly
from api.handed import Handed
from api.identity import Caller, check_role
from api.opening import Opening, Why, opening
from api.problems import READING, documented
from api.rate_limits import check_look_up, check_registering
from api.read_your_writes import After, wait_for
from api.rendering import rendered, shaped
from api.routes import StrictRoute
from api.schemas.done import Dated
from api.schemas.fields import ProgrammeCode, RegionCode
from api.schemas.household_commands import Lookup, Registration
from api.schemas.households import Actions, Found, HouseholdFull, HouseholdLine, Payment, Told
from api.schemas.pages import Page
from api.sealing import Sealing
from api.services import Services
from domain.errors import NotFound
from domain.transitions import SENDERS
from domain.values import Actor, Command, LookupKey, Outcome, Role
from projections import caseload, history, households

router = APIRouter(prefix="/v1/households", tags=["households"], route_class=StrictRoute)
HouseholdId = Annotated[UUID, Path(alias="id")]
LIST = documented(*READING)
RECORD = documented(*READING, 404)


@router.post("", summary="Register a household", **command())
def register(body: Registration, asked: Commanding) -> Response:
    """Registers a family card with its members, all at once."""
    household = uuid4()
    return asked.to_new(
        f"/v1/households/{household}",
        body,
        lambda command: _register(asked, household, body, command),
        again=asked.household,
    )


def _register(asked: Asked, household: UUID, body: Registration, command: Command) -> Outcome:
    check_role(command.actor, *SENDERS)
    sealing = asked.sealing
    sealing.check_family(body.kk, body.members)
    check_registering(asked.services.limits, command.actor, 1 + len(body.members))
    region = sealing.village(body.region)
    new = {uuid4(): member for member in body.members}
    sealing.new_keys(household, *new)
    kk, kk_key = sealing.family_card(body.kk, household)
    return asked.application.register_household(
        household,
        command,
        region=region,
        kk=kk,
        kk_key=kk_key,
        address=sealing.of_household(body.address, household, "address"),
        members=tuple(sealing.member(id_, member, household, region) for id_, member in new.items()),
    )


@router.post(
    "/lookup",
    summary="Look up a household by KK or NIK",
    response_model=Found,
    responses=documented(400, 401, 403, 404, 413, 415, 422, 429, 503),
)
def look_up(body: Lookup, services: Handed, actor: Caller) -> dict[str, Any]:
    """Whose a family card or an identity number is, if the caller may know; a number never stands in a URL."""
    check_role(actor, *SENDERS)
    check_look_up(services.limits, actor)
    kind, number = ("kk", body.kk) if body.kk is not None else ("nik", body.nik)
    sealing = Sealing(services.sealer, services.registry, services.time.today())
    sought = sealing.number_sought(kind, number or "")
    with evenly():
        household, member = _visible(services, actor, sought)
    with opening(services, actor, Why.LOOK_UP) as data:
        data.note(household, kind, member=member)
    return {"id": household, "member_id": member}


@router.get("", summary="List households", response_model=Page[HouseholdLine], responses=LIST)
def listing(
    services: Handed,
    actor: Caller,
    region: Annotated[RegionCode | None, Query(description="Only households that live in this region.")] = None,
    status: Annotated[
        str | None,
        Query(
            pattern="^(registered|enrolled|graduated|left)$",
            description="Only households of this status: registered, enrolled, graduated or left.",
        ),
    ] = None,
    facilitator: Annotated[
        UUID | None, Query(description="Only households that this facilitator follows, or will.")
    ] = None,
    programme: Annotated[ProgrammeCode | None, Query(description="Only households enrolled in this programme.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    after: After = None,
) -> dict[str, Any]:
    """Households in the caller's scope, by id."""
    check_role(actor, *SENDERS)
    wait_for(services, ["households"], after)
    with services.pool.connection() as connection:
        rows = households.listing(
            connection,
            actor,
            services.time.today(),
            region=region,
            status=status,
            facilitator=facilitator,
            programme=programme,
            after=cursors.read(services.sealer, "households", cursor, UUID),
            limit=limit + 1,
        )
    found = cursors.page(services.sealer, "households", rows, limit, "household")
    with opening(services, actor, Why.HOUSEHOLD_LIST) as data:
        data.fetch(_head(row) for row in found["items"])
        return {**found, "items": [_line(services, data, row) for row in found["items"]]}


@router.get("/{id}", summary="Read a household", response_model=HouseholdFull, responses=RECORD)
def one(household: HouseholdId, services: Handed, actor: Caller, after: After = None) -> Any:
    """A household with its members and everything in force, personal data included."""
    check_role(actor, *SENDERS)
    row = _in_scope(services, actor, household, after, ["households"])
    with opening(services, actor, Why.HOUSEHOLD) as data:
        data.fetch([row, *row["members"]])
        found = {
            **_line(services, data, row),
            "kk": data.opened(row["kk"], household, "kk"),
            "address": data.opened(row["address"], household, "address"),
            "members": [data.member(member, household) for member in row["members"]],
        }
    return rendered(shaped(HouseholdFull, found), {"ETag": etag(row["version"])})


@router.get("/{id}/history", summary="Read a household's history", response_model=Page[Told], responses=RECORD)
def story(
    household: HouseholdId,
    services: Handed,
    actor: Caller,
    cursor: Cursor = None,
    limit: Limit = 200,
    after: After = None,
) -> Any:
    """What happened to the household and its referrals, in words; nothing personal."""
    check_role(actor, *SENDERS, Role.AUDITOR)
    if actor.role is Role.AUDITOR:
        wait_for(services, ["history", "directories"], after)
    else:
        _in_scope(services, actor, household, after, ["households", "history", "directories"])
    since = cursors.read(services.sealer, f"history/{household}", cursor, int) or 0
    with services.pool.connection() as connection:
        rows = history.story(connection, household, since, limit + 1, region_name=services.registry.region_name)
    if not rows and not since:
        raise NotFound("household")
    return cursors.page(services.sealer, f"history/{household}", rows, limit, "position")


@router.get("/{id}/assistance", summary="List a household's assistance", response_model=list[Payment], responses=RECORD)
def payments(household: HouseholdId, services: Handed, actor: Caller, after: After = None) -> Any:
    """Assistance received and not reversed, the latest first."""
    check_role(actor, *SENDERS)
    _in_scope(services, actor, household, after, ["households", "caseload"])
    with services.pool.connection() as connection:
        return caseload.assistance(connection, household)


@router.get("/{id}/actions", summary="List what may be done with a household", response_model=Actions, responses=RECORD)
def actions(household: HouseholdId, services: Handed, actor: Caller, response: Response, after: After = None) -> Any:
    """What the caller may do with the household now, by the transition table alone."""
    check_role(actor, *SENDERS)
    wait_for(services, [], after)
    found = services.application.visible_household(household, as_asked(services, actor))
    response.headers["ETag"] = etag(found.version)
    return {"version": found.version, "actions": found.actions(actor, services.time.today())}


def _visible(services: Services, actor: Actor, sought: LookupKey) -> tuple[UUID, UUID | None]:
    found = services.log.find_identity(sought)
    if found is None:
        raise NotFound("household")
    services.application.visible_household(found[0], as_asked(services, actor))
    return found


def as_asked(services: Services, actor: Actor) -> Command:
    """A command that asks for nothing but to see."""
    return Asked(services, actor, "", None, None, services.time.today()).command(Dated())


def _in_scope(services: Services, actor: Actor, household: UUID, after: int | None, names: list[str]) -> dict[str, Any]:
    wait_for(services, names, after)
    with services.pool.connection() as connection:
        row = households.find(connection, actor, services.time.today(), household)
    if row is None:
        raise NotFound("household")
    return row


def _line(services: Services, data: Opening, row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "head_name": data.head_name(_head(row), row["household"]),
        "region_name": services.registry.region_name(row["region"]),
    }


def _head(row: dict[str, Any]) -> dict[str, Any] | None:
    return next((m for m in row["members"] if m["head"] and m["left_on"] is None), None)
