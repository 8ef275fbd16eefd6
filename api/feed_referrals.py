"""An agency's open referrals as a file, for agencies that work in spreadsheets."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from api import spreadsheets
from api.feed import Agency
from api.handed import Handed
from api.problems import READING, documented, merged
from api.read_your_writes import After, wait_for
from api.routes import StrictRoute
from api.services import Services
from api.spreadsheets import BOM, CONTENT, MEDIA_TYPE, attached
from domain.answering import ACTIONS
from domain.referral_table import OPEN, TABLE, State
from projections import referrals

router = APIRouter(prefix="/v1/feed", tags=["feed"], route_class=StrictRoute)
READS = ("referrals", "directories")
PAGE = 1_000
COLUMNS = (
    "referral", "state", "since", "due", "overdue", "service", "region", "region_name", "respond_by", "sent_on",
    "actions",
)  # fmt: skip
ANSWERS = {state: " ".join(action for action in ACTIONS if state in TABLE[action].sources) for state in OPEN}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "A file in UTF-8 with a byte order mark.", "content": CONTENT}
}


class Delimiter(StrEnum):
    COMMA = "comma"
    SEMICOLON = "semicolon"


SIGNS = {Delimiter.COMMA: ",", Delimiter.SEMICOLON: ";"}


@router.get(
    "/referrals.csv",
    summary="Download an agency's open referrals",
    response_class=Response,
    responses=merged(documented(*READING, 404), FILE),
)
def open_referrals(
    services: Handed,
    agency: Agency,
    delimiter: Annotated[
        Delimiter, Query(description="`semicolon` for spreadsheets that are set to Indonesian.")
    ] = Delimiter.COMMA,
    after: After = None,
) -> Response:
    """The referrals in which the agency has a part to play, by id, with the actions that it may take. Nothing personal
    is in it. Text that would be a formula begins with an apostrophe."""
    wait_for(services, READS, after)
    pages = _pages(services, agency, SIGNS[delimiter])
    first = next(pages)  # what cannot be read at all is a problem, and no file cut short
    name = f"referrals-{services.time.today()}.csv"
    return StreamingResponse(_all(first, pages), media_type=MEDIA_TYPE, headers=attached(name))


def _all(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _pages(services: Services, agency: UUID, sign: str) -> Iterator[str]:
    """The file in parts, each read by itself: no connection is held while a slow reader takes one."""
    head, last = BOM + spreadsheets.write([COLUMNS], sign), None
    while True:
        with services.pool.connection() as connection:
            rows = referrals.open_to(connection, agency, after=last, limit=PAGE)
        yield head + spreadsheets.write((_cells(services, row) for row in rows), sign)
        if len(rows) < PAGE:
            return
        head, last = "", rows[-1]["referral"]


def _cells(services: Services, row: dict[str, Any]) -> tuple[object, ...]:
    overdue = row["due"] is not None and row["due"] < services.time.today()
    return (
        *(row[name] for name in ("referral", "state", "since", "due")),
        "yes" if overdue else "no",
        *(row[name] for name in ("service_name", "region")),
        _named(services, row["region"]),
        *(row[name] for name in ("respond_by", "sent_on")),
        ANSWERS[State(row["state"])],
    )


def _named(services: Services, region: str) -> str:
    """With the wider areas that it is in."""
    parts = region.split(".")
    names = (services.registry.region_name(".".join(parts[:count])) for count in range(len(parts), 0, -1))
    return ", ".join(name for name in names if name)
