"""The rules of counting (DESIGN.md section 7) as cases."""

import pytest

from domain.values import Actor, Role
from tests.projections.figures import Figures
from tests.projections.story import named

EACH_APART = ("count", "natural", "independent")
LASTING = ("pending", "durable", "relapsed", "relapsed_later")


@pytest.fixture
def figures(database: str) -> Figures:
    return Figures(database)


def test_nothing_is_counted_where_nothing_happened(figures: Figures) -> None:
    row = figures.total()
    assert {name: row[name] for name in (*EACH_APART, *LASTING)} == dict.fromkeys((*EACH_APART, *LASTING), 0)
    assert (row["target"], row["remaining"]) == (None, None)


def test_a_household_counts_once_in_a_year_by_its_earliest_graduation(figures: Figures) -> None:
    figures.graduate("siti", "first", "2025-03-01", "pkh", kind="natural", facilitator="sari")
    figures.graduate("siti", "second", "2025-06-01", "sembako", facilitator="joko")
    row = figures.total()
    assert [row[name] for name in EACH_APART] == [1, 1, 0]
    assert figures.by("month") == {m: int(m == 3) for m in range(1, 13)}


def test_of_two_on_one_day_the_one_logged_first_counts(figures: Figures) -> None:
    figures.appoint("sari")
    figures.appoint("joko")
    figures.graduate("siti", "first", "2025-03-01", "sembako", facilitator="joko")
    figures.graduate("siti", "second", "2025-03-01", "pkh", facilitator="sari")
    assert figures.by("facilitator") == {named("sari"): 0, named("joko"): 1}


@pytest.mark.parametrize(
    ("year", "count"), [(2024, 1), (2025, 2), (2026, 1), (2023, 0)], ids=["2024", "2025", "2026", "2023"]
)
def test_the_last_and_the_first_day_of_a_year_belong_to_their_own_year(figures: Figures, year: int, count: int) -> None:
    figures.graduate("siti", "old", "2024-12-31")
    figures.graduate("siti", "new", "2025-01-01")
    figures.graduate("wati", "late", "2025-12-31")
    figures.graduate("wati", "later", "2026-01-01")
    assert figures.count(year) == count


def test_a_revocation_takes_away_and_lets_the_one_behind_count(figures: Figures) -> None:
    figures.graduate("siti", "first", "2025-03-01", "pkh", kind="natural", region="33.24.04.2007")
    both = figures.graduate("siti", "second", "2025-06-01", "sembako", region="33.24.04.2005")
    revoked = figures.revoke("siti", "first", "2025-07-01")
    gone = figures.revoke("siti", "second", "2025-08-01")
    by_village = {"level": "village", "as_of": "2025-12-31"}
    assert figures.by("region", known=both, **by_village) == {"33.24.04.2007": 1}
    assert figures.by("region", known=revoked, **by_village) == {"33.24.04.2005": 1}
    assert figures.by("region", known=gone, **by_village) == {}
    assert [figures.count(known=position) for position in (1, both, revoked, gone)] == [1, 1, 1, 0]
    assert figures.by("kind", known=revoked) == {"natural": 0, "independent": 1}


def test_a_revoked_one_behind_another_changes_nothing(figures: Figures) -> None:
    figures.graduate("siti", "first", "2025-03-01", "pkh")
    figures.graduate("siti", "second", "2025-06-01", "sembako")
    figures.revoke("siti", "second", "2025-07-01")
    assert figures.count() == 1
    assert figures.count(programme="sembako") == 0


def test_a_graduation_recorded_late_takes_the_place_of_a_later_one(figures: Figures) -> None:
    figures.appoint("sari")
    figures.appoint("joko")
    before = figures.graduate("siti", "second", "2025-06-01", "sembako", facilitator="sari")
    after = figures.graduate("siti", "first", "2025-02-01", "pkh", facilitator="joko")
    assert figures.by("facilitator", known=before) == {named("sari"): 1, named("joko"): 0}
    assert figures.by("facilitator", known=after) == {named("sari"): 0, named("joko"): 1}
    assert figures.by("month", known=before)[6] == figures.by("month", known=after)[2] == 1
    assert figures.by("month", known=after)[6] == 0


def test_what_was_known_between_two_corrections_stays_known(figures: Figures) -> None:
    figures.graduate("siti", "one", "2025-03-01")
    sent = figures.graduate("wati", "two", "2025-04-01")
    between = figures.revoke("siti", "one", "2025-05-01")
    figures.revoke("wati", "two", "2025-05-02")
    again = figures.graduate("siti", "three", "2025-06-01")
    assert [figures.count(known=p) for p in (0, sent, between, between + 1, again)] == [0, 2, 1, 0, 1]


def test_natural_and_independent_in_one_year_under_each_filter(figures: Figures) -> None:
    figures.graduate("siti", "first", "2025-03-01", "pkh", kind="natural")
    figures.graduate("siti", "second", "2025-06-01", "sembako", kind="independent")
    asked = {
        "all": {},
        "natural": {"kind": "natural"},
        "independent": {"kind": "independent"},
        "pkh": {"programme": "pkh"},
        "sembako": {"programme": "sembako"},
        "pkh independent": {"programme": "pkh", "kind": "independent"},
        "sembako independent": {"programme": "sembako", "kind": "independent"},
    }
    found = {name: tuple(figures.total(**filters)[n] for n in EACH_APART) for name, filters in asked.items()}
    assert found == {
        "all": (1, 1, 0),
        "natural": (1, 1, 0),
        "independent": (1, 0, 1),
        "pkh": (1, 1, 0),
        "sembako": (1, 0, 1),
        "pkh independent": (0, 0, 0),
        "sembako independent": (1, 0, 1),
    }
    assert figures.by("kind") == {"natural": 1, "independent": 0}


def test_a_graduation_from_two_programmes_counts_once_and_under_each_that_is_asked_for(figures: Figures) -> None:
    figures.graduate("siti", "both", "2025-03-01", "pkh", "sembako")
    assert figures.count() == 1
    assert figures.by("programme") == {"pkh": 1, "sembako": 1}
    assert figures.by("programme", programme="sembako") == {"sembako": 1}
    assert figures.by("programme", programme="pbi_jk") == {"pbi_jk": 0}
    figures.revoke("siti", "both", "2025-04-01")
    assert figures.by("programme") == {}


def test_without_a_facilitator_it_counts_for_the_region_alone(figures: Figures) -> None:
    figures.appoint("sari")
    figures.graduate("siti", "nobodys", "2025-03-01", facilitator=None)
    assert figures.count() == 1
    assert figures.by("region") == {"33.24": 1}
    assert figures.by("facilitator") == {named("sari"): 0}
    assert figures.by("pillar") == {"pkh": 0}


def test_a_discontinuation_is_never_counted(figures: Figures) -> None:
    figures.graduate("siti", "one", "2025-03-01")
    figures.discontinue("wati", "2025-03-01")
    assert figures.count() == 1


@pytest.mark.parametrize(
    ("relapse", "as_of", "expected"),
    [
        (None, "2025-03-15", (1, 0, 0, 0)),
        (None, "2026-03-14", (1, 0, 0, 0)),
        (None, "2026-03-15", (0, 1, 0, 0)),
        ("2026-02-15", "2026-02-14", (1, 0, 0, 0)),
        ("2026-02-15", "2026-02-15", (0, 0, 1, 0)),
        ("2026-02-15", "2027-01-01", (0, 0, 1, 0)),
        ("2026-03-14", "2026-12-31", (0, 0, 1, 0)),
        ("2026-03-15", "2026-12-31", (0, 1, 0, 1)),
        ("2026-04-15", "2026-12-31", (0, 1, 0, 1)),
        ("2026-04-15", "2026-04-14", (0, 1, 0, 0)),
    ],
    ids=[
        "on its day", "the day before twelve months", "after twelve months", "before a relapse at 11 months",
        "on the day of a relapse at 11 months", "long after a relapse at 11 months", "a relapse on the last day",
        "a relapse at 12 months", "a relapse at 13 months", "before a relapse at 13 months",
    ],
)  # fmt: skip
def test_a_graduation_is_pending_durable_or_relapsed_and_always_counted(
    figures: Figures, relapse: str | None, as_of: str, expected: tuple[int, ...]
) -> None:
    figures.graduate("siti", "one", "2025-03-15")
    if relapse:
        figures.relapse("siti", "one", relapse)
    row = figures.total(as_of=as_of)
    assert tuple(row[name] for name in LASTING) == expected
    assert row["count"] == 1


def test_the_first_relapse_decides(figures: Figures) -> None:
    figures.graduate("siti", "one", "2025-03-15")
    figures.relapse("siti", "one", "2026-05-01", "sembako")
    late = figures.relapse("siti", "one", "2026-01-01", "pkh")
    assert figures.total(known=late - 1)["durable"] == 1
    assert figures.total(known=late)["relapsed"] == 1


def test_a_leap_day_is_twelve_months_old_on_the_last_of_february(figures: Figures) -> None:
    figures.graduate("siti", "one", "2024-02-29")
    assert figures.total(2024, as_of="2025-02-27")["pending"] == 1
    assert figures.total(2024, as_of="2025-02-28")["durable"] == 1


def test_nothing_after_the_date_asked_for_counts(figures: Figures) -> None:
    figures.graduate("siti", "one", "2025-03-15")
    figures.graduate("wati", "two", "2025-09-15")
    assert figures.count(as_of="2025-03-14") == 0
    assert figures.count(as_of="2025-06-01") == 1
    assert list(figures.by("month", as_of="2025-06-01")) == [1, 2, 3, 4, 5, 6]


def test_filters_of_month_region_and_facilitator_narrow_what_counts(figures: Figures) -> None:
    figures.appoint("sari")
    figures.appoint("joko", region="33.24.05")
    figures.graduate("siti", "one", "2025-03-15", facilitator="sari", region="33.24.04.2007")
    figures.graduate("wati", "two", "2025-09-15", facilitator="joko", region="33.24.05.2001")
    figures.graduate("budi", "three", "2025-09-20", facilitator="sari", region="33.24.041.1")
    assert figures.count(month=9) == 2
    assert figures.count(region="33.24.04") == 1
    assert figures.count(facilitator=named("sari")) == 2
    assert figures.by("facilitator", region="33.24.05") == {named("joko"): 1}
    assert figures.by("region", level="subdistrict", month=9, facilitator=named("joko")) == {"33.24.05": 1}
    assert figures.by("month", month=9) == {9: 2}


def test_regions_are_counted_at_every_level(figures: Figures) -> None:
    figures.graduate("siti", "one", "2025-03-15", region="33.24.04.2007")
    figures.graduate("wati", "two", "2025-03-15", region="33.24.04.2005")
    figures.graduate("budi", "three", "2025-03-15", region="33.25.01.2001")
    figures.graduate("rina", "four", "2025-03-15", region="34.01")
    assert figures.by("region", level="province") == {"33": 3, "34": 1}
    assert figures.by("region") == figures.by("region", level="regency") == {"33.24": 2, "33.25": 1, "34.01": 1}
    assert figures.by("region", level="subdistrict") == {"33.24.04": 2, "33.25.01": 1, None: 1}
    assert list(figures.by("region", level="village")) == ["33.24.04.2005", "33.24.04.2007", "33.25.01.2001", None]


def officer(region: str) -> Actor:
    return Actor("officer", Role.REGIONAL_OFFICER, region)


def facilitator(name: str) -> Actor:
    return Actor(name, Role.FACILITATOR, str(named(name)))


def test_everyone_sees_what_is_theirs(figures: Figures) -> None:
    figures.appoint("sari", region="33.24.04")
    figures.appoint("joko", region="33.25.01")
    figures.graduate("siti", "one", "2025-03-15", facilitator="sari", region="33.24.04.2007")
    figures.graduate("wati", "two", "2025-03-15", facilitator="joko", region="33.25.01.2001")
    figures.graduate("budi", "three", "2025-03-15", facilitator=None, region="33.24.04.2005")
    for role in (Role.PROGRAMME_OFFICER, Role.ANALYST, Role.AUDITOR):
        assert figures.count(actor=Actor("x", role)) == 3
    assert figures.count(actor=officer("33.24")) == 2
    assert figures.by("facilitator", actor=officer("33.24")) == {named("sari"): 1}
    assert figures.count(actor=facilitator("sari")) == 1
    assert figures.by("facilitator", actor=facilitator("sari")) == {named("sari"): 1}
    assert figures.count(actor=facilitator("sari"), facilitator=named("joko")) == 0
    for nobody in (
        officer(""),
        Actor("no facilitator", Role.FACILITATOR),
        Actor("agency", Role.AGENCY_OFFICER, str(named("bank"))),
        Actor("system", Role.AGENCY_SYSTEM, str(named("bank"))),
        Actor("admin", Role.ADMINISTRATOR),
        Actor("clock", Role.CLOCK),
    ):
        assert figures.rows(actor=nobody) == []


@pytest.mark.parametrize("asked", [{"by": "weather"}, {"by": "region", "level": "street"}])
def test_an_unknown_group_is_a_fault_of_the_caller(figures: Figures, asked: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not counted"):
        figures.rows(**asked)


def test_a_facilitators_later_graduation_is_not_counted_early_where_another_programmes_came_first(
    figures: Figures,
) -> None:
    figures.appoint("sari")
    figures.graduate("siti", "first", "2025-01-15", "sembako")
    figures.graduate("siti", "second", "2025-06-15", "pkh")
    asked = {"programme": "pkh", "as_of": "2025-03-31"}
    assert figures.by("facilitator", **asked) == {named("sari"): 0}
    assert figures.by("facilitator", programme="pkh") == {named("sari"): 1}
