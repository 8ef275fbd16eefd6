"""Whether the process lives, whether it can serve, and its numbers."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import generate_latest
from pydantic import BaseModel, Field

from api.faults import AWAY
from api.handed import Handed
from api.problems import documented
from projections import log_signing
from projections.engine.positions import Standing, standings
from projections.partners import Partner
from projections.partners import standings as partner_standings

router = APIRouter(tags=["health"])

LONGEST_LAG = 10_000
LONGEST_LAG_SECONDS = 60.0
"""Events that a projection may be behind the log, and how old the first of them may be, while answers are still served:
few events that nobody folds are as bad as many that somebody does."""
METRICS = "text/plain; version=0.0.4; charset=utf-8"


class Alive(BaseModel):
    status: str


class Place(BaseModel):
    name: str
    position: int = Field(description="The last position that all its shards have folded.")
    lag: int = Field(description="Events not folded yet.")
    lag_seconds: float = Field(description="Age of the first event not folded yet.")
    shards: int = Field(description="Into how many parts it is divided.")
    error: bool = Field(description="It stopped at an event that it cannot fold.")
    stopped_at_position: int | None = Field(description="The position of that event.")


class Waiting(BaseModel):
    agency: UUID
    messages: int = Field(description="Waiting to be sent.")
    seconds: float = Field(description="Age of the first of them.")
    reached: bool = Field(description="Its topic takes messages; false for all while the broker is away.")


class Signed(BaseModel):
    position: int = Field(description="Up to where a checkpoint holds the log.")
    lag: int = Field(description="Events that none holds yet.")
    lag_seconds: float = Field(description="Age of the first of them.")
    refused: bool = Field(description="Nothing is signed, as the log does not follow from what was; `status` says why.")


class Ready(BaseModel):
    status: str = Field(description="`ready` or `not-ready`.")
    database: bool
    head: int | None
    projections: list[Place]
    partners: list[Waiting]
    signing: Signed | None


@router.get("/livez", summary="Ask whether the process lives", response_model=Alive)
async def livez() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz", summary="Ask whether it can serve", response_model=Ready, responses={503: {"model": Ready}})
def readyz(services: Handed) -> Response:
    """503 while the database is away, a projection has stopped, is far behind, or has been behind for long, or partners
    that could be reached are not sent what waits for them. A log that is not signed is served all the same."""
    try:
        head = services.log.head()
        with services.pool.connection(timeout=5) as connection:
            places = [_place(standing, head) for standing in standings(connection)]
            partners = [_waiting(p) for p in partner_standings(connection) if p.revoked_at is None]
            signing = _signed(log_signing.standing(connection))
    except AWAY:
        return _answer(503, {"database": False, "head": None, "projections": [], "partners": [], "signing": None})
    ready = all(_is_near(place) for place in places) and all(_is_served(partner) for partner in partners)
    found = {"database": True, "head": head, "projections": places, "partners": partners, "signing": signing}
    return _answer(200 if ready else 503, found)


def _place(standing: Standing, head: int) -> dict[str, Any]:
    lag = max(0, head - standing.position)
    return {
        "name": standing.name,
        "position": standing.position,
        "lag": lag,
        "lag_seconds": round(standing.lag_seconds, 3),
        "shards": standing.shards,
        "error": standing.error is not None,
        "stopped_at_position": standing.stopped_at_position,
    }


def _waiting(partner: Partner) -> dict[str, Any]:
    return {
        "agency": str(partner.agency),
        "messages": partner.messages,
        "seconds": round(partner.seconds, 3),
        "reached": partner.error is None,
    }


def _signed(signing: log_signing.Signing) -> dict[str, Any]:
    return {
        "position": signing.position,
        "lag": signing.lag,
        "lag_seconds": round(signing.lag_seconds, 3),
        "refused": signing.refused is not None,
    }


def _is_served(partner: dict[str, Any]) -> bool:
    """One whose topic takes nothing is an agency's matter, and no reason to serve nobody."""
    late = partner["messages"] > LONGEST_LAG or partner["seconds"] > LONGEST_LAG_SECONDS
    return not (late and partner["reached"])


def _is_near(place: dict[str, Any]) -> bool:
    return not place["error"] and place["lag"] <= LONGEST_LAG and place["lag_seconds"] <= LONGEST_LAG_SECONDS


def _answer(status: int, content: dict[str, Any]) -> JSONResponse:
    return JSONResponse({"status": "ready" if status == 200 else "not-ready", **content}, status)


@router.get("/metrics", summary="Read the metrics", response_class=PlainTextResponse, responses=documented(503))
def metrics(request: Request) -> Response:
    return Response(generate_latest(request.app.state.metrics), media_type=METRICS)
