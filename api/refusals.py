"""Attempts that the transition tables do not allow, for the auditor."""

from datetime import datetime
from enum import StrEnum
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
from projections import refusals

router = APIRouter(prefix="/v1/refusals", tags=["audit"], route_class=StrictRoute)


class Kind(StrEnum):
    HOUSEHOLD = "household"
    REFERRAL = "referral"


class RefusalRow(BaseModel):
    """Who attempted what in which state; never what was sent."""

    id: int
    at: datetime
    actor: str
    role: str
    kind: str
    stream: UUID
    state: str
    action: str
    code: str
    allowed: list[str]
    position: int = Field(description="The record's last position then; 0 where it had none.")


@router.get("", summary="List refused attempts", response_model=Page[RefusalRow], responses=documented(*READING))
def listing(
    services: Handed,
    actor: Caller,
    kind: Annotated[Kind | None, Query(description="Only attempts on this kind of record.")] = None,
    stream: Annotated[UUID | None, Query(description="Only attempts on this record, by its id.")] = None,
    by: Annotated[str | None, Query(max_length=200, description="Only attempts by this actor.")] = None,
    role: Annotated[Role | None, Query(description="Only attempts in this role.")] = None,
    action: Annotated[str | None, Query(max_length=200, description="Only attempts at this action.")] = None,
    code: Annotated[str | None, Query(max_length=200, description="Only those refused with this code.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Any:
    """The latest first."""
    check_role(actor, Role.AUDITOR)
    with services.pool.connection() as connection:
        rows = refusals.listing(
            connection,
            kind=kind and kind.value,
            stream=stream,
            actor=by,
            role=role and role.value,
            action=action,
            code=code,
            before=cursors.read(services.sealer, "refusals", cursor, int),
            limit=limit + 1,
        )
    return cursors.page(services.sealer, "refusals", rows, limit, "id")
