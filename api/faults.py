"""Turns whatever goes wrong into a problem: the reasons of the domain, faults of form, and what is out of order."""

import re
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import psycopg
import structlog
from eventsourcing.persistence import InterfaceError, OperationalError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from psycopg_pool import PoolClosed, PoolTimeout
from starlette.exceptions import HTTPException

from api.problems import Refusal, problem
from domain import errors

RETRY = {"Retry-After": "1"}
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, PoolClosed, OperationalError, InterfaceError)

STATUSES: dict[type[errors.DomainError], int] = {
    errors.Invalid: 422,
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Refused: 409,
    errors.Conflict: 409,
    errors.StaleVersion: 412,
    errors.Contended: 409,
    errors.NoWordsYet: 503,
}
CODES = {404: "not-found", 405: "method-not-allowed", 400: "malformed-body", 413: "too-large"}

TELLING = frozenset(
    {"missing", "enum", "literal_error", "int_type", "string_type", "bool_type", "list_type", "dict_type",
     "model_attributes_type", "string_too_short", "string_too_long", "too_short", "too_long", "greater_than",
     "greater_than_equal", "less_than", "less_than_equal", "int_parsing", "int_parsing_size", "bool_parsing",
     "string_pattern_mismatch", "value_error"}
)  # fmt: skip
"""Kinds of fault whose message never repeats what was sent."""
SAID_OTHERWISE = {
    "uuid_parsing": "Input should be a UUID",
    "uuid_type": "Input should be a UUID",
    "extra_forbidden": "There is no such field",
}
FIELD = re.compile(r"[a-z][a-z_]{0,39}")

_log = structlog.get_logger("api")


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _form)
    app.add_exception_handler(HTTPException, _http)
    for kind in AWAY:
        app.add_exception_handler(kind, _away)
    app.add_exception_handler(Exception, _unforeseen)


def of_domain(error: errors.DomainError, *, household: UUID | None = None) -> Response:
    """`household` is that of an `AlreadyRegistered`, where the caller may know of it."""
    status = next(s for kind, s in STATUSES.items() if isinstance(error, kind))
    match error:
        case errors.Refused():
            members: dict[str, Any] = {"state": error.state, "action": error.action, "allowed": list(error.allowed)}
            return problem(status, error.code, error.detail, **members)
        case errors.Invalid():
            return problem(status, error.code, error.detail, field=error.field)
        case errors.StaleVersion():
            detail = f"The record has changed meanwhile: it is at version {error.actual}."
            return problem(status, error.code, detail, version=error.actual)
        case errors.AlreadyRegistered():
            return problem(status, error.code, error.detail, household=str(household) if household else None)
        case errors.KeyReused() | errors.Contended() | errors.NoWordsYet():
            return problem(status, error.code, error.detail, headers=RETRY)
    return problem(status, error.code, error.detail)


def _domain(request: Request, error: Exception) -> Response:
    return of_domain(cast(errors.DomainError, error))


def _form(request: Request, error: Exception) -> Response:
    found = [described(fault) for fault in cast(RequestValidationError, error).errors()[:20]]
    first = found[0]
    detail = f"{first['field']}: {first['detail']}" if first["field"] else first["detail"]
    return problem(422, "invalid", detail, field=first["field"] or None, errors=found)


def described(fault: dict[str, Any]) -> dict[str, str]:
    """The place, kind and words of a fault that validation found, without the value; `body` is the body as a whole."""
    kind = str(fault["type"])
    if kind == "missing" and tuple(fault["loc"]) == ("body",):
        return {"field": "body", "code": kind, "detail": "A JSON body is required"}
    detail = SAID_OTHERWISE.get(kind) or (str(fault["msg"]) if kind in TELLING or kind.startswith("date") else "")
    return {
        "field": place(fault["loc"][1:] or fault["loc"]),
        "code": kind.replace("_", "-"),
        "detail": detail.removeprefix("Value error, ") or "Input is not valid",
    }


def place(parts: Sequence[str | int]) -> str:
    """Dotted; names that are none of ours are left out, as they may be anything."""
    return ".".join(str(part) if isinstance(part, int) or FIELD.fullmatch(part) else "?" for part in parts)


def _http(request: Request, error: Exception) -> Response:
    found = cast(HTTPException, error)
    if isinstance(found, Refusal):
        return problem(found.status_code, found.code, found.detail, headers=found.headers, **found.members)
    code = CODES.get(found.status_code, "not-possible")
    return problem(found.status_code, code, str(found.detail), headers=found.headers)


def _away(request: Request, error: Exception) -> Response:
    _log.error("database-away", kind=type(error).__name__)
    return problem(
        503, "unavailable", "The database cannot be reached; please try again.", headers={"Retry-After": "5"}
    )


def _unforeseen(request: Request, error: Exception) -> Response:
    _log.error("unforeseen", kind=type(error).__name__)
    return problem(500, "internal", "Something went wrong that should not have.")
