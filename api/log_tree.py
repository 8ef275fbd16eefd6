"""The tree over the log for the auditor's own tools: C2SP `tlog-tiles`, below `/v1/audit/log`."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.handed import Handed
from api.identity import Caller, check_role
from api.problems import READING, Refusal, documented, merged
from api.routes import StrictRoute
from api.services import Services
from domain.proof.checkpoint import read_checkpoint
from domain.proof.note import text_of
from domain.proof.tiles import Tile, read_path, width_of
from domain.values import Role
from projections import log_tree

router = APIRouter(prefix="/v1/audit/log", tags=["audit"], route_class=StrictRoute)

NOTE: dict[int | str, dict[str, Any]] = {
    200: {"description": "A signed note.", "content": {"text/plain; charset=utf-8": {"schema": {"type": "string"}}}}
}
TILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Hashes of 32 bytes, or entries each behind its length in two bytes.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/checkpoint",
    summary="Read the checkpoint signed last",
    response_class=Response,
    responses=merged(documented(*READING, 404), NOTE),
)
def checkpoint(services: Handed, actor: Caller) -> Response:
    """By C2SP tlog-checkpoint; `rujukan audit key` prints the key that it is verified by."""
    check_role(actor, Role.AUDITOR)
    return Response(_note(services), media_type="text/plain")


@router.get(
    "/tile/{path:path}",
    summary="Read a tile of the tree, or the entries under it",
    response_class=Response,
    responses=merged(documented(*READING, 404), TILE),
)
def tile(
    services: Handed,
    actor: Caller,
    path: Annotated[str, Path(description="As C2SP tlog-tiles has it: `0/x001/234`, `1/000.p/5`, `entries/000.p/17`.")],
) -> Response:
    """Of the tree that the checkpoint signed last is of; a partial tile may be of any width up to there."""
    check_role(actor, Role.AUDITOR)
    size = read_checkpoint(text_of(_note(services))).size
    try:
        is_entries, asked = read_path(f"tile/{path}")
    except ValueError:
        raise _not_there() from None
    if asked.width > width_of(asked.level, asked.number, size):
        raise _not_there()
    return Response(_read(services, asked, is_entries=is_entries), media_type="application/octet-stream")


def _note(services: Services) -> str:
    with services.pool.connection() as connection:
        note = log_tree.newest_note(connection)
    if note is None:
        raise Refusal(404, "not-found", "No checkpoint has been signed yet.")
    return note


def _read(services: Services, asked: Tile, *, is_entries: bool) -> bytes:
    with services.pool.connection() as connection:
        if is_entries:
            try:
                return log_tree.read_bundle(connection, asked)
            except log_tree.Torn as torn:
                raise Refusal(503, "log-torn", f"{torn} `rujukan audit verify` tells more.") from None
        found = log_tree.read_tile(connection, asked)
    if found is None:
        raise _not_there()
    return found


def _not_there() -> Refusal:
    return Refusal(404, "not-found", "The tree has no such tile.")
