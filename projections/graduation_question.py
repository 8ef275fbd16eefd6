"""What is asked about graduations, and the query that answers it from the ledger."""

from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql

from domain.values import Actor, Role
from projections.graduations import ANY
from projections.scope import within_region

LEVELS = {"province": 2, "regency": 5, "subdistrict": 8, "village": 13}
"""Length of a region's code at each level."""
DEFAULT_LEVEL = "regency"
EVERYWHERE = (Role.PROGRAMME_OFFICER, Role.ANALYST, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class CountQuestion:
    """What `GET /v1/graduations` asks. `by` is `facilitator`, `region`, `kind`, `pillar`, `programme`, `month` or None
    for one total; `level` (`province`, `regency`, `subdistrict`, `village`; regency unless given) is of groups by
    region; `region` a prefix; `as_of` the date on which durability is judged, and after which nothing counts."""

    year: int
    as_of: date
    month: int | None = None
    by: str | None = None
    level: str | None = None
    programme: str | None = None
    kind: str | None = None
    region: str | None = None
    facilitator: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    """The columns by which entries (`l`, with the office `o` of their facilitator) and offices (`o`) are grouped."""

    entry: LiteralString
    office: LiteralString | None


GROUPS = {
    None: _Group("NULL", "NULL"),
    "facilitator": _Group("l.facilitator::text", "o.facilitator::text"),
    "region": _Group(
        "CASE WHEN length(l.region) >= %(length)s THEN left(l.region, %(length)s) END",
        "CASE WHEN length(o.region) >= %(length)s THEN left(o.region, %(length)s) END",
    ),
    "kind": _Group("l.kind", None),
    "pillar": _Group("o.pillar", "o.pillar"),
    "programme": _Group("l.programme", None),
    "month": _Group("l.month::text", None),
}

SUMS = sql.SQL(", ").join(
    sql.SQL("sum({0})::bigint AS {0}").format(sql.Identifier(name))
    for name in ("count", "independent", "pending", "durable", "relapsed", "relapsed_later")
)

_COUNTS = sql.SQL("""
WITH relapse AS (
    SELECT graduation, min("on") AS first FROM read.graduation_relapses
    WHERE position <= %(known)s AND "on" <= %(as_of)s GROUP BY graduation
), entry AS (
    SELECT {entry_key} AS key, l.sign, l.kind,
           coalesce(r.first < l.durable_on, false) AS relapsed,
           l.durable_on > %(as_of)s AS young,
           coalesce(r.first >= l.durable_on, false) AS relapsed_later
    FROM read.graduation_ledger l
    LEFT JOIN relapse r ON r.graduation = l.graduation
    {entry_office}
    WHERE l.year = %(year)s AND {lens} AND l.kinds = %(kinds)s
      AND l.position <= %(known)s AND l."on" <= %(as_of)s AND {entry_conditions}
), target AS (
    SELECT DISTINCT ON (pillar) pillar, minimum, kinds FROM read.graduation_targets
    WHERE year = %(year)s AND position <= %(known)s ORDER BY pillar, revision DESC
), credit AS (
    SELECT l.facilitator, l.kinds, sum(l.sign) AS reached
    FROM read.graduation_ledger l
    WHERE l.year = %(year)s AND l.programme = '*' AND l.position <= %(known)s AND l."on" <= %(as_of)s
      AND l.facilitator IS NOT NULL AND {has_targets} AND l.kinds IN (SELECT kinds FROM target)
    GROUP BY l.facilitator, l.kinds
), office AS (
    SELECT {office_key} AS key, t.minimum AS target,
           CASE WHEN t.minimum > coalesce(c.reached, 0) THEN t.minimum - coalesce(c.reached, 0)
                WHEN t.minimum IS NOT NULL THEN 0 END AS remaining
    FROM read.graduation_offices o
    LEFT JOIN target t ON t.pillar = o.pillar AND {has_targets}
        AND (%(kind)s::text IS NULL OR t.kinds IN ('*', %(kind)s))
    LEFT JOIN credit c ON c.facilitator = o.facilitator AND c.kinds = t.kinds
    WHERE o.appointed_position <= %(known)s AND o.appointed_on <= %(day)s
      AND NOT coalesce(o.retired_position <= %(known)s AND o.retired_on <= %(day)s, false)
      AND {has_offices} AND {office_conditions}
)
SELECT key, {sums}, sum(offices)::bigint AS offices, sum(target)::bigint AS target,
       sum(remaining)::bigint AS remaining
FROM (
    SELECT key, sum(sign) AS count, coalesce(sum(sign) FILTER (WHERE kind = 'independent'), 0) AS independent,
           coalesce(sum(sign) FILTER (WHERE young AND NOT relapsed), 0) AS pending,
           coalesce(sum(sign) FILTER (WHERE NOT young AND NOT relapsed), 0) AS durable,
           coalesce(sum(sign) FILTER (WHERE relapsed), 0) AS relapsed,
           coalesce(sum(sign) FILTER (WHERE relapsed_later), 0) AS relapsed_later,
           0 AS offices, NULL::bigint AS target, NULL::bigint AS remaining
    FROM entry GROUP BY key
    UNION ALL
    SELECT key, 0, 0, 0, 0, 0, 0, count(*), sum(target), sum(remaining) FROM office GROUP BY key
) parts
GROUP BY key
""")


Query = tuple[sql.Composed, dict[str, Any]]


def query_for(actor: Actor, question: CountQuestion, position: int) -> Query | None:
    """The query and its parameters; None for an actor who sees no figures.

    Its rows have `key` (text), the sums of the entries, and `target` and `remaining` of the offices.
    """
    scope = _scope(actor)
    if scope is None:
        return None
    scoped_by, scope_parameters = scope
    group = GROUPS[question.by]
    targets = group.office is not None and question.programme is None and question.month is None
    every_programme = question.by == "programme" and question.programme is None
    entry_conditions = _conditions(question, scoped_by, "l")
    if question.month is not None:
        entry_conditions.append(sql.SQL("l.month = %(month)s"))
    if question.by == "facilitator":
        entry_conditions.append(sql.SQL("l.facilitator IS NOT NULL"))
    office_conditions = _conditions(question, scoped_by, "o")
    if question.by == "region":
        office_conditions.append(sql.SQL("length(o.region) >= %(length)s"))
    query = _COUNTS.format(
        sums=SUMS,
        entry_key=sql.SQL(group.entry),
        entry_office=sql.SQL(
            "JOIN read.graduation_offices o ON o.facilitator = l.facilitator" if question.by == "pillar" else ""
        ),
        lens=sql.SQL("l.programme <> '*'" if every_programme else "l.programme = %(programme)s"),
        entry_conditions=sql.SQL(" AND ").join(entry_conditions),
        office_key=sql.SQL(group.office or "NULL"),
        has_offices=sql.Literal(group.office is not None),
        has_targets=sql.Literal(targets),
        office_conditions=sql.SQL(" AND ").join(office_conditions),
    )
    return query, {
        "year": question.year,
        "month": question.month,
        "programme": question.programme or ANY,
        "kinds": question.kind or ANY,
        "kind": question.kind,
        "region": question.region,
        "facilitator": question.facilitator,
        "as_of": question.as_of,
        "day": min(question.as_of, date(question.year, 12, 31)),
        "known": position,
        "length": LEVELS[question.level or DEFAULT_LEVEL],
        **scope_parameters,
    }


def _scope(actor: Actor) -> tuple[str | None, dict[str, Any]] | None:
    """The column that the actor's scope restricts (None for no restriction), and its value."""
    if actor.role in EVERYWHERE:
        return None, {}
    if actor.role is Role.FACILITATOR and actor.facilitator is not None:
        return "facilitator", {"scope_facilitator": actor.facilitator}
    if actor.role is Role.REGIONAL_OFFICER and actor.scope:
        return "region", {"scope_region": actor.scope}
    return None


def _conditions(question: CountQuestion, scoped_by: str | None, alias: str) -> list[sql.Composable]:
    """Of entries and offices alike; the year and the rest are in the query."""
    region, facilitator = sql.Identifier(alias, "region"), sql.Identifier(alias, "facilitator")
    conditions: list[sql.Composable] = [sql.SQL("true")]
    if scoped_by == "facilitator":
        conditions.append(sql.SQL("{} = %(scope_facilitator)s").format(facilitator))
    if scoped_by == "region":
        conditions.append(within_region(region, "scope_region"))
    if question.region is not None:
        conditions.append(within_region(region, "region"))
    if question.facilitator is not None:
        conditions.append(sql.SQL("{} = %(facilitator)s").format(facilitator))
    return conditions
