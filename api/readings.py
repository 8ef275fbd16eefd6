"""Who has read whose personal data, for the auditor."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api import cursors
from api.cursors import Cursor, Limit
from api.handed import Handed
from api.identity import Caller, check_role
from api.problems import READING, documented
from api.routes import StrictRoute
from api.schemas.pages import Page
from domain.values import Role
from projections import readings

router = APIRouter(prefix="/v1/audit/readings", tags=["audit"], route_class=StrictRoute)


class ReadingRow(BaseModel):
    """Who read whose data, and never what it said."""

    id: int
    at: datetime
    actor: str
    role: str
    scope: str
    household: UUID
    member: UUID | None = Field(description="Null for what is the household's own.")
    fields: list[str]
    why: str = Field(description="The question that was answered, such as `household` or `caseload`.")


@router.get(
    "", summary="List readings of personal data", response_model=Page[ReadingRow], responses=documented(*READING)
)
def listing(
    services: Handed,
    actor: Caller,
    household: Annotated[UUID | None, Query(description="Only of this household.")] = None,
    member: Annotated[UUID | None, Query(description="Only of this person.")] = None,
    by: Annotated[str | None, Query(max_length=200, description="Only by this reader.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Any:
    """The latest first."""
    check_role(actor, Role.AUDITOR)
    with services.pool.connection() as connection:
        rows = readings.listing(
            connection,
            household=household,
            member=member,
            actor=by,
            before=cursors.read(services.sealer, "readings", cursor, int),
            limit=limit + 1,
        )
    return cursors.page(services.sealer, "readings", rows, limit, "id")
