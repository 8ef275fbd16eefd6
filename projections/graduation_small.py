"""What an analyst sees under regency level: once a year is closed, the counts of areas, and none that is small.

Of a regency and above an analyst knows every figure, on every day and as known at every position. So that no small
count follows from these, under it there is one answer for each year and area, which never changes and knows no parts;
and of areas that make up a wider one, the least count that is large enough is withheld with the small ones. Decision 25
says why nothing can be worked out from what is left, and a test that plays the attacker holds it to that.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from psycopg import Connection

from projections.graduation_query import query_for
from projections.graduation_question import LEVELS, CountQuestion, Where, within

SMALLEST_SHOWN = 5
"""No count of fewer households is shown, and 0 is told from none of them."""
CLOSED_ON = (3, 31)
"""Month and day of the year after, at whose end a year's figures are taken as they are known."""

FIGURES = ("count", "natural", "independent", "pending", "durable", "relapsed", "relapsed_later", "target", "remaining")
WITHHELD: Mapping[str, Any] = {**dict.fromkeys(FIGURES), "withheld": True}


def is_under_regency(question: CountQuestion) -> bool:
    """Facilitators work under regency level too."""
    by_small_areas = question.by == "region" and question.grouped_length > LEVELS["regency"]
    in_small_area = question.region is not None and len(question.region) > LEVELS["regency"]
    return by_small_areas or in_small_area or question.by == "facilitator" or question.facilitator is not None


def is_published(question: CountQuestion) -> bool:
    """Whether it asks for whole areas in a whole year: of nothing else is there an answer."""
    if (question.month, question.programme, question.kind, question.facilitator) != (None, None, None, None):
        return False
    if question.by == "region":
        return len(question.region or "") <= question.grouped_length
    return question.by is None


def closed_on(year: int) -> date:
    return date(year + 1, *CLOSED_ON)


def shown(villages: Mapping[str, int]) -> dict[str, int]:
    """The subdistricts and villages whose counts are shown, by their codes, given those of all villages."""
    subdistricts: Counter[str] = Counter()
    for village, count in villages.items():
        subdistricts[village[: LEVELS["subdistrict"]]] += count
    found = _of_siblings(subdistricts, LEVELS["regency"])
    inside = {v: n for v, n in villages.items() if v[: LEVELS["subdistrict"]] in found}
    return {**found, **_of_siblings(inside, LEVELS["subdistrict"])}


def _of_siblings(counts: Mapping[str, int], parent: int) -> dict[str, int]:
    """Of the areas in each wider one, whose code has the length `parent`: what is above the least count of enough."""
    large: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for area, count in counts.items():
        if count >= SMALLEST_SHOWN:
            large[area[:parent]][area] = count
    return {a: n for siblings in large.values() for a, n in siblings.items() if n > min(siblings.values())}


def published(conn: Connection[dict[str, Any]], question: CountQuestion, known: int) -> list[dict[str, Any]]:
    """The rows of a question that `is_published`, as known at the end of the day on which its year was closed.

    Areas that are withheld are not listed; one row without a region stands for whatever is.
    """
    regency = (question.region or "")[: LEVELS["regency"]]
    whole = CountQuestion(
        question.year, date(question.year, 12, 31), by="region", level="village", region=regency or None
    )
    rows = conn.execute(*query_for(whole, Where(regency), known)).fetchall()
    areas = shown({row["key"]: row["count"] for row in rows if row["key"] is not None and row["count"]})
    if question.by is None:
        return [_row(areas.get(question.region or ""))]
    about = {"level": question.level}
    listed = sorted(_asked(question, areas))
    return [
        *({"region": area, **about, **_row(areas[area])} for area in listed),
        {"region": None, **about, **WITHHELD},
    ]


def _asked(question: CountQuestion, areas: Iterable[str]) -> list[str]:
    return [a for a in areas if len(a) == question.grouped_length and within(a, question.region or "")]


def _row(count: int | None) -> dict[str, Any]:
    return dict(WITHHELD) if count is None else {**dict.fromkeys(FIGURES), "count": count, "withheld": False}
