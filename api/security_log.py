"""What a watchman would want to know, one line each in the log `security`: who was refused what, by which code.

A line names the caller's opaque id and role, the method, the route's template and the code; never a path, a query, a
header or a body, in any of which a number or a name may stand.
"""

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import PROBLEM
from domain.values import Actor

STATUSES = frozenset({403, 404, 413, 429})
CODES = frozenset({"already-registered", "cursor-invalid", "idempotency-key-reused"})
"""Refusals of these statuses, or codes, leave a line; those of an identity (401) leave their own, which says more."""
ACTOR = "rujukan.actor"
"""Where the request's scope holds who calls, once that is known."""
FIRST = 100
"""Lines of one caller and code in an hour that are all written. Of more, those whose number is a power of two: the log
tells how many there were, to within a half, and a flood fills no disk."""
WINDOW = 3600.0
MOST = 50_000
"""Callers and codes remembered at a time."""

_log = structlog.get_logger("security")


@dataclass
class SecurityLog:
    first: int = FIRST
    window: float = WINDOW
    _counted: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    _guard: Lock = field(default_factory=Lock)

    def tell(self, event: str, code: str, who: str = "", **known: str | None) -> None:
        """Writes a line, with the number that it is of this hour where lines before it were left out."""
        number = self._number(code, who)
        if number > self.first and number & (number - 1):
            return
        more: dict[str, Any] = {name: text for name, text in known.items() if text is not None}
        if who:
            more["actor"] = who
        if number > self.first:
            more["so_many_this_hour"] = number
        _log.warning(event, code=code, **more)

    def _number(self, code: str, who: str) -> int:
        now = time.monotonic()
        with self._guard:
            if len(self._counted) >= MOST:
                self._counted.clear()
            until, number = self._counted.get((code, who), (0.0, 0))
            if until <= now:
                until, number = now + self.window, 0
            self._counted[code, who] = until, number + 1
            return number + 1


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
