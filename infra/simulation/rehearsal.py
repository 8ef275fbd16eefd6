"""A simulation told to memory alone: to know what would be written, and for tests."""

from collections.abc import Sequence
from uuid import UUID

from domain.aggregate import Recorded
from domain.deciding import Log
from domain.errors import Refused
from domain.values import Actor
from infra.event_log.bulk import Bulk
from infra.event_log.mapper import EventMapper

IN_MEMORY = {
    "PERSISTENCE_MODULE": "eventsourcing.popo",
    "MAPPER_TOPIC": f"{EventMapper.__module__}:{EventMapper.__qualname__}",
}


class Rehearsal(Bulk):
    """The verbs over an empty log; all that is decided stays in memory, from where it is loaded too."""

    name = Bulk.name

    def __init__(self) -> None:
        super().__init__(IN_MEMORY)

    @property
    def log_reader(self) -> Log:
        return Empty()


class Empty:
    """Implements `domain.deciding.Log`: nothing was stored before."""

    def records(self, streams: Sequence[UUID]) -> dict[UUID, Recorded]:
        return {}

    def position_of(self, stream: UUID) -> int:
        return 0

    def record_refusal(self, actor: Actor, stream: UUID, kind: str, refused: Refused) -> None:
        """Kept nowhere; whoever rehearses is told by the exception."""
