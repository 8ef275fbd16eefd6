"""How every request is read before its handler sees it: who sends it, what it may hold, and nothing passed over."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.identity import caller, identified
from api.json_bodies import is_json, parse, storable
from api.problems import Refusal


class StrictRequest(Request):
    """A request whose body is JSON by our rules."""

    async def json(self) -> Any:
        if not hasattr(self, "_strict"):
            self._strict = parse(await self.body())
        return self._strict


class StrictRoute(APIRoute):
    """Refuses query parameters that are unknown or repeated, text that cannot be stored, and bodies that are not JSON.

    Who calls is asked first, where the route asks it: strangers make no work, and all that they send is counted.
    A parameter misspelt would otherwise be passed over, and the answer taken for the one that was asked for.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        known = _query_names(self.dependant)
        takes_body, asks_who_calls = self.body_field is not None, _depends_on(self.dependant, caller)

        async def strict(request: Request) -> Response:
            if asks_who_calls:
                await identified(request, request.app.state.services)
            check_query(request, known)
            if not all(isinstance(value, str) and storable(value) for value in request.path_params.values()):
                raise Refusal(404, "not-found", "There is no such path.")
            request = StrictRequest(request.scope, request.receive)
            if takes_body and await request.body() and not is_json(request.headers.get("content-type", "")):
                raise Refusal(415, "unsupported-media-type", "The body must be application/json.")
            return await handle(request)

        return strict


def check_query(request: Request, known: set[str]) -> None:
    if not request.scope["query_string"]:
        return
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            expected = ", ".join(sorted(known)) or "none"
            raise Refusal(422, "unknown-parameter", f"A query parameter is unknown here; known are: {expected}.")
    if len(set(given)) != len(given):
        raise Refusal(422, "repeated-parameter", "A query parameter is given twice.")
    if not all(storable(value) for value in request.query_params.values()):
        raise Refusal(422, "text-not-storable", "A query parameter holds a character that cannot be stored.")


def _depends_on(dependant: Dependant, call: Callable[..., Any]) -> bool:
    return any(sub.call is call or _depends_on(sub, call) for sub in dependant.dependencies)


def _query_names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_query_names(sub) for sub in dependant.dependencies))
