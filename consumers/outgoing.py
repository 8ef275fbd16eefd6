"""Messages as they go out, of rows of the outbox: made by whoever reads the rows, which may be another process."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from consumers.contracts import Message, NoContract, headers, referral_message
from projections import referral_feed

Row = Mapping[str, Any]


class Outgoing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What stands in the topic, and the `mark` by which it is recorded as sent. Of a row that no contract tells of
    there is the type alone, and no value."""

    mark: int
    type: bytes
    id: bytes = b""
    time: bytes = b""
    key: bytes | None = None
    value: bytes | None = None

    def headers(self, *, replayed: bool = False) -> list[tuple[str, bytes]]:
        return headers(self.id, self.type, self.time, self.key, replayed=replayed)


Brought = dict[UUID, list[Outgoing]]
"""By agency, in the order of their marks."""


def outgoing(row: Row, mark: str, translate: Callable[[Row], Message]) -> Outgoing:
    """`mark` is the column of it."""
    try:
        message = translate(row)
    except NoContract as unknown:
        return Outgoing(row[mark], str(unknown).encode())
    return Outgoing(
        row[mark],
        message.type.encode(),
        message.id.encode(),
        message.time.encode(),
        message.key,
        message.value,
    )


def due_to(
    session: Connection[dict[str, Any]], behind: Mapping[UUID, int], limit: int, *, until: int | None = None
) -> Brought:
    """What happened to the referrals of these agencies, of each behind a position and up to another if that is given:
    so many of each at most."""
    agencies = {str(agency): agency for agency in behind}
    found: Brought = {}
    for row in referral_feed.read_all(session, behind, limit, until=until):
        found.setdefault(agencies[row["agency"]], []).append(outgoing(row, "position", referral_message))
    return found
