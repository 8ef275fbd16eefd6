"""The form of a question about graduations: all that the text of its query depends on."""

from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from psycopg.sql import SQL, Composable

from projections.graduation_question import CountQuestion, Source, Where, level_of, row_level, source
from projections.graduation_state import old_enough
from projections.scope import within_region


@dataclass(frozen=True, slots=True)
class Shape:
    """`aged`: something of the year may be twelve months old."""

    source: Source
    by: str | None
    past: bool
    aged: bool
    has_area: bool
    exact_area: bool
    """The sums of the area itself are read, not those of the areas in it."""
    has_facilitator: bool
    nowhere: bool
    has_month: bool
    has_kind: bool
    every_programme: bool
    has_targets: bool


def shape_of(question: CountQuestion, place: Where, *, past: bool) -> Shape:
    return Shape(
        source=source(question, place, past=past),
        by=question.by,
        past=past,
        aged=old_enough(question.as_of) >= date(question.year, 1, 1),
        has_area=bool(place.area),
        exact_area=row_level(question, place) == level_of(place.area),
        has_facilitator=place.facilitator is not None,
        nowhere=place.nowhere,
        has_month=question.month is not None,
        has_kind=question.kind is not None,
        every_programme=question.by == "programme" and question.programme is None,
        has_targets=question.programme is None and question.month is None,
    )


def placed(shape: Shape, alias: LiteralString) -> list[Composable]:
    """The place asked for, of entries and offices alike."""
    conditions: list[Composable] = [SQL("false")] if shape.nowhere else []
    if shape.has_area:
        conditions.append(within_region(SQL(f"{alias}.region"), "area", planned_once=True))
    if shape.has_facilitator:
        conditions.append(SQL(f"{alias}.facilitator = %(facilitator)s"))
    return conditions or [SQL("true")]


def every(conditions: list[Composable]) -> Composable:
    return SQL(" AND ").join(conditions)
