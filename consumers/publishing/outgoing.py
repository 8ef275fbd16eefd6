"""Messages as they go out, made of rows of the outbox by whoever reads them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from consumers import partners
from consumers.contracts import Message, NoContract, headers, referral_message, rejection_message
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
Asked = Callable[[], Brought]
"""Waits for what was asked for."""


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


def ask_due(
    session: Connection[dict[str, Any]], behind: Mapping[UUID, int], limit: int, *, until: int | None = None
) -> Asked:
    """Asks for what happened to the referrals of these agencies, of each behind a position and up to another if that is
    given: so many of each at most."""
    agencies = {str(agency): agency for agency in behind}
    rows = referral_feed.ask(session, behind, limit, until=until)

    def brought() -> Brought:
        found: Brought = {agency: [] for agency in behind}
        for row in rows():
            found[agencies[row["agency"]]].append(outgoing(row, "position", referral_message))
        return found

    return brought


def ask_rejected(session: Connection[dict[str, Any]], agencies: Sequence[UUID], limit: int) -> Asked:
    """Asks for the refused answers that these have not been told of."""
    rows = partners.ask_rejected(session, agencies, limit)

    def brought() -> Brought:
        found: Brought = {agency: [] for agency in agencies}
        for row in rows():
            found[row["agency"]].append(outgoing(row, "number", rejection_message))
        return found

    return brought
