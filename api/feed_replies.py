"""An agency's answers in a file, for agencies that work in spreadsheets."""

from collections import Counter
from collections.abc import Sequence
from email.message import Message as HeaderMessage
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api import spreadsheets
from api.accepting import preferred
from api.feed import JSON, Agency
from api.handed import Handed
from api.identity import Caller
from api.problems import READING, Refusal, documented, merged
from api.rendering import rendered
from api.reply_rows import MOST, Came, Result, check_columns, rows_of, taken
from api.routes import StrictRoute
from api.spreadsheets import BOM, CONTENT, MEDIA_TYPE, attached

router = APIRouter(prefix="/v1/feed", tags=["feed"], route_class=StrictRoute)
SHOWN = ("row", "referral", "came", "code", "field", "detail")
DONE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What came of each row; as a file where `Accept` says text/csv.",
        "content": CONTENT,
        "headers": {"Rujukan-Position": {"description": "For `?after=` of later reads.", "schema": {"type": "string"}}},
    }
}

_log = structlog.get_logger("api")


class RowResult(BaseModel):
    row: int = Field(description="As the spreadsheet counts: the names of the columns are row 1.")
    referral: UUID | None = Field(description="Null where the cell holds no id.")
    came: Came
    code: str | None = Field(description="Why it was rejected.")
    field: str | None = Field(description="The column at fault.")
    detail: str | None


class Results(BaseModel):
    items: list[RowResult]


async def csv_body(request: Request, agency: Agency) -> bytes:
    """Raises 415 for a body that does not call itself CSV in UTF-8."""
    told = HeaderMessage()
    told["content-type"] = request.headers.get("content-type", "")
    if told.get_content_type() != MEDIA_TYPE or told.get_content_charset("utf-8") not in ("utf-8", "utf8"):
        raise Refusal(415, "unsupported-media-type", "The body must be text/csv in UTF-8.")
    return await request.body()


@router.post(
    "/replies",
    summary="Send an agency's answers as a file",
    response_model=Results,
    responses=merged(documented(*READING, 404, 413, 415), DONE),
    openapi_extra={"requestBody": {"required": True, "content": CONTENT}},
)
def replies(
    request: Request, services: Handed, actor: Caller, agency: Agency, body: Annotated[bytes, Depends(csv_body)]
) -> Response:
    """Answers as over Kafka, one a row, taken in their order: a file of up to 1,000 rows, with commas, semicolons or
    tabs.

    The columns are `referral` and `action` (as `/v1/referrals/{id}/actions` names it) and, where they are needed, `on`,
    `reason`, `outcome`, `amount`, `appointment` and `information` (codes with spaces between them); dates are
    2026-03-31 or 31/03/2026. The other columns of the file of open referrals may stay and say nothing; those of its
    rows are passed over in which no answer is written. By `id`, where a row has one, and else by all of its cells, an
    answer is known that was sent before, so a file may be sent again, mended or not; what is done twice has an id each
    time, or the date. A row that is rejected keeps none of the others back; one that could not be taken now
    (`try-again`) keeps back those behind it on the same referral.
    """
    sheet = spreadsheets.read(body, MOST)
    check_columns(sheet.columns)
    with services.files.place(actor.sub):
        results = taken(services.replies, agency, rows_of(sheet))
    _log.info("replies-filed", actor=actor.sub, agency=str(agency), **Counter(str(result.came) for result in results))
    as_json = preferred(request.headers.getlist("accept"), JSON, MEDIA_TYPE) == JSON
    answer = _told(results) if as_json else _filed(results, sheet.delimiter)
    last = max((result.position for result in results if result.position), default=None)
    if last is not None:
        answer.headers["Rujukan-Position"] = str(last)
    return answer


def _told(results: Sequence[Result]) -> Response:
    return rendered({"items": [{name: getattr(result, name) for name in SHOWN} for result in results]})


def _filed(results: Sequence[Result], delimiter: str) -> Response:
    rows = [SHOWN, *([getattr(result, name) for name in SHOWN] for result in results)]
    content = BOM + spreadsheets.write(rows, delimiter)
    return Response(content, media_type=MEDIA_TYPE, headers=attached("results.csv"))
