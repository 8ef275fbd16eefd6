"""How many households graduated, against what was to be reached, as known at a position and judged on a date."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from psycopg import Connection

from domain.codes import GraduationKind
from domain.values import Actor, Role
from projections.graduation_memory import CountMemory, Rows
from projections.graduation_query import STANDING, query_for
from projections.graduation_question import DEFAULT_LEVEL, GROUPS, LEVELS, CountQuestion, Where, where
from projections.graduation_small import WITHHELD, is_under_regency

__all__ = ["CountQuestion", "Counted", "counts"]

Row = Mapping[str, Any]


class Counted(NamedTuple):
    """Figures, with the position that they are known at; the log ended at `head` when they were read, and the names in
    them were known up to `named`."""

    position: int
    rows: list[dict[str, Any]]
    head: int
    named: int


def counts(
    conn: Connection[dict[str, Any]],
    actor: Actor,
    question: CountQuestion,
    known: int | None = None,
    memory: CountMemory | None = None,
) -> Counted:
    """One row for each group, in the order of its key; one row in all where nothing is grouped.

    They are known at the position `known`, which must be folded; unless given, at the last that is. Figures that
    `memory` holds are not read again; names, which change by themselves, always are.

    A row has `count` (households) and, always apart, `natural` and `independent`; then `pending`, `durable` and
    `relapsed`, which add up to it, and beside it `relapsed_later`. The key is `facilitator` (with `name` sealed,
    `pillar`, and `region` of office), `region` (with `level`; None for a graduation whose region is wider), `kind`,
    `pillar`, `programme` (with `name`) or `month`.

    Groups divide what is asked, but for programmes: a family that leaves two counts once under each, as it does when
    either is asked for. By facilitator or pillar, a graduation without facilitator is in no group. Facilitators in
    office on `as_of` (or the end of the year, if that is earlier), both kinds, and the months begun are listed with 0.

    `target` and `remaining` are those of the whole year over all programmes: the minimum of each facilitator in office
    whose pillar has a target, in the region of their appointment; and what each has yet to reach, wherever, under the
    kinds that the target counts. What one has too many makes up for no other. They are None where nobody has a target,
    by kind, programme or month, for one programme or month, and for a kind that the target does not count.

    Facilitators see what counts for them, regional officers what was counted in their region; programme officers,
    analysts and auditors all; nobody else anything. Under regency level, where facilitators work too, an analyst's rows
    are `withheld`: their figures are None, and they are those that would be there without any graduation. What an
    analyst does see there, `graduation_small.published` tells. `ValueError` for an unknown `by` or `level`.
    """
    if question.by not in GROUPS or question.level not in (None, *LEVELS):
        raise ValueError(f"Graduations are not counted by {question.by} {question.level or ''}.")
    place = where(actor, question)
    standing, position, answer = _answer(conn, question, place or Where(nowhere=True), known, memory)
    found = {row["key"]: row for row in answer if row["offices"] is not None}
    always = dict.fromkeys(_always_shown(question), NOTHING_FOUND)
    withheld = actor.role is Role.ANALYST and is_under_regency(question)
    shown = {key: row for key, row in found.items() if row["offices"] or (row["count"] and not withheld)}
    rows = {} if place is None else {**always, **shown}
    about = _about(conn, question, rows)
    told = [{**about[key], **(WITHHELD if withheld else _numbers(rows[key]))} for key in sorted(rows, key=_in_order)]
    return Counted(position, told, standing["head"], standing["named"])


def _answer(
    conn: Connection[dict[str, Any]],
    question: CountQuestion,
    place: Where,
    known: int | None,
    memory: CountMemory | None,
) -> tuple[Row, int, Rows]:
    """How the tables stand, the position that the rows are known at, and these; read where they are not remembered."""
    memory = memory if known is None and _is_remembered(question, place) else None
    if memory is not None:
        standing: Row = conn.execute(STANDING).fetchone() or {}
        remembered = memory.recall(question, place, standing["mark"])
        if remembered is not None:
            return standing, standing["position"], remembered
    rows = conn.execute(*query_for(question, place, known)).fetchall()
    standing = rows[0]
    if known is not None:
        return standing, known, rows
    if standing["uneven"]:
        return _answer(conn, question, place, standing["position"], None)
    if memory is not None:
        memory.keep(question, place, standing["mark"], rows)
    return standing, standing["position"], rows


def _is_remembered(question: CountQuestion, place: Where) -> bool:
    """What takes long: all that adds up the whole country, and a row for each facilitator of an area."""
    return place == THE_COUNTRY or (question.by == "facilitator" and place.facilitator is None)


THE_COUNTRY = Where()
NOTHING_FOUND: Row = {
    "count": 0, "independent": 0, "pending": 0, "durable": 0, "relapsed": 0, "relapsed_later": 0, "target": None,
    "remaining": None,
}  # fmt: skip


ABOUT_FACILITATORS = """
SELECT facilitator::text, name, pillar, region
FROM unnest(%s::uuid[]) asked(facilitator) LEFT JOIN read.facilitators USING (facilitator)
"""


def _always_shown(question: CountQuestion) -> list[str | None]:
    match question.by:
        case None:
            return [None]
        case "kind":
            return [str(kind) for kind in GraduationKind if question.kind in (None, kind)]
        case "month":
            months = [question.month] if question.month else range(1, 13)
            return [str(month) for month in months if date(question.year, month, 1) <= question.as_of]
        case "programme" if question.programme is not None:
            return [question.programme]
    return []


def _numbers(row: Row) -> dict[str, int | bool | None]:
    return {
        "count": row["count"],
        "natural": row["count"] - row["independent"],
        "independent": row["independent"],
        "pending": row["pending"],
        "durable": row["durable"],
        "relapsed": row["relapsed"],
        "relapsed_later": row["relapsed_later"],
        "target": row["target"],
        "remaining": row["remaining"],
        "withheld": False,
    }


def _about(
    conn: Connection[dict[str, Any]], question: CountQuestion, keys: Mapping[str | None, Row]
) -> dict[str | None, dict[str, Any]]:
    """What each group is, with the names that directories know."""
    match question.by:
        case None:
            return {key: {} for key in keys}
        case "facilitator":
            found = conn.execute(ABOUT_FACILITATORS, [list(keys)])
            return {row["facilitator"]: row for row in found}
        case "region":
            return {key: {"region": key, "level": question.level or DEFAULT_LEVEL} for key in keys}
        case "month":
            return {key: {"month": int(key or 0)} for key in keys}
        case "programme":
            programmes = conn.execute("SELECT code, name FROM read.programmes WHERE code = ANY(%s)", [list(keys)])
            names = {row["code"]: row["name"] for row in programmes}
            return {key: {"programme": key, "name": names.get(key)} for key in keys}
    return {key: {str(question.by): key} for key in keys}


def _in_order(key: str | None) -> tuple[bool, int, str]:
    """Months as numbers, everything else as text, and no key last."""
    return key is None, int(key) if key is not None and len(key) <= 2 and key.isdigit() else 0, key or ""
