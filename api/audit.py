"""The log for the auditor: enough to replay every figure that was ever published."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.handed import Handed
from api.identity import Caller, check_role
from api.problems import READING, documented
from api.read_your_writes import LARGEST_POSITION
from api.routes import StrictRoute
from domain.values import Role
from projections import audit

router = APIRouter(prefix="/v1/audit", tags=["audit"], route_class=StrictRoute)


class Entry(BaseModel):
    position: int
    logged_at: datetime
    stream: UUID
    version: int
    topic: str
    state: dict[str, Any] = Field(description="The event as stored; personal data is sealed.")


class Entries(BaseModel):
    items: list[Entry]
    head: int = Field(description="The last position when this was read.")
    next_after: int = Field(description="Give it as `after` for what follows.")


@router.get("/log", summary="Read the log", response_model=Entries, responses=documented(*READING))
def log(
    services: Handed,
    actor: Caller,
    after: Annotated[int, Query(ge=0, le=LARGEST_POSITION, description="The last position read.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many events at most.")] = 100,
) -> Any:
    """Events after a position, in order and without gaps."""
    check_role(actor, Role.AUDITOR)
    with services.pool.connection() as connection:
        rows = audit.entries(connection, after, limit)
    head = max(services.log.head(), rows[-1]["position"] if rows else 0)
    return {"items": rows, "head": head, "next_after": rows[-1]["position"] if rows else after}
