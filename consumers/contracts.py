"""The contract with agencies: what happened to their referrals, as messages, with a schema for each in `schemas/`.

The stored names and fields of events are never put on the wire as they are: what each message tells is listed here, so
that a field added to an event reaches no partner unless it is added here too. Messages hold opaque ids, dates, codes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

SOURCE = "/rujukan"
JSON = "application/json"

CODES: Mapping[str, tuple[str, ...]] = {
    "rujukan.referral.sent.v1": ("legal_basis", "region", "respond_by", "expires_on", "calendar", "warnings"),
    "rujukan.referral.basis_recorded.v1": ("legal_basis", "legal_rule"),
    "rujukan.referral.basis_withdrawn.v1": (),
    "rujukan.referral.received.v1": (),
    "rujukan.referral.information_requested.v1": ("information",),
    "rujukan.referral.information_supplied.v1": ("respond_by", "calendar"),
    "rujukan.referral.accepted.v1": ("next_by", "calendar"),
    "rujukan.referral.declined.v1": ("reason",),
    "rujukan.referral.scheduled.v1": ("appointment", "next_by", "calendar"),
    "rujukan.referral.attended.v1": ("next_by", "calendar"),
    "rujukan.referral.missed.v1": ("next_by", "calendar"),
    "rujukan.referral.service_started.v1": ("next_by", "calendar"),
    "rujukan.referral.completed.v1": ("outcome", "amount"),
    "rujukan.referral.failed.v1": ("reason",),
    "rujukan.referral.cancellation_requested.v1": ("reason", "cancel_by", "calendar"),
    "rujukan.referral.cancelled.v1": (),
    "rujukan.referral.cancellation_refused.v1": ("back_to",),
    "rujukan.referral.redirected.v1": (),
    "rujukan.referral.settled.v1": (),
    "rujukan.referral.response_overdue.v1": ("respond_by",),
    "rujukan.referral.progress_overdue.v1": ("next_by",),
    "rujukan.referral.expired.v1": (),
}  # fmt: skip
"""What each message tells beside the ids, the date and the state."""

REJECTED = "rujukan.reply.rejected.v1"

_VERSION = ("ce_specversion", b"1.0")
_SOURCE = ("ce_source", SOURCE.encode())
_CONTENT = ("content-type", JSON.encode())

encoded = msgspec.json.Encoder().encode


class Message(msgspec.Struct, frozen=True):
    """A CloudEvent 1.0. `subject` is the referral that it is of, None where an answer names none; `data` becomes its
    JSON; `time` is in RFC 3339. The same message always has the same `id`, by which whoever receives it again knows
    it."""

    id: str
    type: str
    time: str
    subject: str | None
    data: Mapping[str, Any]

    @property
    def key(self) -> bytes | None:
        """Messages of one key stay in order."""
        return None if self.subject is None else self.subject.encode()

    @property
    def value(self) -> bytes:
        return encoded(self.data)

    def headers(self, *, replayed: bool = False) -> list[tuple[str, bytes]]:
        return headers(self.id.encode(), self.type.encode(), self.time.encode(), self.key, replayed=replayed)


def headers(id_: bytes, type_: bytes, time: bytes, key: bytes | None, *, replayed: bool) -> list[tuple[str, bytes]]:
    """The attributes in the binary mode of the Kafka protocol binding of CloudEvents 1.0.2.

    Written out here: the library's event object takes several times as long as the rest of publishing.
    """
    found = [_VERSION, ("ce_id", id_), _SOURCE, ("ce_type", type_), ("ce_time", time), _CONTENT]
    if key is not None:
        found.append(("ce_subject", key))
    if replayed:
        found.append(("ce_replayed", b"true"))
    return found


class NoContract(LookupError):
    """What happened is of a type that no contract tells of: its agency waits for a version that does."""


def referral_message(row: Mapping[str, Any]) -> Message:
    """Of a row of an agency's feed, with `agency` and the `time` when it was logged.

    Raises `NoContract`.
    """
    type_, referral, codes = row["type"], row["referral"], row["codes"]
    if type_ not in CODES:
        raise NoContract(type_)
    data = {
        "position": row["position"],
        "type": type_,
        "referral": referral,
        "household": row["household"],
        "member": row["member"],
        "service": row["service"],
        "on": row["on"],
        "state": row["state"],
        "codes": {name: codes[name] for name in CODES[type_] if name in codes},
    }
    return Message(f"{row['position']}.{type_}.{row['agency']}", type_, row["time"], str(referral), data)


def rejection_message(row: Mapping[str, Any]) -> Message:
    """Of a row of refused answers. `digest` is that of the answer's type, a zero byte and its body."""
    referral: UUID | None = row["referral"]
    data = {
        "id": row["id"],
        "source": row["source"],
        "type": row["type"],
        "referral": referral,
        "code": row["code"],
        "field": row["field"],
        "detail": row["detail"],
        "digest": f"sha256:{row['digest'].hex()}",
        "topic": row["topic"],
        "partition": row["partition"],
        "offset": row["offset"],
    }
    subject = None if referral is None else str(referral)
    return Message(f"{row['number']}.{REJECTED}.{row['agency']}", REJECTED, moment(row["at"]), subject, data)


def moment(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
