"""A yearly target: the minimum of a measure that each facilitator of a pillar is to reach."""

from datetime import date
from uuid import UUID, uuid5

from domain.aggregate import Initial, Recorded, RecordedEvent
from domain.codes import GraduationKind, Measure, Pillar
from domain.errors import Invalid
from domain.values import Command

NAMESPACE = UUID("9c1d6c1b-6f0e-5d2e-8f7b-1a53c0c0f4d2")


def target_id(year: int, pillar: Pillar, measure: Measure, revision: int) -> UUID:
    """Each setting is a stream of its own, so that an earlier one is never rewritten; the highest revision holds."""
    return uuid5(NAMESPACE, f"{year}/{pillar}/{measure}/{revision}")


class TargetEvent(RecordedEvent):
    """Base of a target's events."""


class Set(TargetEvent, Initial):
    """`kinds` are the graduation kinds that count towards it; empty for other measures."""

    TOPIC = "target.set.v1"
    year: int
    pillar: Pillar
    measure: Measure
    minimum: int
    kinds: tuple[GraduationKind, ...]
    revision: int


class Target(Recorded):
    TOPIC = "target"
    Event = TargetEvent
    Created = Set

    def __init__(
        self,
        on: date,
        year: int,
        pillar: Pillar,
        measure: Measure,
        minimum: int,
        kinds: tuple[GraduationKind, ...],
        revision: int,
    ) -> None:
        super().__init__(on)
        self.year = year
        self.pillar = pillar
        self.measure = measure
        self.minimum = minimum
        self.kinds = kinds
        self.revision = revision

    @classmethod
    def set(
        cls,
        command: Command,
        *,
        year: int,
        pillar: Pillar,
        measure: Measure,
        minimum: int,
        kinds: tuple[GraduationKind, ...],
        revision: int,
    ) -> "Target":
        check_target(year, minimum)
        return cls._create(
            event_class=Set,
            id=target_id(year, pillar, measure, revision),
            **cls._base(command),
            year=year,
            pillar=pillar,
            measure=measure,
            minimum=minimum,
            kinds=kinds,
            revision=revision,
        )

    def says(self, minimum: int, kinds: tuple[GraduationKind, ...]) -> bool:
        return (self.minimum, self.kinds) == (minimum, kinds)


def check_target(year: int, minimum: int) -> None:
    if not 2000 <= year <= 2100:
        raise Invalid("year", "A target is for a year.", "year")
    if minimum < 0:
        raise Invalid("minimum", "A minimum is zero or more.", "minimum")
