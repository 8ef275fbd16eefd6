"""The queries that add up graduations: from the ledger, or from its sums where these have the answer.

Each gives rows of `key` (a uuid by facilitator, else text) and `count`, `independent`, `pending`, `durable`, `relapsed`
and `relapsed_later`.
"""

from typing import LiteralString

from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from projections.graduation_question import Source
from projections.graduation_rows import FIGURES_OF_KIND, FIGURES_SUMMED

FIGURES = ("count", "independent", "pending", "durable", "relapsed", "relapsed_later")

KEYS: dict[str | None, dict[Source, LiteralString]] = {
    None: dict.fromkeys(Source, "NULL::text"),
    "facilitator": dict.fromkeys(Source, "e.facilitator"),
    "region": {
        Source.LEDGER: "CASE WHEN length(e.region) >= %(length)s THEN left(e.region, %(length)s) END",
        Source.TOTALS: "CASE WHEN length(e.area) >= %(length)s THEN left(e.area, %(length)s) END",
    },
    "kind": dict.fromkeys(Source, "e.kind"),
    "pillar": dict.fromkeys(Source, "o.pillar"),
    "programme": dict.fromkeys(Source, "e.programme"),
    "month": {Source.LEDGER: 'extract(month FROM e."on")::int::text', Source.TOTALS: "e.month::text"},
}
"""By what entries (`e`, with the office `o` of their facilitator) are grouped."""

OF_KINDS = SQL("e.kinds = %(kinds)s")
ONE_PROGRAMME = SQL("e.programme = %(programme)s")
EVERY_PROGRAMME = SQL("e.programme > '*'")
"""All but the lens of all together, before which nothing sorts."""

_OFFICE = SQL("JOIN read.graduation_offices o ON o.facilitator = e.facilitator")

_LEDGER = SQL("""
SELECT {key} AS key, sum(e.sign) AS count,
       coalesce(sum(e.sign) FILTER (WHERE e.kind = 'independent'), 0) AS independent,
       coalesce(sum(e.sign) FILTER (WHERE e.durable_on > %(as_of)s AND {standing}), 0) AS pending,
       coalesce(sum(e.sign) FILTER (WHERE e.durable_on <= %(as_of)s AND {standing}), 0) AS durable,
       coalesce(sum(e.sign) FILTER (WHERE e.relapsed_on <= %(as_of)s AND e.relapsed_on < e.durable_on), 0) AS relapsed,
       coalesce(sum(e.sign) FILTER (WHERE e.relapsed_on <= %(as_of)s AND e.relapsed_on >= e.durable_on), 0)
           AS relapsed_later
FROM read.graduation_ledger e {office}
WHERE {conditions} AND e."on" <= %(as_of)s
GROUP BY 1
""")
_STANDING = SQL("(e.relapsed_on IS NULL OR e.relapsed_on > %(as_of)s OR e.relapsed_on >= e.durable_on)")

_TOTALS = SQL("""
SELECT key, sum(counted) AS count, coalesce(sum(counted) FILTER (WHERE kind = 'independent'), 0) AS independent,
       sum(counted - relapsed - durable) AS pending, sum(durable) AS durable, sum(relapsed) AS relapsed,
       sum(relapsed_later) AS relapsed_later
FROM ({parts}) sums GROUP BY key
""")
_UNTIL_NOW = SQL("""
SELECT {key} AS key, e.kind, {counted} AS counted, {relapsed} AS relapsed, {relapsed_later} AS relapsed_later,
       0 AS durable
""")
_OLD_ENOUGH = SQL("""
SELECT {key} AS key, e.kind, 0 AS counted, 0 AS relapsed, 0 AS relapsed_later, {counted} - {fell} AS durable
""")
_SPANS = SQL("""
{select} FROM read.graduation_totals e WHERE {conditions} AND e.span = 'month' AND e.day < {month}
UNION ALL
{select} FROM read.graduation_totals e WHERE {conditions} AND e.span = 'day' AND e.day >= {month} AND e.day <= {day}
""")

_CREDITS = SQL("""
SELECT {key} AS key, sum(e.counted) AS count, sum(e.independent) AS independent,
       sum(CASE WHEN %(aged)s THEN 0 ELSE e.counted - e.fell END) AS pending,
       sum(CASE WHEN %(aged)s THEN e.counted - e.fell ELSE 0 END) AS durable,
       sum(e.fell) AS relapsed, sum(e.relapsed_later) AS relapsed_later
FROM read.graduation_credits e {office}
WHERE {conditions}
GROUP BY 1
""")
LATER = SQL("""EXISTS (
    SELECT FROM read.graduation_totals WHERE year = %(year)s AND programme = {programme}
      AND span = 'day' AND level = 0 AND area = '' AND day > %(as_of)s
)""")
"""Whether there are graduations, or relapses, of later than the date asked about. Then credits tell too much."""


def from_ledger(by: str | None, conditions: Composable) -> Composed:
    return _LEDGER.format(
        key=SQL(KEYS[by][Source.LEDGER]), office=_office(by), conditions=conditions, standing=_STANDING
    )


def from_totals(by: str | None, conditions: Composable, *, of_kind: bool, aged: bool) -> Composed:
    """`of_kind`: of one kind alone. Not `aged`: nothing of the year is twelve months old yet."""
    names = zip(FIGURES_SUMMED, FIGURES_OF_KIND if of_kind else FIGURES_SUMMED, strict=True)
    columns = {figure: Identifier("e", name) for figure, name in names}
    key = SQL(KEYS[by][Source.TOTALS])
    parts = [_spans(_UNTIL_NOW.format(key=key, **columns), conditions, "month_of_day", "as_of")]
    if aged:
        parts.append(_spans(_OLD_ENOUGH.format(key=key, **columns), conditions, "month_of_old", "old"))
    return _TOTALS.format(parts=SQL(" UNION ALL ").join(parts))


def from_credits(by: str | None, conditions: Composable) -> Composed:
    """The ledger's part is not even begun where nothing is later than the date asked about."""
    later = LATER.format(programme=Placeholder("programme"))
    summed = _CREDITS.format(
        key=SQL(KEYS[by][Source.CREDITS]),
        office=_office(by),
        conditions=SQL("{} AND NOT (SELECT {})").format(conditions, later),
    )
    one_by_one = from_ledger(by, SQL("{} AND e.facilitator IS NOT NULL AND (SELECT {})").format(conditions, later))
    return SQL("({}) UNION ALL ({})").format(summed, one_by_one)


def _spans(select: Composable, conditions: Composable, month: str, day: str) -> Composed:
    return _SPANS.format(select=select, conditions=conditions, month=Placeholder(month), day=Placeholder(day))


def _office(by: str | None) -> Composable:
    return _OFFICE if by == "pillar" else SQL("")
