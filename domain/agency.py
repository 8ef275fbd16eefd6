"""An agency that receives referrals."""

from datetime import date
from uuid import UUID

from domain.aggregate import Initial, Recorded, RecordedEvent
from domain.codes import AgencyKind
from domain.values import Command


class AgencyEvent(RecordedEvent):
    """Base of an agency's events; the stream is the agency's id."""


class Registered(AgencyEvent, Initial):
    TOPIC = "agency.registered.v1"
    name: str
    kind: AgencyKind


class Agency(Recorded):
    TOPIC = "agency"
    Event = AgencyEvent
    Created = Registered

    def __init__(self, on: date, name: str, kind: AgencyKind) -> None:
        super().__init__(on)
        self.name = name
        self.kind = kind

    @classmethod
    def register(cls, command: Command, agency: UUID, *, name: str, kind: AgencyKind) -> "Agency":
        return cls._create(event_class=Registered, id=agency, **cls._base(command), name=name, kind=kind)
