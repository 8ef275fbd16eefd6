"""Graduations told event by event, in whatever order they came to the log, and counted."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from domain.aggregate import RecordedEvent
from domain.codes import DiscontinuationReason, GraduationKind, Measure, Pillar, RevocationReason
from domain.facilitator import Appointed, Retired
from domain.graduation_events import Graduated, GraduationRevoked
from domain.household_events import Discontinued, ReEnrolled
from domain.target import Set
from domain.values import Actor, Role, Sealed
from projections import directories, graduations
from projections.engine.log import Batch, LoggedEvent, Wanted
from projections.engine.runner import Runner
from projections.graduation_counts import CountQuestion, counts
from tests.projections.story import day, named

AUDITOR = Actor("auditor-1", Role.AUDITOR)
VILLAGE = "33.24.04.2007"
Row = dict[str, Any]


class Figures:
    """A log in memory, folded into the tables of a real database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.events: list[LoggedEvent] = []

    # The log

    def head(self) -> int:
        return len(self.events)

    def read(self, after: int, limit: int) -> Sequence[LoggedEvent]:
        return self.events[after : after + limit]

    def batch(self, after: int, limit: int, wanted: Wanted) -> Batch:
        found = self.read(after, limit)
        return Batch([e for e in found if isinstance(e.event, wanted.classes)], after + len(found))

    def log(self, event_class: Callable[..., RecordedEvent], stream: UUID, on: str, **content: Any) -> int:
        """Logs an event and returns its position."""
        moment = datetime.now(UTC)
        event = event_class(
            originator_id=stream,
            originator_version=len(self.events) + 1,
            timestamp=moment,
            on=day(on),
            by="somebody",
            caused_by=uuid4(),
            **content,
        )
        self.events.append(LoggedEvent(self.head() + 1, moment, stream, self.head() + 1, event.TOPIC, event))
        return self.head()

    # What happens

    def graduate(
        self,
        household: str,
        graduation: str,
        on: str,
        *programmes: str,
        kind: str = "independent",
        facilitator: str | None = "sari",
        region: str = VILLAGE,
    ) -> int:
        return self.log(
            Graduated,
            named(household),
            on,
            graduation=named(graduation),
            kind=GraduationKind(kind),
            programmes=programmes or ("pkh",),
            facilitator=named(facilitator) if facilitator else None,
            region=region,
        )

    def revoke(self, household: str, graduation: str, on: str) -> int:
        reason = RevocationReason.DETERMINED_IN_ERROR
        return self.log(GraduationRevoked, named(household), on, graduation=named(graduation), reason=reason)

    def relapse(self, household: str, graduation: str, on: str, programme: str = "pkh") -> int:
        names = {"graduation": named(graduation), "programme": programme}
        return self.log(ReEnrolled, named(household), on, rule_version=1, **names)

    def discontinue(self, household: str, on: str) -> int:
        reason = DiscontinuationReason.INELIGIBLE
        return self.log(Discontinued, named(household), on, programme="pkh", reason=reason)

    def appoint(self, name: str, on: str = "2024-01-01", *, pillar: str = "pkh", region: str = "33.24.04") -> int:
        sealed = Sealed(named(name), b"sealed")
        content = {"originator_topic": "facilitator", "name": sealed, "pillar": Pillar(pillar), "region": region}
        return self.log(Appointed, named(name), on, **content)

    def retire(self, name: str, on: str) -> int:
        return self.log(Retired, named(name), on)

    def target(self, year: int, minimum: int, *kinds: str, pillar: str = "pkh", revision: int = 1) -> int:
        return self.log(
            Set,
            uuid4(),
            f"{year}-01-01",
            originator_topic="target",
            year=year,
            pillar=Pillar(pillar),
            measure=Measure.GRADUATIONS,
            minimum=minimum,
            kinds=tuple(GraduationKind(kind) for kind in kinds or ("independent",)),
            revision=revision,
        )

    # What is asked

    def fold(self, batch: int = 2000) -> None:
        for projection in (graduations.PROJECTION, directories.PROJECTION):
            Runner(lambda: psycopg.connect(self.url), self, projection, batch=batch).catch_up()

    def rows(
        self,
        year: int = 2025,
        *,
        known: int | None = None,
        actor: Actor = AUDITOR,
        as_of: str = "2026-12-31",
        **asked: Any,
    ) -> list[Row]:
        """The answer as known at a position, the end of the log unless given; ids as ids, which it gives as text."""
        self.fold()
        with self.connect() as connection:
            question = CountQuestion(year, date.fromisoformat(as_of), **asked)
            position, rows, *_ = counts(connection, actor, question, known)
            assert position == (self.head() if known is None else known)
        return [{**row, "facilitator": UUID(row["facilitator"])} if "facilitator" in row else row for row in rows]

    def total(self, year: int = 2025, **asked: Any) -> Row:
        (row,) = self.rows(year, **asked)
        return row

    def count(self, year: int = 2025, **asked: Any) -> int:
        return int(self.total(year, **asked)["count"])

    def by(self, group: str, year: int = 2025, *, number: str = "count", **asked: Any) -> dict[Any, Any]:
        """One number of each row, by the key of its group."""
        return {row[group]: row[number] for row in self.rows(year, by=group, **asked)}

    def connect(self) -> Connection[Row]:
        return psycopg.connect(self.url, row_factory=dict_row)
