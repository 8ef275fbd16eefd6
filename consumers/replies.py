"""The contract with agencies: their answers, and how each is read. Its form is in `schemas/`, one file a type."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from domain.answering import ACTIONS, Answer
from domain.codes import Information, ReferralOutcome, ReferralReason
from domain.errors import DomainError, Forbidden
from domain.referral_table import TABLE
from domain.values import Role

NOT_ONE = "The header ce_specversion must be there and be 1.0."
LONGEST_BODY = 10_000
"""Bytes; what the longest answer needs several times over."""
_NAME = re.compile(r"[\x21-\x7e]{1,200}")
"""Of a source, an id or a type."""
_PERSONAL = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
"""A number of a person or a family card: names are kept in the clear."""
_PLACE = re.compile(r" - at `\$\.([a-z_]+(?:\[[0-9]+\])?)`\Z")
_MISSING = re.compile(r"\AObject missing required field `([a-z_]+)`\Z")
_UNKNOWN = re.compile(r"\AObject contains unknown field `(.*)`\Z", re.DOTALL)
"""What the decoder says may repeat what stands in the body: it is read by its beginning and its end alone."""
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_RUPIAH = msgspec.Meta(ge=0, le=10**15)
_CALLED = {f"rujukan.reply.{action.replace('-', '_')}.v1": action for action in TABLE}
"""Also what only a sender or the clock may do, which an agency that tries is told."""


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`on` is the date on which it happened, in Asia/Jakarta; that of the day unless given."""

    referral: UUID
    on: date | None = None


class InformationRequest(Reply, frozen=True, forbid_unknown_fields=True, kw_only=True):
    information: Annotated[tuple[Information, ...], msgspec.Meta(min_length=1, max_length=10)]


class Reasoned(Reply, frozen=True, forbid_unknown_fields=True, kw_only=True):
    reason: ReferralReason


class Appointment(Reply, frozen=True, forbid_unknown_fields=True, kw_only=True):
    appointment: date


class Completion(Reply, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`amount` may be written as 5000000.0 too, as some do who count in floating point: it is a whole number."""

    outcome: ReferralOutcome
    amount: Annotated[int, _RUPIAH] | Annotated[float, _RUPIAH] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.amount, float):
            if not self.amount.is_integer():
                raise ValueError("Expected `int`, got `float` - at `$.amount`")
            msgspec.structs.force_setattr(self, "amount", int(self.amount))


_FORMS: Mapping[str, type[Reply]] = {
    "request-information": InformationRequest,
    "decline": Reasoned,
    "fail": Reasoned,
    "schedule": Appointment,
    "complete": Completion,
}
FORMS: Mapping[str, type[Reply]] = {
    type_: _FORMS.get(action, Reply) for type_, action in _CALLED.items() if action in ACTIONS
}
"""By type; an answer in words goes over the API, where it is sealed."""
_FIELDS = {"note"}.union(*(form.__struct_fields__ for form in FORMS.values()))
"""Those of any answer, and the one that the API alone takes."""


class Malformed(DomainError):
    """What came in is no answer; `field` is where, if that is known. Nothing of what it said is repeated."""

    def __init__(self, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(code, detail)
        self.field = field


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Kafka an answer stands."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer as it came in: by `source` and `id` it is told from every other of its agency."""

    source: str
    id: str
    type: str | None
    body: bytes
    place: Place | None = None
    fault: Malformed | None = None
    """Why this is no answer at all."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the type, a zero byte and the body."""
        return hashlib.sha256((self.type or "").encode() + b"\0" + self.body).digest()


def received(agency: UUID, place: Place, headers: Sequence[tuple[str, bytes]], body: bytes) -> Envelope:
    """What stands at a place in Kafka. What is no CloudEvent in binary mode, or has a name that may not be kept, is
    named by the place, so that it can be refused by a name."""
    given = {name.lower(): value for name, value in headers}
    source, id_, type_ = (_name(given.get(f"ce_{name}")) for name in ("source", "id", "type"))
    names = {"source": source, "id": id_, "type": type_}
    wrong = [name for name, value in names.items() if value is None]
    if given.get("ce_specversion") != b"1.0":
        return unnamed(agency, place, Malformed("no-cloudevent", NOT_ONE, "specversion"), type_, body)
    if source is None or id_ is None or type_ is None:
        needed = f"The header ce_{wrong[0]} must be there, with 1 to 200 visible ASCII characters and no space."
        return unnamed(agency, place, Malformed("no-cloudevent", needed, wrong[0]), type_, body)
    for field, name in names.items():
        if name is not None and is_personal(name):
            fault = Malformed("malformed-id", "Neither source nor id nor type holds a number of 16 digits.", field)
            return unnamed(agency, place, fault, None, body)
    return Envelope(source, id_, type_, body, place)


def unnamed(agency: UUID, place: Place, fault: Malformed, type_: str | None = None, body: bytes = b"") -> Envelope:
    """What stands at a place, and is to be refused for this reason."""
    name = f"{place.topic}/{place.partition}/{place.offset}"
    return Envelope(f"/agencies/{agency}/unnamed", name, type_, body, place, fault)


def is_name(text: str) -> bool:
    """Whether it can be a source, an id or a type."""
    return _NAME.fullmatch(text) is not None


def is_personal(name: str) -> bool:
    """Whether it holds what may be the number of a person or a family card."""
    return _PERSONAL.search(name) is not None


def _name(given: bytes | None) -> str | None:
    text = (given or b"").decode("ascii", "replace")
    return text if is_name(text) else None


def type_of(action: str) -> str | None:
    """The type of the answers by which this action is taken; None for what is no action."""
    type_ = f"rujukan.reply.{action.replace('-', '_')}.v1"
    return type_ if type_ in _CALLED else None


def action_of(type_: str | None) -> str:
    """Raises `Malformed` for what is no type of an answer."""
    if type_ is None or type_ not in _CALLED:
        raise Malformed("unknown-type", "There is no answer of this type.", "type")
    return _CALLED[type_]


def answer_in(envelope: Envelope) -> Answer:
    """Raises `Malformed`; `Forbidden` for an action that no agency takes, whatever stands in the body."""
    if envelope.fault is not None:
        raise envelope.fault
    action = action_of(envelope.type)
    if action not in ACTIONS:
        raise Forbidden(Role.AGENCY_SYSTEM, action)
    if len(envelope.body) > LONGEST_BODY:
        raise Malformed("too-long", f"An answer is no longer than {LONGEST_BODY} bytes.")
    try:
        reply = msgspec.json.decode(envelope.body, type=FORMS[str(envelope.type)])
    except _UNREADABLE as fault:
        field, told = _wrong(str(fault))
        detail = f"The body is not what the schema of {envelope.type} says: {told}"
        raise Malformed("malformed-reply", detail, field) from None
    return Answer(action, **msgspec.structs.asdict(reply))


def referral_in(body: bytes) -> UUID | None:
    """The referral that a body names, be the rest of it as it may."""
    if len(body) > LONGEST_BODY:
        return None
    try:
        return msgspec.json.decode(body, type=_Named).referral
    except _UNREADABLE:
        return None


class _Named(msgspec.Struct):
    referral: UUID | None = None


def _wrong(fault: str) -> tuple[str | None, str]:
    """Where, and what to say. A field that no answer has is not named: it may be anything."""
    if found := _MISSING.search(fault):
        return found[1], f"`{found[1]}` is missing."
    if found := _UNKNOWN.search(fault):
        known = found[1] if found[1] in _FIELDS else None
        return known, f"{f'`{known}`' if known else 'it has a field that'} does not belong there."
    if found := _PLACE.search(fault):
        return found[1], f"look at `{found[1]}`."
    return None, "it is no JSON object." if fault.startswith("Expected `object`") else "it is no JSON."
