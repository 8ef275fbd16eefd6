"""What a watchman would want to know, one line each in the log `security`: who was refused what, by which code.

A line names the caller's opaque id and role, the method, the route's template and the code; never a path, a query, a
header or a body, in any of which a number or a name may stand.
"""

from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import PROBLEM
from api.seldom import Seldom
from domain.values import Actor

STATUSES = frozenset({403, 404, 413, 429})
CODES = frozenset({"already-registered", "cursor-invalid", "idempotency-key-reused"})
"""Refusals of these statuses, or codes, leave a line; those of an identity (401) leave their own, which says more."""
ACTOR = "rujukan.actor"
"""Where the request's scope holds who calls, once that is known."""
_log = structlog.get_logger("security")


class SecurityLog:
    def __init__(self, seldom: Seldom | None = None) -> None:
        self._seldom = seldom or Seldom()

    def tell(self, event: str, code: str, who: str = "", **known: str | None) -> None:
        """Writes a line, with the number that it is of this hour where lines before it were left out."""
        number = self._seldom.number((code, who))
        if number is None:
            return
        more: dict[str, Any] = {name: text for name, text in known.items() if text is not None}
        if who:
            more["actor"] = who
        if number > self._seldom.first:
            more["so_many_this_hour"] = number
        _log.warning(event, code=code, **more)


class Watching:
    """Writes the lines of requests that were refused."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "http" and PROBLEM in scope:
                self._look_at(scope)

    def _look_at(self, scope: Scope) -> None:
        status, code = scope[PROBLEM]
        if status not in STATUSES and code not in CODES:
            return
        actor: Actor | None = scope.get(ACTOR)
        security: SecurityLog = scope["app"].state.services.security
        security.tell(
            "request-refused",
            code,
            who=actor.sub if actor else "",
            role=actor.role.value if actor else None,
            status=str(status),
            **met(scope),
        )


def met(scope: Scope) -> dict[str, str]:
    """The method, where it is one that is known, and the route by its template."""
    method = scope["method"]
    known = method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
    return {"method": known, "route": getattr(scope.get("route"), "path", "none")}
