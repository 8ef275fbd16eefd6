"""How many households graduated, as known at any position; and the proposals that wait."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from api import cursors
from api.cursors import Cursor, Limit
from api.handed import Handed
from api.identity import Caller, check_role
from api.known_at import end_of, position_known
from api.opening import Opening, Why, opening
from api.problems import READING, documented
from api.read_your_writes import After, wait_for, wait_until_folded
from api.rendering import rendered
from api.routes import StrictRoute
from api.schemas.fields import Day, ProgrammeCode, RegionCode
from api.schemas.graduations import By, Counts, Level, WaitingProposal
from api.schemas.pages import Page
from api.services import Services
from domain.codes import GraduationKind
from domain.errors import Invalid
from domain.transitions import SENDERS
from domain.values import Actor, Role
from projections import graduation_counts, graduation_small, waiting_proposals
from projections.graduation_counts import Counted, CountQuestion

router = APIRouter(prefix="/v1/graduations", tags=["graduations"], route_class=StrictRoute)


@router.get(
    "",
    summary="Count graduations",
    response_model=Counts,
    responses=documented(*READING),
)
def counts(
    services: Handed,
    actor: Caller,
    year: Annotated[int | None, Query(ge=2000, le=2100, description="The current one unless given.")] = None,
    month: Annotated[int | None, Query(ge=1, le=12, description="Only graduations of this month of the year.")] = None,
    by: Annotated[By | None, Query(description="What to group by; one total unless given.")] = None,
    level: Annotated[Level | None, Query(description="Of groups by region: how fine they are.")] = None,
    programme: Annotated[ProgrammeCode | None, Query(description="Only graduations from this programme.")] = None,
    kind: Annotated[GraduationKind | None, Query(description="Only graduations of this kind.")] = None,
    region: Annotated[RegionCode | None, Query(description="Only graduations in this region.")] = None,
    facilitator: Annotated[UUID | None, Query(description="Only graduations credited to this facilitator.")] = None,
    known_at: Annotated[
        str | None,
        Query(
            max_length=40,
            description="What was known then: a log position, a date (its end in Asia/Jakarta), or an RFC 3339 moment.",
        ),
    ] = None,
    as_of: Annotated[
        Day | None,
        Query(
            description="The date on which durability is judged; it also leaves out what happened later."
            " Today unless given."
        ),
    ] = None,
    after: After = None,
) -> Any:
    """Households graduated in a year: the earliest unrevoked graduation of each, under the filter given.

    Under regency level, and by facilitator, analysts see the number of households alone, of whole areas in whole years
    from 1 April of the year after on, as known then; areas with few are left out. All other figures there are withheld.
    """
    check_role(actor, *SENDERS, Role.ANALYST, Role.AUDITOR)
    _check_known(services, by, level, programme, region)
    wait_for(services, ["graduations"], after)
    known = None if known_at is None else position_known(services.log, known_at)
    today = services.time.today()
    question = CountQuestion(
        year=year or today.year,
        as_of=as_of or today,
        month=month,
        by=by and by.value,
        level=level and level.value,
        programme=programme,
        kind=kind and kind.value,
        region=region,
        facilitator=facilitator,
    )
    may_know_people = actor.role is not Role.ANALYST
    if not may_know_people and graduation_small.is_under_regency(question) and known_at is None and as_of is None:
        position, rows = _published(services, actor, question)
    else:
        found = _counted(services, actor, question, known)
        position, rows = found.position, found.rows
    return rendered(
        {
            "position": position,
            **({} if known_at is None else {"known_at": known_at}),
            "as_of": question.as_of,
            "year": question.year,
            "by": by,
            "rows": _named(services, by, rows, may_know_people),
        }
    )


def _published(services: Services, actor: Actor, question: CountQuestion) -> tuple[int, list[dict[str, Any]]]:
    """What an analyst may know under regency level: of a closed year, as it was known when it was closed."""
    closed = graduation_small.closed_on(question.year)
    if services.time.today() <= closed or not graduation_small.is_published(question):
        found = _counted(services, actor, question, None)
        return found.position, found.rows
    known = services.log.position_at(end_of(closed))
    wait_until_folded(services, ["graduations"], known)
    with services.pool.connection() as connection:
        return known, graduation_small.published(connection, question, known)


def _counted(services: Services, actor: Actor, question: CountQuestion, known: int | None) -> Counted:
    """As known at `known`, or unless given where the log ends when it is asked, or later; with the names of then."""
    if known is not None:
        wait_until_folded(services, ["graduations"], known)
    end = None
    while True:
        with services.pool.connection() as connection:
            found = graduation_counts.counts(connection, actor, question, known, services.counted)
        end = found.head if end is None else end
        behind = ["graduations"] if known is None and found.position < end else []
        if question.by in (By.FACILITATOR, By.PROGRAMME) and found.named < end:
            behind.append("directories")
        if not behind:
            return found
        wait_until_folded(services, behind, end)


def _check_known(
    services: Services, by: By | None, level: Level | None, programme: str | None, region: str | None
) -> None:
    """A mistyped filter would look like nobody having graduated."""
    if level is not None and by is not By.REGION:
        raise Invalid("level-without-region", "A level is of groups by region: add by=region.", "level")
    if programme is not None:
        services.application.programme(programme)
    if region is not None and services.registry.region_name(region) is None:
        raise Invalid("unknown-region", "There is no region with this code.", "region")


def _named(
    services: Services, by: By | None, rows: list[dict[str, Any]], may_know_people: bool
) -> list[dict[str, Any]]:
    """With the names of facilitators opened and those of regions looked up; analysts see no names of people."""
    if by is By.FACILITATOR:
        return services.officers.opened(rows) if may_know_people else [{**row, "name": None} for row in rows]
    if by is By.REGION:
        return [row | {"name": row["region"] and services.registry.region_name(row["region"])} for row in rows]
    return rows


@router.get(
    "/proposals",
    summary="List open graduation proposals",
    response_model=Page[WaitingProposal],
    responses=documented(*READING),
)
def proposals(
    services: Handed,
    actor: Caller,
    region: Annotated[RegionCode | None, Query(description="Only households that live in this region.")] = None,
    facilitator: Annotated[UUID | None, Query(description="Only households led by this facilitator.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    after: After = None,
) -> Any:
    """Proposals that are open, with those who decide or returned to their proposer."""
    check_role(actor, *SENDERS)
    wait_for(services, ["follow_up", "households"], after)
    with services.pool.connection() as connection:
        rows = waiting_proposals.proposals(
            connection,
            actor,
            services.time.today(),
            region=region,
            facilitator=facilitator,
            after=cursors.read(services.sealer, "proposals", cursor, UUID),
            limit=limit + 1,
        )
    found = cursors.page(services.sealer, "proposals", rows, limit, "graduation")
    with opening(services, actor, Why.PROPOSALS) as data:
        data.fetch(found["items"])
        return {**found, "items": [{**row, **_notes(data, row)} for row in found["items"]]}


def _notes(data: Opening, row: dict[str, Any]) -> dict[str, str | None]:
    return {name: data.opened(row[name], row["household"], "note") for name in ("note", "return_note")}
