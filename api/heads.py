"""What a request may look like before anybody reads it: how long its head may be, and for which host it is."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem

LONGEST = 65_536
"""Bytes of path, query and headers together; a token has at most 8,192."""
TOO_LONG = (431, "head-too-large", f"Path, query and headers have more than {LONGEST:,} bytes.")


class Heads:
    """`hosts` are the names by which callers may come, in small letters; any, where there are none."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (problem(*refusal) if refusal else self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        named = [value for name, value in scope["headers"] if name == b"host"]
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        if size + len(scope["path"]) + len(scope["query_string"]) > LONGEST:
            return TOO_LONG
        if len(named) > 1:
            return 400, "malformed-host", "There is more than one Host header."
        if self._hosts and _name(named[0] if named else b"") not in self._hosts:
            return 421, "unknown-host", "Nothing is served under this name."
        return None


def _name(host: bytes) -> str:
    """Without the port."""
    text = host.decode("latin-1").strip().lower()
    return text.partition("]")[0] + "]" if text.startswith("[") else text.partition(":")[0]
