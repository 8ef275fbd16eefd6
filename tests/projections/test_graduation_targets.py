"""What graduations are measured against."""

from typing import Any

import pytest

from domain.values import Actor, Role
from tests.projections.figures import Figures
from tests.projections.story import named

SARI, JOKO = named("sari"), named("joko")


@pytest.fixture
def figures(database: str) -> Figures:
    figures = Figures(database)
    figures.appoint("sari", region="33.24.04")
    figures.appoint("joko", region="33.25")
    return figures


def measured(figures: Figures, by: str | None = None, **asked: Any) -> dict[Any, tuple[int | None, int | None]]:
    """Target and remaining, by the key of each row."""
    return {row.get(by or ""): (row["target"], row["remaining"]) for row in figures.rows(by=by, **asked)}


def test_without_a_target_there_is_none(figures: Figures) -> None:
    figures.target(2026, 10)
    figures.target(2025, 10, pillar="tksk")
    assert measured(figures) == {None: (None, None)}
    assert measured(figures, "facilitator") == {SARI: (None, None), JOKO: (None, None)}


def test_what_remains_is_of_each_and_what_one_has_too_many_makes_up_for_no_other(figures: Figures) -> None:
    figures.target(2025, 2)
    for number in range(3):
        figures.graduate(f"family {number}", f"graduation {number}", "2025-03-01", facilitator="sari")
    assert measured(figures, "facilitator") == {SARI: (2, 0), JOKO: (2, 2)}
    assert measured(figures) == {None: (4, 2)}
    assert measured(figures, "pillar") == {"pkh": (4, 2)}
    assert measured(figures, "region") == {"33.24": (2, 0), "33.25": (2, 2)}
    assert measured(figures, "region", level="subdistrict") == {"33.24.04": (2, 0)}


def test_a_target_counts_its_own_kinds_by_the_earliest_of_them(figures: Figures) -> None:
    figures.target(2025, 10)
    figures.graduate("siti", "first", "2025-03-01", "pkh", kind="natural")
    figures.graduate("siti", "second", "2025-06-01", "sembako", kind="independent")
    row = figures.total()
    assert (row["natural"], row["independent"], row["target"], row["remaining"]) == (1, 0, 20, 19)
    figures.target(2025, 10, "independent", "natural", revision=2)
    figures.graduate("wati", "third", "2025-06-01", kind="natural", facilitator="joko")
    assert measured(figures, "facilitator") == {SARI: (10, 9), JOKO: (10, 9)}


def test_a_target_is_shown_beside_the_kinds_that_it_counts_only(figures: Figures) -> None:
    figures.target(2025, 10)
    figures.graduate("siti", "first", "2025-03-01")
    assert measured(figures, kind="independent") == {None: (20, 19)}
    assert measured(figures, kind="natural") == {None: (None, None)}


@pytest.mark.parametrize(
    "asked", [{"by": "kind"}, {"by": "month"}, {"by": "programme"}, {"programme": "pkh"}, {"month": 3}], ids=str
)
def test_a_years_target_is_not_shown_beside_part_of_a_year_or_of_what_counts(
    figures: Figures, asked: dict[str, Any]
) -> None:
    figures.target(2025, 10)
    figures.graduate("siti", "first", "2025-03-01")
    assert set(measured(figures, **asked).values()) == {(None, None)}


def test_the_latest_revision_known_holds(figures: Figures) -> None:
    first = figures.target(2025, 5)
    second = figures.target(2025, 10, revision=2)
    figures.graduate("siti", "first", "2025-03-01")
    assert measured(figures, known=first - 1) == {None: (None, None)}
    assert measured(figures, known=first) == {None: (10, 10)}
    assert measured(figures, known=second) == {None: (20, 20)}
    assert measured(figures) == {None: (20, 19)}


def test_a_revocation_leaves_one_more_to_reach(figures: Figures) -> None:
    figures.target(2025, 10)
    figures.graduate("siti", "first", "2025-03-01")
    revoked = figures.revoke("siti", "first", "2025-03-02")
    assert measured(figures, "facilitator", known=revoked - 1)[SARI] == (10, 9)
    assert measured(figures, "facilitator")[SARI] == (10, 10)


def test_those_who_are_in_office_have_a_target_and_those_who_left_keep_their_count(figures: Figures) -> None:
    figures.target(2025, 10)
    figures.graduate("siti", "first", "2025-03-01")
    before = figures.retire("sari", "2025-07-01") - 1
    figures.appoint("rudi", "2025-09-01")
    assert measured(figures, "facilitator", as_of="2025-06-30") == {SARI: (10, 9), JOKO: (10, 10)}
    assert measured(figures, "facilitator", as_of="2025-07-01") == {SARI: (None, None), JOKO: (10, 10)}
    assert measured(figures, "facilitator", known=before) == {SARI: (10, 9), JOKO: (10, 10)}
    assert measured(figures, "facilitator") == {SARI: (None, None), JOKO: (10, 10), named("rudi"): (10, 10)}
    assert figures.by("facilitator")[SARI] == 1


def test_an_appointment_after_the_year_bears_nothing_of_its_target(figures: Figures) -> None:
    figures.target(2025, 10)
    figures.appoint("rudi", "2026-01-01")
    assert set(measured(figures, "facilitator", as_of="2026-12-31")) == {SARI, JOKO}


def test_what_remains_for_a_facilitator_is_the_same_whatever_region_is_asked_for(figures: Figures) -> None:
    figures.target(2025, 10)
    figures.graduate("siti", "first", "2025-03-01", region="33.24.04.2007")
    figures.graduate("wati", "second", "2025-03-01", region="33.25.01.2001")
    assert measured(figures, "facilitator", region="33.24") == {SARI: (10, 8)}
    officer = Actor("officer", Role.REGIONAL_OFFICER, "33.24.04")
    assert measured(figures, "facilitator", actor=officer) == {SARI: (10, 8)}
    assert figures.by("facilitator", region="33.24") == {SARI: 1}


def test_a_facilitator_has_the_own_target(figures: Figures) -> None:
    figures.target(2025, 10)
    joko = Actor("joko", Role.FACILITATOR, str(JOKO))
    assert measured(figures, actor=joko) == {None: (10, 10)}
    assert measured(figures, "facilitator", actor=joko) == {JOKO: (10, 10)}


def test_each_pillar_has_a_target_of_its_own(figures: Figures) -> None:
    figures.appoint("tuti", pillar="tksk", region="33.24.04")
    figures.target(2025, 10)
    figures.target(2025, 3, "natural", pillar="tksk")
    figures.graduate("siti", "first", "2025-03-01", facilitator="tuti", kind="natural")
    assert measured(figures, "pillar") == {"pkh": (20, 20), "tksk": (3, 2)}
    assert measured(figures, "region") == {"33.24": (13, 12), "33.25": (10, 10)}
    assert figures.by("pillar") == {"pkh": 0, "tksk": 1}
