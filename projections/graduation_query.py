"""The query that answers a question about graduations: who graduated, and against what that is measured."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, LiteralString

from psycopg.sql import SQL, Composable, Literal

from projections.graduation_question import CountQuestion, Source, Where, level_of, row_level, source
from projections.graduation_sources import (
    EVERY_PROGRAMME,
    FIGURES,
    LATER,
    LENS,
    from_credits,
    from_ledger,
    from_totals,
)
from projections.graduation_state import ANY, old_enough
from projections.scope import within_region

OFFICE_KEYS: dict[str | None, LiteralString] = {
    None: "NULL::text",
    "facilitator": "o.facilitator::text",
    "region": "CASE WHEN length(o.region) >= %(length)s THEN left(o.region, %(length)s) END",
    "pillar": "o.pillar",
}
"""By what those in office are grouped, where they are at all."""

_ANSWER = SQL("""
WITH target AS (
    SELECT DISTINCT ON (pillar) pillar, minimum, kinds FROM read.graduation_targets
    WHERE year = %(year)s {known} ORDER BY pillar, revision DESC
)
SELECT place.position, part.*
FROM (SELECT position FROM read.projection_position WHERE name = 'graduations') place
LEFT JOIN (
    SELECT key, {sums}, sum(offices)::bigint AS offices, sum(target)::bigint AS target,
           sum(remaining)::bigint AS remaining
    FROM (
        SELECT key, {figures}, 0 AS offices, NULL::bigint AS target, NULL::bigint AS remaining FROM ({entries}) entry
        {offices}
    ) parts
    GROUP BY key
) part ON true
""")

_OFFICES = SQL("""
UNION ALL
SELECT key, {nothing}, count(*), sum(minimum), sum(greatest(minimum - reached, 0)) FILTER (WHERE minimum IS NOT NULL)
FROM (
    SELECT {key} AS key, t.minimum, {reached} AS reached
    FROM read.graduation_offices o
    LEFT JOIN target t ON t.pillar = o.pillar AND {has_targets}
        AND (%(kind)s::text IS NULL OR t.kinds IN ('*', %(kind)s))
    {credit}
    WHERE o.appointed_on <= %(day)s AND {in_office} AND {conditions}
) office
GROUP BY key
""")
_CREDIT = SQL("""
LEFT JOIN read.graduation_credits c
    ON c.year = %(year)s AND c.programme = '*' AND c.kinds = t.kinds AND c.facilitator = o.facilitator
""")
_ENTRIES_OF_ONE = SQL("""
(SELECT coalesce(sum(sign), 0) FROM read.graduation_ledger
 WHERE year = %(year)s AND programme = '*' AND kinds = t.kinds AND facilitator = o.facilitator AND {})
""")
_ENTRIES_OF_ALL = SQL("""
LEFT JOIN (
    SELECT facilitator, kinds, sum(sign) AS reached FROM read.graduation_ledger
    WHERE year = %(year)s AND programme = '*' AND kinds IN (SELECT kinds FROM target) AND facilitator IS NOT NULL
      AND position <= %(known)s AND "on" <= %(as_of)s
    GROUP BY facilitator, kinds
) c ON c.kinds = t.kinds AND c.facilitator = o.facilitator
""")


@dataclass(frozen=True, slots=True)
class _Shape:
    """All that the text of the query depends on."""

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
    every_programme: bool
    has_targets: bool


def query_for(question: CountQuestion, place: Where, known: int | None) -> tuple[str, dict[str, Any]]:
    """The query and its parameters; `known` is the position that figures are known at, None for now.

    Every row has `position`, up to which the tables are folded. One without `offices` is no more than that; the others
    have `key` (text), the sums of the entries, and `target` and `remaining` of the offices.
    """
    old = old_enough(question.as_of)
    shape = _Shape(
        source=source(question, place, past=known is not None),
        by=question.by,
        past=known is not None,
        aged=old >= date(question.year, 1, 1),
        has_area=bool(place.area),
        exact_area=row_level(question, place) == level_of(place.area),
        has_facilitator=place.facilitator is not None,
        nowhere=place.nowhere,
        has_month=question.month is not None,
        every_programme=question.by == "programme" and question.programme is None,
        has_targets=question.programme is None and question.month is None,
    )
    return _text(shape), {
        "year": question.year,
        "month": question.month,
        "programme": question.programme or ANY,
        "kinds": question.kind or ANY,
        "kind": question.kind,
        "area": place.area,
        "level": row_level(question, place),
        "facilitator": place.facilitator,
        "as_of": question.as_of,
        "month_of_day": question.as_of.replace(day=1),
        "old": old,
        "month_of_old": old.replace(day=1),
        "aged": shape.aged,
        "day": min(question.as_of, date(question.year, 12, 31)),
        "known": known,
        "length": question.grouped_length,
    }


@lru_cache(maxsize=1000)
def _text(shape: _Shape) -> str:
    """Composed once for each shape: that takes longer than many of these queries."""
    return _ANSWER.format(
        known=SQL("AND position <= %(known)s" if shape.past else ""),
        sums=SQL(", ".join(f"sum({name})::bigint AS {name}" for name in FIGURES)),
        figures=SQL(", ".join(FIGURES)),
        entries=_entries(shape),
        offices=_offices(shape) if shape.by in OFFICE_KEYS else SQL(""),
    ).as_string()


def _entries(shape: _Shape) -> Composable:
    conditions: list[Composable] = [EVERY_PROGRAMME if shape.every_programme else LENS]
    if shape.nowhere:
        conditions.append(SQL("false"))
    if shape.source is Source.TOTALS:
        conditions.append(SQL("e.level = %(level)s"))
        area = SQL("e.area = %(area)s") if shape.exact_area else within_region(SQL("e.area"), "area")
        conditions += [area] if shape.exact_area or shape.has_area else []
        conditions += [SQL("e.month = %(month)s")] if shape.has_month else []
        return from_totals(shape.by, _all(conditions), aged=shape.aged)
    if shape.source is Source.CREDITS:
        return from_credits(shape.by, _all(conditions))
    conditions += _of(shape, "e")
    if shape.past:
        conditions.append(SQL("e.position <= %(known)s"))
    if shape.has_month:
        conditions.append(SQL('extract(month FROM e."on") = %(month)s'))
    if shape.by == "facilitator":
        conditions.append(SQL("e.facilitator IS NOT NULL"))
    return from_ledger(shape.by, _all(conditions))


def _offices(shape: _Shape) -> Composable:
    conditions = _of(shape, "o")
    if shape.by == "region":
        conditions.append(SQL("length(o.region) >= %(length)s"))
    in_office = SQL("(o.retired_on IS NULL OR o.retired_on > %(day)s)")
    if shape.past:
        in_office = SQL(
            "o.appointed_position <= %(known)s"
            " AND NOT coalesce(o.retired_position <= %(known)s AND o.retired_on <= %(day)s, false)"
        )
    credit, reached = _credit(shape)
    return _OFFICES.format(
        nothing=SQL(", ".join("0" for _ in FIGURES)),
        key=SQL(OFFICE_KEYS[shape.by]),
        has_targets=Literal(shape.has_targets),
        credit=credit,
        reached=reached,
        in_office=in_office,
        conditions=_all(conditions),
    )


def _credit(shape: _Shape) -> tuple[Composable, Composable]:
    """What is joined to each one in office, and what they have reached by it."""
    if not shape.has_targets:
        return SQL(""), SQL("0")
    if not shape.past:
        later = LATER.format(programme=SQL("'*'"), kinds=SQL("ANY ('{*,natural,independent}')"))
        too_much = _ENTRIES_OF_ONE.format(SQL('"on" > %(as_of)s'))
        text = SQL("coalesce(c.counted, 0) - CASE WHEN (SELECT {}) THEN {} ELSE 0 END")
        return _CREDIT, text.format(later, too_much)
    if shape.has_area or shape.has_facilitator:
        return SQL(""), _ENTRIES_OF_ONE.format(SQL('position <= %(known)s AND "on" <= %(as_of)s'))
    return _ENTRIES_OF_ALL, SQL("coalesce(c.reached, 0)")


def _of(shape: _Shape, alias: LiteralString) -> list[Composable]:
    """The place asked for, of entries and offices alike."""
    conditions: list[Composable] = [SQL("false")] if shape.nowhere else []
    if shape.has_area:
        conditions.append(within_region(SQL(f"{alias}.region"), "area"))
    if shape.has_facilitator:
        conditions.append(SQL(f"{alias}.facilitator = %(facilitator)s"))
    return conditions or [SQL("true")]


def _all(conditions: list[Composable]) -> Composable:
    return SQL(" AND ").join(conditions)
