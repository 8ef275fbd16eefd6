"""What an analyst may see under regency level, and the attacks that it withstands."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.values import Actor, Role
from projections.graduation_question import CountQuestion
from projections.graduation_small import is_published, is_under_regency, published, shown
from tests.projections.figures import Figures
from tests.projections.story import named

ANALYST = Actor("analyst-1", Role.ANALYST)
REGENCY, VILLAGE, NEXT_VILLAGE, NEXT_SUBDISTRICT = "33.24", "33.24.04.2007", "33.24.04.2005", "33.24.05.2001"
SMALL = range(1, 5)
World = tuple[int, ...]


@pytest.fixture
def figures(database: str) -> Figures:
    return Figures(database)


def villages(shape: tuple[int, ...]) -> list[str]:
    """Codes of as many villages in each subdistrict."""
    return [f"33.24.{s:02}.{2000 + v}" for s, many in enumerate(shape, 1) for v in range(many)]


def parts(whole: int, among: int) -> Iterator[World]:
    if among == 1:
        yield (whole,)
        return
    for first in range(whole + 1):
        for rest in parts(whole - first, among - 1):
            yield (first, *rest)


def counts_of(names: list[str], world: World) -> dict[str, int]:
    """Of every area under the regency."""
    found: defaultdict[str, int] = defaultdict(int)
    for village, count in zip(names, world, strict=True):
        found[village] += count
        found[village[:8]] += count
    return dict(found)


def determined(shape: tuple[int, ...], whole: int) -> list[tuple[str, int, World]]:
    """What an attacker works out who knows the regency's count, every answer, and how they come about: each small count
    that is the same in every world that gives the same answers. An area that alone makes up the regency is known by it.
    """
    names = villages(shape)
    alike: defaultdict[tuple[Any, ...], list[World]] = defaultdict(list)
    for world in parts(whole, len(names)):
        answers = shown(dict(zip(names, world, strict=True)))
        alike[tuple(sorted(answers.items()))].append(world)
    found = []
    for worlds in alike.values():
        possible: defaultdict[str, set[int]] = defaultdict(set)
        for world in worlds:
            for area, count in counts_of(names, world).items():
                possible[area].add(count)
        found += [
            (area, min(values), worlds[0])
            for area, values in possible.items()
            if len(values) == 1 and min(values) in SMALL and not _is_the_regency(area, names)
        ]
    return found


def _is_the_regency(area: str, names: list[str]) -> bool:
    return all(name.startswith(area) for name in names)


SHAPES = [(2,), (3,), (1, 1), (2, 1), (1, 1, 1), (2, 2), (3, 1), (1, 1, 2), (4,)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_no_small_count_follows_from_all_answers_and_the_regencys_count(shape: tuple[int, ...]) -> None:
    for whole in range(31 if sum(shape) < 4 else 23):
        assert determined(shape, whole) == []


@settings(max_examples=30)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4).filter(lambda shape: sum(shape) <= 5), st.integers(0, 18))
def test_none_follows_in_any_small_regency(shape: list[int], whole: int) -> None:
    assert determined(tuple(shape), whole) == []


@given(st.dictionaries(st.sampled_from(villages((3, 3, 2))), st.integers(0, 40)))
def test_what_is_shown_is_true_and_not_small(world: Mapping[str, int]) -> None:
    names = villages((3, 3, 2))
    full = {name: world.get(name, 0) for name in names}
    true, told = counts_of(names, tuple(full.values())), shown(full)
    assert all(count == true[area] and count >= 5 for area, count in told.items())
    assert told == shown({name: count for name, count in full.items() if count})


def test_the_attacker_does_find_what_is_withheld_without_a_second_area(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test would see it: with small counts alone withheld, one of them follows by subtraction."""

    def careless(counts: Mapping[str, int]) -> dict[str, int]:
        return {area: n for area, n in counts_of(list(counts), tuple(counts.values())).items() if n >= 5}

    monkeypatch.setitem(globals(), "shown", careless)
    assert determined((2,), 6) != []


def asked(**question: Any) -> CountQuestion:
    return CountQuestion(2025, date(2025, 12, 31), **question)


def of_published(figures: Figures, known: int | None = None, **question: Any) -> dict[str | None, int | None]:
    figures.fold()
    with figures.connect() as connection:
        rows = published(connection, asked(**question), figures.head() if known is None else known)
    return {row.get("region"): row["count"] for row in rows}


def grow(figures: Figures, village: str, many: int) -> None:
    for number in range(many):
        name = f"{village}-{number}"
        figures.graduate(name, f"of {name}", "2025-03-15", region=village)


def test_a_closed_year_shows_areas_with_enough_but_the_least_of_them(figures: Figures) -> None:
    for village, many in ((VILLAGE, 9), (NEXT_VILLAGE, 6), ("33.24.04.2008", 2), (NEXT_SUBDISTRICT, 5)):
        grow(figures, village, many)
    by_village = {"by": "region", "level": "village"}
    assert of_published(figures, by="region", level="subdistrict") == {"33.24.04": 17, None: None}
    assert of_published(figures, **by_village) == {VILLAGE: 9, None: None}
    assert of_published(figures, **by_village, region="33.24.04") == {VILLAGE: 9, None: None}
    assert of_published(figures, **by_village, region="33.24.05") == {None: None}
    assert of_published(figures, region="33.24.04") == {None: 17}
    assert [of_published(figures, region=v)[None] for v in (VILLAGE, NEXT_VILLAGE, NEXT_SUBDISTRICT)] == [9, None, None]


def test_what_was_published_stays_as_it_was_known(figures: Figures) -> None:
    for village, many in ((VILLAGE, 9), (NEXT_VILLAGE, 6), (NEXT_SUBDISTRICT, 5)):
        grow(figures, village, many)
    known = figures.head()
    figures.revoke(f"{VILLAGE}-0", f"of {VILLAGE}-0", "2026-02-01")
    assert of_published(figures, known, by="region", level="village") == {VILLAGE: 9, None: None}


OFF_GRID: list[dict[str, Any]] = [
    {"by": "facilitator"},
    {"facilitator": named("sari")},
    {"facilitator": named("sari"), "by": "region"},
    {"region": "33.24.04", "by": "kind"},
    {"region": "33.24.04", "by": "programme"},
    {"region": "33.24.04", "by": "pillar"},
    {"region": "33.24.04", "by": "month"},
    {"region": "33.24.04", "month": 3},
    {"region": "33.24.04", "kind": "independent"},
    {"region": "33.24.04", "programme": "pkh"},
    {"region": VILLAGE, "by": "region", "level": "regency"},
    {"region": VILLAGE, "by": "region", "level": "subdistrict"},
    {"by": "region", "level": "village", "month": 3},
]


@pytest.mark.parametrize("question", OFF_GRID, ids=str)
def test_no_other_question_under_a_regency_has_an_answer(figures: Figures, question: dict[str, Any]) -> None:
    """Nor do the rows that are withheld tell of anything by being there."""
    figures.appoint("sari", region="33.24.04")
    before = figures.rows(actor=ANALYST, **question)
    grow(figures, VILLAGE, 30)
    grow(figures, NEXT_VILLAGE, 3)
    after = figures.rows(actor=ANALYST, **question)
    assert before == after
    assert all(row["withheld"] and row["count"] is row["natural"] is row["remaining"] is None for row in after)
    assert is_under_regency(asked(**question))
    assert not is_published(asked(**question))


def test_of_a_regency_and_above_an_analyst_sees_everything(figures: Figures) -> None:
    grow(figures, VILLAGE, 3)
    for question in ({}, {"by": "region"}, {"region": REGENCY}, {"by": "kind", "region": "33"}, {"by": "month"}):
        assert not is_under_regency(asked(**question))
        assert figures.rows(actor=ANALYST, **question) == figures.rows(**question)


def test_without_a_published_position_nothing_under_a_regency_is_shown(figures: Figures) -> None:
    grow(figures, VILLAGE, 30)
    for level, known in product(("subdistrict", "village"), (None, 10)):
        assert all(row["withheld"] for row in figures.rows(actor=ANALYST, by="region", level=level, known=known))
