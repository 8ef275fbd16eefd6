"""Who is in office and what their year's target is, as the second part of the answer about graduations."""

from typing import LiteralString

from psycopg.sql import SQL, Composable, Literal

from projections.graduation_shape import Shape, every, placed
from projections.graduation_sources import FIGURES, LATER

OFFICE_KEYS: dict[str | None, LiteralString] = {
    None: "NULL::text",
    "facilitator": "o.facilitator",
    "region": "CASE WHEN length(o.region) >= %(length)s THEN left(o.region, %(length)s) END",
    "pillar": "o.pillar",
}
"""By what those in office are grouped, where they are at all."""

TARGETS = SQL("""
SELECT DISTINCT ON (pillar) pillar, minimum, kinds FROM read.graduation_targets
WHERE year = %(year)s {known} ORDER BY pillar, revision DESC
""")
_OFFICES = SQL("""
UNION ALL
SELECT key, {nothing}, {summed}
FROM (
    SELECT {key} AS key, t.minimum, {reached} AS reached
    FROM read.graduation_offices o
    LEFT JOIN target t ON t.pillar = o.pillar AND {has_targets} AND {of_kind}
    {credit}
    WHERE o.appointed_on <= %(day)s AND {in_office} AND {conditions}
) office
{grouped}
""")
_OFFICES_OF_ALL = SQL("""
UNION ALL
SELECT key, {nothing}, many, many * t.minimum, many * t.minimum
FROM (
    SELECT {key} AS key, o.pillar, count(*) AS many FROM read.graduation_offices o
    WHERE o.appointed_on <= %(day)s AND {in_office} AND {conditions} GROUP BY 1, 2
) office LEFT JOIN target t ON t.pillar = office.pillar AND {of_kind}
UNION ALL
SELECT {key}, {nothing}, 0, NULL, -sum(least(c.reached, t.minimum))
FROM ({reached}) c
JOIN read.graduation_offices o ON o.facilitator = c.facilitator
JOIN target t ON t.pillar = o.pillar AND t.kinds = c.kinds AND {of_kind}
WHERE o.appointed_on <= %(day)s AND {in_office} AND {conditions} GROUP BY 1
""")
"""Of everybody at once: targets of whole groups, and off them what was reached, by the few who reached anything. What
remains of a target m of which r is reached, max(m - r, 0), is m - min(r, m)."""
_OF_KIND = SQL("(%(kind)s::text IS NULL OR t.kinds IN ('*', %(kind)s))")
_TOGETHER = (
    SQL("count(*), sum(minimum), sum(greatest(minimum - reached, 0)) FILTER (WHERE minimum IS NOT NULL)"),
    SQL("GROUP BY key"),
)
_EACH = SQL("1, minimum, CASE WHEN minimum IS NOT NULL THEN greatest(minimum - reached, 0) END"), SQL("")
"""By facilitator there is nothing to add up."""
_CREDIT = SQL("""
LEFT JOIN read.graduation_credits c
    ON c.year = %(year)s AND c.programme = '*' AND c.kinds = ANY (ARRAY(SELECT kinds FROM target))
    AND c.kinds = t.kinds AND c.facilitator = o.facilitator
""")
"""The kinds are named twice: once as what an index can be searched for."""
_ENTRIES_OF_ONE = SQL("""
(SELECT coalesce(sum(sign), 0) FROM read.graduation_ledger
 WHERE year = %(year)s AND programme = '*' AND kinds = t.kinds AND facilitator = o.facilitator AND {})
""")
_REACHED = SQL("""
SELECT facilitator, kinds, sum(sign) AS reached FROM read.graduation_ledger
WHERE year = %(year)s AND programme = '*' AND kinds = ANY (ARRAY(SELECT kinds FROM target))
  AND facilitator IS NOT NULL AND position <= %(known)s AND "on" <= %(as_of)s
GROUP BY facilitator, kinds
""")
_REACHED_BY_EACH = SQL("LEFT JOIN ({}) c ON c.kinds = t.kinds AND c.facilitator = o.facilitator").format(_REACHED)


def targets(shape: Shape) -> Composable:
    """The revisions that hold, as far as known."""
    return TARGETS.format(known=SQL("AND position <= %(known)s" if shape.past else ""))


def offices(shape: Shape) -> Composable:
    conditions = placed(shape, "o")
    if shape.by == "region":
        conditions.append(SQL("length(o.region) >= %(length)s"))
    in_office = SQL("(o.retired_on IS NULL OR o.retired_on > %(day)s)")
    if shape.past:
        in_office = SQL(
            "o.appointed_position <= %(known)s"
            " AND NOT coalesce(o.retired_position <= %(known)s AND o.retired_on <= %(day)s, false)"
        )
    nothing, key = SQL(", ".join("0" for _ in FIGURES)), SQL(OFFICE_KEYS[shape.by])
    if shape.past and shape.has_targets and shape.by != "facilitator" and _is_of_all(shape):
        return _OFFICES_OF_ALL.format(
            nothing=nothing,
            key=key,
            in_office=in_office,
            conditions=every(conditions),
            of_kind=_OF_KIND,
            reached=_REACHED,
        )
    credit, reached = _credit(shape)
    summed, grouped = _EACH if shape.by == "facilitator" else _TOGETHER
    return _OFFICES.format(
        nothing=nothing,
        summed=summed,
        grouped=grouped,
        key=key,
        of_kind=_OF_KIND,
        has_targets=Literal(shape.has_targets),
        credit=credit,
        reached=reached,
        in_office=in_office,
        conditions=every(conditions),
    )


def _credit(shape: Shape) -> tuple[Composable, Composable]:
    """What is joined to each one in office, and what they have reached by it."""
    if not shape.has_targets:
        return SQL(""), SQL("0")
    if not shape.past:
        too_much = _ENTRIES_OF_ONE.format(SQL('"on" > %(as_of)s'))
        text = SQL("coalesce(c.counted, 0) - CASE WHEN (SELECT {}) THEN {} ELSE 0 END")
        return _CREDIT, text.format(LATER.format(programme=SQL("'*'")), too_much)
    if not _is_of_all(shape):
        return SQL(""), _ENTRIES_OF_ONE.format(SQL('position <= %(known)s AND "on" <= %(as_of)s'))
    return _REACHED_BY_EACH, SQL("coalesce(c.reached, 0)")


def _is_of_all(shape: Shape) -> bool:
    return not (shape.has_area or shape.has_facilitator)
