"""What happened to an agency's referrals, in the order of the log, for agencies that read over HTTP."""

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.accepting import preferred
from api.cursors import Limit
from api.event_stream import FeedStream
from api.handed import Handed
from api.identity import Caller, check_role
from api.problems import READING, Refusal, documented, merged
from api.read_your_writes import LARGEST_POSITION, check_is_there
from api.rendering import rendered
from api.routes import StrictRoute
from api.schemas.referrals import Message
from domain.errors import NotFound
from domain.transitions import AGENCIES

router = APIRouter(prefix="/v1/feed", tags=["feed"], route_class=StrictRoute)
JSON, EVENTS = "application/json", "text/event-stream"
POSITION = re.compile(r"[0-9]{1,19}")


class Feed(BaseModel):
    items: list[Message]
    next_after: int = Field(description="Give it as `after` for what came later; stays where nothing did.")


async def agency_of(actor: Caller) -> UUID:
    """That for which the caller works; 403 for who works for none."""
    check_role(actor, *AGENCIES)
    if actor.agency is None:
        raise NotFound("agency")
    return actor.agency


Agency = Annotated[UUID, Depends(agency_of)]


async def last_event(
    request: Request,
    last_event_id: Annotated[
        str | None,
        Header(
            description="The `id` of the last event received, which is its position; wins over `after`.",
            json_schema_extra={"pattern": f"^{POSITION.pattern}$"},
        ),
    ] = None,
) -> int | None:
    """Raises 400 for what is no position."""
    if last_event_id is None:
        return None
    given = request.headers.getlist("last-event-id")
    if len(given) > 1 or not POSITION.fullmatch(given[0].strip()) or int(given[0]) > LARGEST_POSITION:
        detail = "Last-Event-ID must be the id of one event of this stream."
        raise Refusal(400, "malformed-last-event-id", detail, field="Last-Event-ID")
    return int(given[0])


STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Messages; or, where `Accept` says text/event-stream, all there are and all that come.",
        "content": {EVENTS: {"schema": {"type": "string"}}},
    }
}


@router.get(
    "",
    summary="Read an agency's feed",
    response_model=Feed,
    responses=merged(documented(*READING, 404), STREAM),
)
async def feed(
    request: Request,
    services: Handed,
    actor: Caller,
    agency: Agency,
    last: Annotated[int | None, Depends(last_event)],
    after: Annotated[int, Query(ge=0, le=LARGEST_POSITION, description="The position of the last message read.")] = 0,
    limit: Limit = 100,
) -> Response:
    """Messages after a position; opaque ids and codes only. A message that comes again has the same `id`. A position
    beyond the end of the log is 400: it is none of this log.

    With `Accept: text/event-stream` they come as server-sent events, as soon as they are there: `id` is the position,
    `event` the type, `data` the same JSON. `Last-Event-ID` goes on behind an event; `limit` does not apply. A comment
    comes when there was nothing for a while. The stream ends when the token expires or the server stops; connect again
    with a new token.

    It is one route, as it is one feed: what an agency has read by one form it goes on from by the other.
    """
    behind, given = (after, "after") if last is None else (last, "Last-Event-ID")
    await run_in_threadpool(check_is_there, services, behind, given)
    if preferred(request.headers.getlist("accept"), JSON, EVENTS) == EVENTS:
        await run_in_threadpool(services.feed.read, agency, behind, 1)  # where it cannot be told, it is said before 200
        return FeedStream(request, services, actor, agency, behind)
    items = await run_in_threadpool(services.feed.read, agency, behind, limit)
    return rendered({"items": items, "next_after": items[-1]["position"] if items else behind})
