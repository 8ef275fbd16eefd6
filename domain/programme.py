"""A programme of assistance: its rules, each change of which is a new rule version."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from domain.aggregate import Initial, Recorded, RecordedEvent, Thread
from domain.codes import Cluster, Frequency
from domain.errors import Conflict, Invalid
from domain.values import Command

NAMESPACE = UUID("5f0c3d0e-6a0b-5c67-9d2a-0c9d3f1d7a10")


@lru_cache(maxsize=256)
def programme_id(code: str) -> UUID:
    """The stream of a programme; derived from its code, so that a code is defined once."""
    return uuid5(NAMESPACE, code)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a programme's definition says.

    `decile_limit` is the highest welfare decile served (None: no limit); `graduable` whether leaving it by graduation
    counts; `relapse` whether enrolling in it after a graduation is a relapse; `steps` 1 or 2 to determine a graduation.
    """

    name: str
    cluster: Cluster
    decile_limit: int | None
    frequency: Frequency
    graduable: bool
    relapse: bool
    steps: int


class ProgrammeEvent(RecordedEvent):
    """Base of a programme's events."""

    def threads(self) -> tuple[Thread, ...]:
        return (("terms",),)


class Defined(ProgrammeEvent, Initial):
    TOPIC = "programme.defined.v1"
    code: str
    terms: Terms


class Changed(ProgrammeEvent):
    TOPIC = "programme.changed.v1"
    code: str
    terms: Terms
    rule_version: int

    def evolve(self, aggregate: "Programme") -> None:
        aggregate.terms = self.terms
        aggregate.rule_version = self.rule_version


class Programme(Recorded):
    TOPIC = "programme"
    Event = ProgrammeEvent
    Created = Defined
    Changed = Changed

    def __init__(self, on: date, code: str, terms: Terms) -> None:
        super().__init__(on)
        self.code = code
        self.terms = terms
        self.rule_version = 1

    @classmethod
    def define(cls, command: Command, code: str, terms: Terms) -> "Programme":
        check_terms(terms)
        return cls._create(event_class=Defined, id=programme_id(code), **cls._base(command), code=code, terms=terms)

    def change(self, command: Command, terms: Terms) -> RecordedEvent | None:
        """None where the terms are in force already."""
        check_terms(terms)
        self.check_date(command)
        if terms == self.terms:
            return None
        return self.record(Changed, command, code=self.code, terms=terms, rule_version=self.rule_version + 1)

    def check_period(self, period: str) -> None:
        """A payment's period has the form in which the programme pays: `2026-03`, `2026-Q1` or `2026`."""
        if not PERIODS[self.terms.frequency](period):
            raise Invalid(
                "wrong-period", f"{self.code} pays {self.terms.frequency}; {period!r} is no such period.", "period"
            )

    def check_graduable(self) -> None:
        if not self.terms.graduable:
            raise Conflict("not-graduable", f"Nobody graduates from {self.code}.")


def check_terms(terms: Terms) -> None:
    if terms.decile_limit is not None and not 1 <= terms.decile_limit <= 10:
        raise Invalid("decile", "A decile is from 1 to 10.", "decile_limit")
    if terms.steps not in (1, 2):
        raise Invalid("steps", "A graduation is determined in one step or two.", "steps")


def is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit() and int(text) >= 2000


def is_quarter(text: str) -> bool:
    return len(text) == 7 and is_year(text[:4]) and text[4:6] == "-Q" and text[6] in "1234"


def is_month(text: str) -> bool:
    return (
        len(text) == 7
        and is_year(text[:4])
        and text[4] == "-"
        and text[5:].isascii()
        and text[5:].isdigit()
        and 1 <= int(text[5:]) <= 12
    )


PERIODS: dict[Frequency, Any] = {
    Frequency.YEARLY: is_year,
    Frequency.QUARTERLY: is_quarter,
    Frequency.MONTHLY: is_month,
}
