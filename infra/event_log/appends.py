"""What goes through the door of the log (`append_to_log`) and what comes back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from psycopg import sql
from psycopg.rows import DictRow

from domain.errors import AlreadyRegistered, Contended, KeyReused
from domain.values import Claim, LookupKey, Receipt
from infra.event_log.array_literals import binary, plain, quoted

Release = tuple[UUID, UUID | None]
"""A household and one of its members, or None for its family card."""

MOST_EVENTS = 2000
"""Events of a group of appends, about; one append is never divided."""

_encode = msgspec.json.Encoder().encode

APPEND = sql.SQL("""
SELECT append, outcome, last_position, kind, household FROM append_to_log(
    %s::int[], %s::uuid[], %s::bigint[], %s::text[], %s::bytea[],
    %s::int[], %s::uuid[], %s::bigint[], %s::text[], %s::bytea[], %s::jsonb)
""")


@dataclass(frozen=True, slots=True)
class Append:
    """Events and what is written with them, all or nothing; `snapshots` are streams as they stand after the events.

    A receipt is given the append's last position, or `position` where there are no events.
    """

    events: Sequence[StoredEvent]
    claims: Sequence[Claim] = ()
    releases: Sequence[Release] = ()
    receipt: Receipt | None = None
    position: int = 0
    snapshots: Sequence[StoredEvent] = ()

    def check(self) -> None:
        """Finds, before others share its fate, what is at fault with this append alone.

        Raises `AlreadyRegistered` where it claims one key twice, `ValueError` for claims or releases without events.
        """
        seen: set[LookupKey] = set()
        for claim in self.claims:
            if claim.key in seen:
                raise AlreadyRegistered(claim.key.kind, claim.household)
            seen.add(claim.key)
        if (self.claims or self.releases) and not self.events:
            raise ValueError("Claims and releases are written with events only.")

    def touches(self) -> set[object]:
        """What no other append of the same group may touch."""
        touched: set[object] = {event.originator_id for event in self.events}
        touched.update((key.kind, key.digest) for claim in self.claims for key in claim.key.all)
        if self.receipt is not None:
            touched.add((self.receipt.caller, self.receipt.route, self.receipt.key))
        return touched


class Group:
    """Admits appends that may share a transaction: `append_to_log` wants them to have nothing in common."""

    def __init__(self) -> None:
        self._events = 0
        self._touched: set[object] = set()

    def admits(self, append: Append) -> bool:
        touched = append.touches()
        full = self._events + len(append.events) > MOST_EVENTS
        if self._touched and (full or not self._touched.isdisjoint(touched)):
            return False
        self._events += len(append.events)
        self._touched |= touched
        return True


def parameters(group: Sequence[Append]) -> list[str | None]:
    """The arguments of `APPEND`; an append's number is its place in the group."""
    return [
        *_columns([(number, event) for number, append in enumerate(group) for event in append.events]),
        *_columns([(number, kept) for number, append in enumerate(group) for kept in append.snapshots]),
        _beside(group),
    ]


def answers(group: Sequence[Append], rows: Iterable[DictRow]) -> list[list[int] | Exception]:
    """For each append its positions, or why it was not stored.

    That is the library's `IntegrityError` for a version taken by another event, `AlreadyRegistered`, `KeyReused`, or
    `Contended` where the index key is being rotated and the claims know nothing of the new one yet.
    """
    found = {row["append"]: row for row in rows}
    return [_answer(append, found.get(number)) for number, append in enumerate(group)]


def _answer(append: Append, row: DictRow | None) -> list[int] | Exception:
    if row is None:
        return [] if not append.events else OperationalError("The log did not tell what came of this append.")
    match row["outcome"]:
        case "appended" | "repeated":
            last: int = row["last_position"]
            return list(range(last - len(append.events) + 1, last + 1))
        case "version-taken":
            return IntegrityError("Another event was stored at this version.")
        case "identity-taken":
            return AlreadyRegistered(row["kind"], row["household"])
        case "index-stale":
            return Contended()
    return KeyReused()


def _columns(numbered: Sequence[tuple[int, StoredEvent]]) -> list[str | None]:
    if not numbered:
        return [None] * 5
    events = [event for _, event in numbered]
    return [
        plain([number for number, _ in numbered]),
        plain([event.originator_id for event in events]),
        plain([event.originator_version for event in events]),
        quoted([event.topic for event in events]),
        binary([event.state for event in events]),
    ]


def _beside(group: Sequence[Append]) -> str | None:
    """JSON of everything that is no event; None where there is nothing."""
    if not any(append.claims or append.releases or append.receipt for append in group):
        return None
    numbered = list(enumerate(group))
    return _encode(
        {
            "claims": [
                _claim(n, claim, key) for n, append in numbered for claim in append.claims for key in claim.key.all
            ],
            "releases": [
                {"append": n, "household": household, "member": member}
                for n, append in numbered
                for household, member in append.releases
            ],
            "receipts": [_receipt(n, append, append.receipt) for n, append in numbered if append.receipt is not None],
        }
    ).decode()


def _claim(number: int, claim: Claim, key: LookupKey) -> dict[str, Any]:
    return {
        "append": number,
        "kind": key.kind,
        "digest": key.digest.hex(),
        "key_version": key.version,
        "household": claim.household,
        "member": claim.member,
    }


def _receipt(number: int, append: Append, receipt: Receipt) -> dict[str, Any]:
    return {
        "append": number,
        "caller": receipt.caller,
        "route": receipt.route,
        "key": receipt.key,
        "fingerprint": receipt.fingerprint.hex(),
        "status": receipt.status,
        "position": append.position or receipt.position,
        "version": receipt.version or (append.events[-1].originator_version if append.events else 0),
        "location": receipt.location,
        "ids": receipt.ids,
    }
