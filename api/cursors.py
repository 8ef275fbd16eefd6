"""Opaque cursors: where a list went on, with a keyed check, so that nobody composes one."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query

from api.problems import Refusal
from domain.ports import Sealer

CHECK_BYTES = 12
Key = TypeVar("Key")

Limit = Annotated[int, Query(ge=1, le=500, description="How many items at most.")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before; the first page unless given.")
]


def write(sealer: Sealer, listing: str, key: object) -> str:
    """A cursor of this list that leads on after this key."""
    body = json.dumps([listing, str(key)], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(sealer, body) + body).rstrip(b"=").decode()


def read(sealer: Sealer, listing: str, cursor: str | None, kind: Callable[[str], Key]) -> Key | None:
    """The key that the cursor holds, made by `kind`; 400 for one that is not of this list."""
    if cursor is None:
        return None
    try:
        whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, body = whole[:CHECK_BYTES], whole[CHECK_BYTES:]
        if hmac.compare_digest(check, _check(sealer, body)):
            of, key = json.loads(body)
            if of == listing:
                return kind(key)
    except (binascii.Error, ValueError):
        pass
    raise Refusal(400, "cursor-invalid", "The cursor is not one of this list.", field="cursor")


def page(
    sealer: Sealer,
    listing: str,
    rows: Sequence[dict[str, Any]],
    limit: int,
    key: str | Callable[[dict[str, Any]], object],
) -> dict[str, Any]:
    """A page of rows of which one more than `limit` was asked for; `key` is the column that the cursor holds, or what
    gives it of a row."""
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        last = shown[-1]
        following = write(sealer, listing, last[key] if isinstance(key, str) else key(last))
    return {"items": shown, "next_cursor": following}


def _check(sealer: Sealer, body: bytes) -> bytes:
    return sealer.fingerprint(b"cursor/" + body)[:CHECK_BYTES]
