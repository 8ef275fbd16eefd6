"""What happened to an agency's referrals, in the order of the log, for agencies that read over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.cursors import Limit
from api.handed import Handed
from api.identity import Caller, check_role
from api.problems import READING, documented
from api.read_your_writes import LARGEST_POSITION
from api.routes import StrictRoute
from api.schemas.referrals import Message
from domain.errors import NotFound
from domain.transitions import AGENCIES
from projections import referral_feed

router = APIRouter(prefix="/v1/feed", tags=["feed"], route_class=StrictRoute)


class Feed(BaseModel):
    items: list[Message]
    next_after: int = Field(description="Give it as `after` for what came later; stays where nothing did.")


@router.get("", summary="Read an agency's feed", response_model=Feed, responses=documented(*READING, 404))
def feed(
    services: Handed,
    actor: Caller,
    after: Annotated[int, Query(ge=0, le=LARGEST_POSITION, description="The position of the last message read.")] = 0,
    limit: Limit = 100,
) -> Any:
    """Messages after a position; opaque ids and codes only."""
    check_role(actor, *AGENCIES)
    if actor.agency is None:
        raise NotFound("agency")
    with services.pool.connection() as connection:
        rows = referral_feed.read(connection, actor.agency, after, limit)
    return {"items": rows, "next_after": rows[-1]["position"] if rows else after}
