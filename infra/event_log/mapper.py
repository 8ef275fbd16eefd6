"""How an event is stored: plain JSON with sorted keys, read back by the types that its class declares."""

import dataclasses
import typing
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, MapperDeserialisationError, StoredEvent
from eventsourcing.utils import get_topic

from domain.aggregate import RecordedEvent
from infra.event_log.topics import event_class

BESIDE_STATE = frozenset({"originator_id", "originator_version"})
"""Fields that have columns of their own."""

_encode = msgspec.json.Encoder(order="sorted").encode


class EventMapper(Mapper[UUID]):
    """Stores UUIDs and decimals as strings, dates in ISO 8601, bytes in base64, sequences as arrays; no type names.

    The library's `timestamp` is stored as `recorded_at`, in UTC; a `class_version` above 1 is stored beside the fields.
    On reading, a field that was not stored takes its default, and one that the class does not know is left out.
    Upcasts get the stored JSON object, before types, and change it in place.
    """

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        cls = type(domain_event)
        state = {name: value for name, value in vars(domain_event).items() if name not in BESIDE_STATE}
        state["recorded_at"] = state.pop("timestamp").astimezone(UTC)
        version = getattr(cls, "class_version", 1)
        if version > 1:
            state["class_version"] = version
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=get_topic(cls),
            state=_encode(state),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """Raises `MapperDeserialisationError` where the state does not fit, `TopicError` for an unknown topic."""
        cls = event_class(stored_event.topic)
        try:
            state = _reader(cls)(stored_event.state)
        except (msgspec.MsgspecError, KeyError, ValueError) as error:
            raise MapperDeserialisationError(
                f"The state stored under {stored_event.topic} at version {stored_event.originator_version} of stream "
                f"{stored_event.originator_id} cannot be read: {error}"
            ) from error
        state["originator_id"] = stored_event.originator_id
        state["originator_version"] = stored_event.originator_version
        event: DomainEventProtocol[UUID] = object.__new__(cls)
        object.__setattr__(event, "__dict__", state)
        return event

    def to_recorded_event(self, stored_event: StoredEvent) -> RecordedEvent:
        """As `to_domain_event`; `MapperDeserialisationError` also for what is no event of Rujukan."""
        event = self.to_domain_event(stored_event)
        if not isinstance(event, RecordedEvent):
            raise MapperDeserialisationError(f"{type(event).__name__} is no event of Rujukan.")
        return event


@cache
def _reader(cls: type) -> Callable[[bytes], dict[str, Any]]:
    """The function that turns stored JSON into the attributes of an event of this class."""
    stored = _stored_form(cls)
    current = getattr(cls, "class_version", 1)
    decode = msgspec.json.Decoder(stored).decode
    attributes = msgspec.structs.asdict

    def read_versioned(data: bytes) -> dict[str, Any]:
        raw: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
        for version in range(raw.pop("class_version", 1), current):
            getattr(cls, f"upcast_v{version}_v{version + 1}")(raw)
        return attributes(msgspec.convert(raw, stored))

    return read_versioned if current > 1 else lambda data: attributes(decode(data))


def _stored_form(cls: type) -> type[msgspec.Struct]:
    hints = typing.get_type_hints(cls)
    members: list[tuple[str, Any, Any]] = [("timestamp", datetime, msgspec.field())]
    for field in dataclasses.fields(cls):
        if field.name in BESIDE_STATE or field.name == "timestamp":
            continue
        default: Any = msgspec.field()
        if field.default is not dataclasses.MISSING:
            default = msgspec.field(default=field.default)
        elif field.default_factory is not dataclasses.MISSING:
            default = msgspec.field(default_factory=field.default_factory)
        members.append((field.name, hints[field.name], default))
    return msgspec.defstruct(cls.__qualname__, members, kw_only=True, rename={"timestamp": "recorded_at"})
