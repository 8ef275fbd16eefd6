"""The query that answers a question about graduations: who graduated, and against what that is measured."""

from datetime import date
from functools import lru_cache
from typing import Any

from psycopg.sql import SQL, Composable

from projections.graduation_offices import OFFICE_KEYS, offices, targets
from projections.graduation_question import CountQuestion, Source, Where, row_level
from projections.graduation_shape import Shape, every, placed, shape_of
from projections.graduation_sources import (
    EVERY_PROGRAMME,
    FIGURES,
    OF_KINDS,
    ONE_PROGRAMME,
    from_credits,
    from_ledger,
    from_totals,
)
from projections.graduation_state import ANY, old_enough
from projections.scope import within_region

STANDING = """
SELECT coalesce(min(position), 0) AS position, coalesce(max(changed) > min(position), false) AS uneven,
       string_agg(concat(changed, '@', extract(epoch FROM changed_at)), ' ' ORDER BY shard) AS mark,
       coalesce((SELECT min(position) FROM read.projection_position WHERE name = 'directories'), 0) AS named,
       coalesce((SELECT max(notification_id) FROM rujukan_events), 0) AS head
FROM read.projection_position WHERE name = 'graduations'
"""
"""Up to which position the tables are folded, whether they tell of more than that, as some shards are further than
others, and the mark of what they hold: for each shard the last event that changed it, and the moment when that was
folded, which is another for other tables, were they rebuilt, restored from a backup or begun anew. Beside it, up to
where names are known, and where the log ends."""

_ANSWER = SQL("""
WITH target AS ({targets})
SELECT place.*, part.key::text AS key, {summed}, part.offices, part.target, part.remaining
FROM ({standing}) place
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


def query_for(question: CountQuestion, place: Where, known: int | None) -> tuple[str, dict[str, Any]]:
    """The query and its parameters; `known` is the position that figures are known at, None for now.

    Every row has what `STANDING` tells. One without `offices` is no more than that; the others have `key` (text), the
    sums of the entries, and `target` and `remaining` of the offices.
    """
    old = old_enough(question.as_of)
    shape = shape_of(question, place, past=known is not None)
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
def _text(shape: Shape) -> str:
    """Composed once for each shape: that takes longer than many of these queries."""
    return _ANSWER.format(
        standing=SQL(STANDING),
        targets=targets(shape),
        summed=SQL(", ".join(f"part.{name}" for name in FIGURES)),
        sums=SQL(", ".join(f"sum({name})::bigint AS {name}" for name in FIGURES)),
        figures=SQL(", ".join(FIGURES)),
        entries=_entries(shape),
        offices=offices(shape) if _shows_offices(shape) else SQL(""),
    ).as_string()


def _shows_offices(shape: Shape) -> bool:
    """A group is shown for those in office alone; one total is shown anyway, and needs them for targets."""
    return shape.by in OFFICE_KEYS and (shape.by is not None or shape.has_targets)


def _entries(shape: Shape) -> Composable:
    conditions: list[Composable] = [
        SQL("e.year = %(year)s"),
        EVERY_PROGRAMME if shape.every_programme else ONE_PROGRAMME,
    ]
    if shape.nowhere:
        conditions.append(SQL("false"))
    if shape.source is Source.TOTALS:
        conditions.append(SQL("e.level = %(level)s"))
        area = SQL("e.area = %(area)s") if shape.exact_area else within_region(SQL("e.area"), "area", planned_once=True)
        conditions += [area] if shape.exact_area or shape.has_area else []
        conditions += [SQL("e.month = %(month)s")] if shape.has_month else []
        conditions += [SQL("e.kind = %(kind)s")] if shape.has_kind else []
        return from_totals(shape.by, every(conditions), of_kind=shape.has_kind, aged=shape.aged)
    conditions.append(OF_KINDS)
    if shape.source is Source.CREDITS:
        return from_credits(shape.by, every(conditions))
    conditions += placed(shape, "e")
    if shape.past:
        conditions.append(SQL("e.position <= %(known)s"))
    if shape.has_month:
        conditions.append(SQL('extract(month FROM e."on") = %(month)s'))
    if shape.by == "facilitator":
        conditions.append(SQL("e.facilitator IS NOT NULL"))
    return from_ledger(shape.by, every(conditions))
