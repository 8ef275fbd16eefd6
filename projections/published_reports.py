"""Reports that were published, as they were then: their figures by the read tables, kept with the log's checkpoint."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import class_row, dict_row, tuple_row
from psycopg.sql import SQL, Identifier

from domain.values import Actor, Role
from projections.engine.tables import state_table
from projections.graduation_counts import CountQuestion, counts
from projections.reports import COUNTRY, GRADUATIONS, Figure, Judging, Report

AUDITOR = Actor("audit", Role.AUDITOR)
_PLACE = "SELECT min(position), max(position) FROM read.projection_position WHERE name = %s"


class NotEven(Exception):
    """The shards of a projection are at different positions just now."""


@dataclass(frozen=True, slots=True)
class Published:
    """`content` is what `content_of` makes of it; `checkpoint` is a signed note of a tree that holds `position`."""

    report: str
    position: int
    as_of: date
    content: str
    sha256: str
    checkpoint: str
    published_at: datetime

    @property
    def figures(self) -> Counter[Figure]:
        """Raises `ValueError` where the content is another report's, or none."""
        try:
            told = json.loads(self.content)
            named = Counter({tuple(name.split("/")): number + 0 for name, number in told["figures"].items()})
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise ValueError("Its content is none of a report.") from None
        if any(not part.isprintable() for figure in named for part in figure):
            raise ValueError("Its content is none of a report.")
        if content_of(self.report, self.position, self.as_of, named) != self.content:
            raise ValueError("Its content is of another report, position or day.")
        return named

    @property
    def is_whole(self) -> bool:
        """Whether the content is what its digest says."""
        return digest_of(self.content) == self.sha256


def content_of(report: str, position: int, as_of: date, figures: Mapping[Figure, int]) -> str:
    """One text for the same report: JSON with sorted names and no blanks; figures that are 0 are left out."""
    named = {"/".join(figure): number for figure, number in figures.items() if number}
    told = {"report": report, "position": position, "as_of": as_of.isoformat(), "figures": named}
    return json.dumps(told, sort_keys=True, separators=(",", ":"))


def digest_of(content: str) -> str:
    """SHA-256 in hexadecimal digits."""
    return sha256(content.encode()).hexdigest()


def figures_now(conn: Connection[Any], report: Report, judging: Judging) -> tuple[int, Counter[Figure]]:
    """What the read tables tell, and as known at which position. Within a transaction of the caller that sees one
    state of all tables. Raises `NotEven`."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        first, last = cursor.execute(_PLACE, [report.projection.name]).fetchone() or (None, None)
    if report is GRADUATIONS:
        return first or 0, graduations_known(conn, first or 0, judging.as_of)
    if first != last:
        raise NotEven(f"The shards of {report.projection.name} are at different positions just now.")
    return first or 0, _from_states(conn, report, judging)


def keep(
    conn: Connection[Any], report: str, position: int, as_of: date, figures: Mapping[Figure, int], checkpoint: str
) -> Published:
    """The report as it is kept: the same one that was published before stays."""
    content = content_of(report, position, as_of, figures)
    conn.execute(
        "INSERT INTO published_reports (report, position, as_of, content, sha256, checkpoint)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [report, position, as_of, content, digest_of(content), checkpoint],
    )
    (found,) = (kept for kept in published(conn, report) if (kept.position, kept.as_of) == (position, as_of))
    return found


def published(conn: Connection[Any], report: str | None = None) -> list[Published]:
    """Of one report or of all, the oldest first."""
    with conn.cursor(row_factory=class_row(Published)) as cursor:
        return cursor.execute(
            "SELECT report, position, as_of, content, sha256, checkpoint, published_at FROM published_reports"
            " WHERE %(report)s::text IS NULL OR report = %(report)s ORDER BY position, report, as_of",
            {"report": report},
        ).fetchall()


def graduations_known(conn: Connection[Any], known: int, as_of: date) -> Counter[Figure]:
    """As `GET /v1/graduations` answers for each year, region by region."""
    found: Counter[Figure] = Counter()
    with conn.cursor(row_factory=tuple_row) as cursor:
        years = cursor.execute("SELECT DISTINCT year FROM read.graduation_ledger WHERE position <= %s", [known])
        asked = [
            CountQuestion(year, as_of, by=by, level=level)
            for (year,) in years.fetchall()
            for by, level in ((None, None), ("region", "province"), ("region", "regency"))
        ]
    for question in asked:
        for row in _counted(conn, question, known):
            area = COUNTRY if question.by is None else row["region"]
            if area is not None:
                found.update({(str(question.year), area, column): row[column] for column in GRADUATIONS.columns})
    return +found


def _counted(conn: Connection[Any], question: CountQuestion, known: int) -> list[dict[str, Any]]:
    before, conn.row_factory = conn.row_factory, dict_row
    try:
        return counts(conn, AUDITOR, question, known).rows
    finally:
        conn.row_factory = before


def _from_states(conn: Connection[Any], report: Report, judging: Judging) -> Counter[Figure]:
    found: Counter[Figure] = Counter()
    decode = msgspec.json.Decoder(report.projection.state).decode
    table = Identifier("read", state_table(report.projection).name)
    with conn.cursor("states", row_factory=tuple_row) as cursor:
        for household, state in cursor.execute(SQL("SELECT key, state::text FROM {}").format(table)):
            found.update(report.adding(household, decode(state), judging))
    return found
