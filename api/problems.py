"""Errors as RFC 9457 problem details: one stable `type` for each code, and never a word of what was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

MEDIA_TYPE = "application/problem+json"
PROBLEM = "rujukan.problem"
"""Where the request's scope holds the status and code of the problem that it was answered with."""
SPELLINGS = {
    "kk": "KK",
    "nik": "NIK",
    "if match": "If-Match",
    "idempotency key": "Idempotency-Key",
    "known at": "known_at",
}
"""Names that a code holds in small letters."""


class FieldProblem(BaseModel):
    """What is wrong with one field; `field` is its place, such as `members.0.nik`."""

    field: str
    code: str
    detail: str


class Problem(BaseModel):
    """An RFC 9457 problem. `type` is `/problems/` and `code`; the rest of the members are there where they apply."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = Field(default=None, description="The place of the fault in what was sent.")
    errors: list[FieldProblem] | None = Field(default=None, description="Every fault found in what was sent.")
    state: str | None = Field(default=None, description="The state that does not allow the action.")
    action: str | None = Field(default=None, description="The action that was refused.")
    allowed: list[str] | None = Field(default=None, description="The actions that the caller may take instead.")
    version: int | None = Field(default=None, description="The version at which the record is.")
    household: str | None = Field(default=None, description="The household that is there already, where in scope.")


class Refusal(HTTPException):
    """A problem raised at the edge; as an HTTPException it passes through the framework as it is."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(status, detail, headers=dict(headers or {}))
        self.code = code
        self.members = members


class ProblemResponse(JSONResponse):
    """Leaves word in the request's scope of what it was, for those who count and watch."""

    media_type = MEDIA_TYPE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[PROBLEM] = self.status_code, self.code
        await super().__call__(scope, receive, send)

    def __init__(self, code: str, content: Mapping[str, Any], status: int, headers: dict[str, str]) -> None:
        super().__init__(content, status, headers)
        self.code = code


def title(code: str) -> str:
    """The code as a phrase, with the names in it spelt as they are elsewhere."""
    phrase = f" {code.replace('-', ' ')} "
    for spelt, right in SPELLINGS.items():
        phrase = phrase.replace(f" {spelt} ", f" {right} ")
    phrase = phrase.strip()
    return phrase[:1].upper() + phrase[1:]


def problem(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
) -> ProblemResponse:
    content = {
        "type": f"/problems/{code}",
        "title": title(code),
        "status": status,
        "code": code,
        "detail": detail,
        **{name: value for name, value in members.items() if value is not None},
    }
    return ProblemResponse(code, content, status, dict(headers or {}))


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for these problem statuses."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": RETRY_AFTER} if status in LATER else {}),
        }
        for status in statuses
    }


def merged(*responses: Mapping[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    return {status: response for some in responses for status, response in some.items()}


LATER = (429, 503)
"""Statuses that say when to try again."""
RETRY_AFTER = {"Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "string"}}}

READING: Sequence[int] = (400, 401, 403, 422, 429, 503)
"""What any GET may answer; 404 comes where one record is named."""
COMMANDING: Sequence[int] = (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503)
"""What any command may answer."""
