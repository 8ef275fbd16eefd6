"""Records of the directories that a command's content names: a fault of the content where there are none."""

from uuid import UUID

from domain.aggregate import Recorded
from domain.deciding import Deciding, Kind
from domain.errors import Invalid, NotFound
from domain.programme import Programme, programme_id


class DirectoryLookup(Deciding):
    def named(self, kind: type[Kind], record: UUID) -> Kind:
        try:
            return self.load(kind, record)
        except NotFound:
            raise unknown(kind) from None

    def programme(self, code: str) -> Programme:
        return self.named(Programme, programme_id(code))


def unknown(kind: type[Recorded]) -> Invalid:
    """Also of a record that is there, where the caller may not name it."""
    field = kind.TOPIC
    return Invalid(f"unknown-{field}", f"There is no such {field}.", field)
