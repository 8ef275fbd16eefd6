"""Where plain text begins: personal data is opened for those who may read it, and that they did is recorded first."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from api.rate_limits import check_opened
from api.services import Reading, Services
from domain.ports import Opener, Sealer, Unopenable
from domain.values import Actor


class Why(StrEnum):
    """For what personal data is opened: the question that it answers."""

    HOUSEHOLD = "household"
    HOUSEHOLD_LIST = "household-list"
    LOOK_UP = "look-up"
    CASELOAD = "caseload"
    CANDIDATES = "candidates"
    PROPOSALS = "proposals"
    REFERRAL = "referral"
    SUBJECT_REPORT = "subject-report"


BOX = {"key", "box"}


@dataclass
class Opening:
    """Opens the boxes of households and their members, and remembers of each which fields."""

    sealer: Sealer
    read: dict[tuple[UUID, UUID | None], set[str]] = field(default_factory=dict)
    _openers: dict[str, Opener] = field(default_factory=dict)

    def fetch(self, rows: Iterable[Mapping[str, Any] | None]) -> None:
        """Brings at once the keys of all boxes that these rows hold at their top."""
        self.sealer.fetch_keys(map(UUID, _keys_of(rows)))

    def opened(
        self,
        box: Mapping[str, str] | None,
        household: UUID,
        name: str,
        *,
        member: UUID | None = None,
        referral: UUID | None = None,
    ) -> str | None:
        """The text of a stored box; None where there is none, or its key was destroyed.

        What belongs to a referral was sealed for its stream, everything else for the household's.
        """
        text = None if box is None else self._text(box, referral or household, name)
        if text is not None:
            self.note(household, name, member=member)
        return text

    def note(self, household: UUID, name: str, *, member: UUID | None = None) -> None:
        """That this field was read, or tried on and found to match."""
        self.read.setdefault((household, member), set()).add(name)

    def member(self, row: Mapping[str, Any], household: UUID) -> dict[str, Any]:
        """A member's row with everything opened."""
        member: UUID = UUID(str(row["member"]))
        shown = {name: self.opened(row[name], household, name, member=member) for name in ("nik", "name", "birth_date")}
        details = self.opened(row.get("details"), household, "details", member=member)
        return {**row, **shown, **(json.loads(details) if details else {})}

    def head_name(self, head: Mapping[str, Any] | None, household: UUID) -> str | None:
        if head is None:
            return None
        return self.opened(head["name"], household, "name", member=UUID(str(head["member"])))

    def _text(self, box: Mapping[str, str], stream: UUID, name: str) -> str | None:
        try:
            return self._opener(box["key"])(base64.b64decode(box["box"]), stream=stream, field=name)
        except Unopenable:
            return None

    def _opener(self, key: str) -> Opener:
        found = self._openers.get(key)
        if found is None:
            found = self._openers[key] = self.sealer.opener(UUID(key))
        return found


@contextmanager
def opening(services: Services, actor: Actor, why: Why) -> Iterator[Opening]:
    """What is opened inside is recorded when it ends well: an answer that was not recorded is not given.

    Raises what the database raises where that is not possible, and 429 where the reader has opened too much lately.
    """
    found = Opening(services.sealer)
    yield found
    if found.read:
        check_opened(services.limits, actor, {household for household, _ in found.read})
        services.readings.record(
            [
                Reading(actor, household, member, tuple(sorted(names)), why.value)
                for (household, member), names in found.read.items()
            ]
        )


def _keys_of(rows: Iterable[Mapping[str, Any] | None]) -> set[str]:
    return {
        value["key"] for row in rows for value in (row or {}).values() if type(value) is dict and value.keys() == BOX
    }
