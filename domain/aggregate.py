"""What every aggregate of Rujukan shares: how its events look, and when a command is satisfied already."""

from collections.abc import MutableMapping
from dataclasses import fields
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate

from domain.errors import Invalid
from domain.values import Command

Thread = tuple[str, ...]
"""What an event is about, such as `("programme", "pkh")`: a later event on the same thread takes its place."""

BESIDE_CONTENT = frozenset({"originator_id", "originator_version", "originator_topic", "timestamp", "caused_by"})


class RecordedEvent(Aggregate.Event):
    """Base of all events.

    `on` is the date it happened (Asia/Jakarta), `by` the actor's opaque id, `caused_by` the command's id. The
    library's `timestamp` is stored as `recorded_at` (UTC).
    """

    on: date
    by: str
    caused_by: UUID

    if TYPE_CHECKING:
        TOPIC: ClassVar[str]
    OWN_IDS: ClassVar[frozenset[str]] = frozenset()
    """Fields that name a record made by this event: a repeated command brings new ones for the same content."""
    DERIVED: ClassVar[frozenset[str]] = frozenset()
    """Fields that were worked out and frozen when the command was carried out: the caller did not ask for them."""

    def threads(self) -> tuple[Thread, ...]:
        """The matters that this event is the latest word on; none for an event that nothing could repeat."""
        return ()

    def content(self) -> dict[str, Any]:
        """What the caller asked for: by this a repeated command is recognised."""
        beside = BESIDE_CONTENT | self.OWN_IDS | self.DERIVED
        return {k: v for k, v in vars(self).items() if k not in beside}

    def apply(self, aggregate: "Recorded") -> None:
        aggregate.last_on = max(self.on, aggregate.last_on)
        for thread in self.threads():
            aggregate.latest[thread] = self
        self.evolve(aggregate)

    def evolve(self, aggregate: Any) -> None:
        """Changes the aggregate's state; most directories need nothing more than `latest`."""


class Initial(RecordedEvent, Aggregate.Created):
    """Base of first events."""


class Recorded(Aggregate):
    """Base of all aggregates: remembers the latest event of each thread."""

    Event = RecordedEvent
    Created = Initial
    if TYPE_CHECKING:
        TOPIC: ClassVar[str]

    def __init__(self, on: date) -> None:
        self.began_on = on
        self.last_on = on
        self.latest: MutableMapping[Thread, RecordedEvent] = {}

    def satisfied(self, event_class: type[RecordedEvent], command: Command, **content: Any) -> RecordedEvent | None:
        """The event by which the same actor brought the same state about before, if that is still the latest word."""
        draft = self._draft(event_class, command, content)
        threads = draft.threads()
        if not threads:
            return None
        latest = {id(e): e for t in threads if (e := self.latest.get(t)) is not None}
        if len(latest) != 1 or not all(t in self.latest for t in threads):
            return None
        (event,) = latest.values()
        return event if type(event) is event_class and event.content() == draft.content() else None

    def record(self, event_class: type[RecordedEvent], command: Command, **content: Any) -> RecordedEvent:
        """Triggers the event for this command and returns it."""
        self.trigger_event(event_class, **self._base(command), **content)
        event = self.pending_events[-1]
        if not isinstance(event, RecordedEvent):
            raise TypeError(type(event))
        return event

    def check_date(self, command: Command) -> None:
        """A date lies between the record's beginning and today."""
        check_not_future(command.on, command.today)
        if command.on < self.began_on:
            raise Invalid("before-registration", f"{command.on} is before the registration on {self.began_on}.", "on")

    @staticmethod
    def _base(command: Command) -> dict[str, Any]:
        return {"on": command.on, "by": command.actor.sub, "caused_by": command.id}

    def _draft(self, event_class: type[RecordedEvent], command: Command, content: dict[str, Any]) -> RecordedEvent:
        draft = object.__new__(event_class)
        object.__setattr__(
            draft, "__dict__", {**_defaults(event_class), **self._base(command), **content, "originator_topic": None}
        )
        return draft


@cache
def _defaults(event_class: type[RecordedEvent]) -> dict[str, Any]:
    return {field.name: field.default for field in fields(event_class)}


def check_not_future(on: date, today: date) -> None:
    if on > today:
        raise Invalid("future-date", f"{on} is in the future; today is {today}.", "on")
