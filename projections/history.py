"""A household's story as people read it."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from psycopg import Connection

from projections.history_words import NAMED, Facts, sentence

RegionName = Callable[[str], str | None]


def story(
    conn: Connection[dict[str, Any]],
    household: UUID,
    after: int,
    limit: int,
    *,
    region_name: RegionName = lambda _: None,
) -> list[dict[str, Any]]:
    """What happened to a household after a position, in the order of the log.

    Each row has `position`, `logged_at`, `stream`, `version`, `topic`, `on`, `by`, `facts` (codes, ISO dates and ids by
    the names of the event's fields), and `id` and `en`: the same as a sentence. Programmes, agencies and services have
    the names that they have now, regions those of `region_name`. No scope: the caller has checked the household.
    """
    rows = conn.execute(
        'SELECT position, logged_at, stream, version, topic, "on", by, facts FROM read.history'
        " WHERE household = %s AND position > %s ORDER BY position LIMIT %s",
        [household, after, limit],
    ).fetchall()
    known = _names(conn, [row["facts"] for row in rows])

    def name(kind: str, code: str) -> str:
        found = region_name(code) if kind == "region" else known.get((kind, code))
        return found or code

    return [{**row, **sentence(row["topic"], row["facts"], name)._asdict()} for row in rows]


def _names(conn: Connection[dict[str, Any]], told: Iterable[Facts]) -> dict[tuple[str, str], str]:
    wanted: dict[str, set[str]] = {"programme": set(), "agency": set(), "service": set(), "region": set()}
    for facts in told:
        for field, kind in NAMED.items():
            if field in facts:
                wanted[kind].add(facts[field])
        wanted["programme"].update(facts.get("programmes", ()))
    found = conn.execute(
        "SELECT 'programme' AS kind, code, name FROM read.programmes WHERE code = ANY(%(programme)s)"
        " UNION ALL SELECT 'agency', agency::text, name FROM read.agencies WHERE agency = ANY(%(agency)s::uuid[])"
        " UNION ALL SELECT 'service', service::text, name FROM read.services WHERE service = ANY(%(service)s::uuid[])",
        {kind: sorted(codes) for kind, codes in wanted.items()},
    )
    return {(row["kind"], row["code"]): row["name"] for row in found}
