"""The reports that were published, for the auditor to set beside figures of their own."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.handed import Handed
from api.identity import Caller, check_role
from api.problems import READING, documented
from api.routes import StrictRoute
from domain.values import Role
from projections import published_reports
from projections.published_reports import Published

router = APIRouter(prefix="/v1/audit/reports", tags=["audit"], route_class=StrictRoute)


class PublishedReport(BaseModel):
    report: str
    position: int = Field(description="Up to where the log was known.")
    as_of: date = Field(description="The date on which durability was judged.")
    published_at: datetime
    figures: dict[str, int] | None = Field(
        description="By name, such as `2026/33.24/count`; the rest are 0. Null where what is kept is no such report."
    )
    sha256: str = Field(
        description="Of the JSON of `as_of`, `figures`, `position` and `report`, with sorted names and no blanks, in"
        " hexadecimal digits."
    )
    checkpoint: str = Field(description="A signed note, of a tree that holds the position.")


class PublishedReports(BaseModel):
    items: list[PublishedReport]


@router.get("", summary="List published reports", response_model=PublishedReports, responses=documented(*READING))
def listing(
    services: Handed,
    actor: Caller,
    report: Annotated[str | None, Query(max_length=40, description="Only of this name, such as `coverage`.")] = None,
) -> Any:
    """As they were then; `rujukan audit replay --compare` sets them beside what follows from the log."""
    check_role(actor, Role.AUDITOR)
    with services.pool.connection() as connection:
        kept = published_reports.published(connection, report)
    return {
        "items": [
            {
                "report": each.report,
                "position": each.position,
                "as_of": each.as_of,
                "published_at": each.published_at,
                "figures": _figures(each),
                "sha256": each.sha256,
                "checkpoint": each.checkpoint,
            }
            for each in kept
        ]
    }


def _figures(kept: Published) -> dict[str, int] | None:
    try:
        return {"/".join(figure): number for figure, number in kept.figures.items()}
    except ValueError:
        return None
