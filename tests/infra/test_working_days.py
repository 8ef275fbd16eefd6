"""Deadlines over weekends, holidays and year ends, with and without years that an administrator adds."""

import json
from datetime import date, timedelta
from pathlib import Path

import lokal
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.ports import Calendar
from domain.values import Deadline
from infra.working_days import WorkingDays

calendar: Calendar = WorkingDays(None)
YEAR = {"year": 2028, "decree": "SKB 1", "source": "https://example.go.id", "holidays": {"2028-01-03": "Libur"}}


def official(day: date) -> Deadline:
    return Deadline(day, "official")


def provisional(day: date) -> Deadline:
    return Deadline(day, "provisional")


def with_years(folder: Path, *years: object) -> Path:
    path = folder / "holidays.json"
    path.write_text(json.dumps({"years": years}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("start", "days", "deadline"),
    [
        (date(2026, 11, 23), 1, date(2026, 11, 24)),
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 11, 29), 1, date(2026, 11, 30)),
        (date(2026, 3, 17), 1, date(2026, 3, 25)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
        (date(2026, 12, 30), 3, date(2027, 1, 6)),
        (date(2026, 11, 30), -1, date(2026, 11, 27)),
    ],
)
def test_weekends_holidays_and_collective_leave_do_not_count(start: date, days: int, deadline: date) -> None:
    assert calendar.after(start, days) == official(deadline)


@pytest.mark.parametrize("start", [date(2026, 11, 23), date(2026, 11, 28), date(2026, 12, 25), date(2031, 1, 1)])
def test_no_working_days_give_the_start_itself(start: date) -> None:
    assert calendar.after(start, 0) == official(start)


@pytest.mark.parametrize(
    ("start", "days", "deadline"),
    [
        (date(2025, 12, 31), 1, official(date(2026, 1, 2))),
        (date(2025, 12, 30), 1, provisional(date(2025, 12, 31))),
        (date(2025, 12, 30), 2, provisional(date(2026, 1, 2))),
        (date(2026, 12, 31), 1, official(date(2027, 1, 4))),
        (date(2026, 12, 31), 2, official(date(2027, 1, 6))),
        (date(2027, 12, 30), 1, official(date(2027, 12, 31))),
        (date(2027, 12, 31), 1, provisional(date(2028, 1, 3))),
        (date(2027, 12, 30), 2, provisional(date(2028, 1, 3))),
        (date(2028, 1, 3), 1, provisional(date(2028, 1, 4))),
        (date(2028, 1, 3), -2, provisional(date(2027, 12, 30))),
    ],
)
def test_a_deadline_over_the_end_of_a_year_is_provisional_where_a_day_passed_is_of_an_unknown_year(
    start: date, days: int, deadline: Deadline
) -> None:
    assert calendar.after(start, days) == deadline


@given(st.dates(date(2026, 1, 1), date(2027, 6, 30)), st.integers(0, 60))
def test_within_the_known_years_the_days_are_those_of_the_library(start: date, days: int) -> None:
    assert calendar.after(start, days) == official(lokal.add_working_days(start, days))


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(1, 60), st.integers(1, 60))
def test_so_many_days_and_so_many_more_are_the_sum(start: date, first: int, then: int) -> None:
    whole = calendar.after(start, first + then)
    assert whole.date == calendar.after(calendar.after(start, first).date, then).date
    assert whole.date.weekday() < 5
    assert whole.date > start


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(1, 60))
def test_a_deadline_is_official_exactly_when_every_day_after_the_start_is_of_a_known_year(
    start: date, days: int
) -> None:
    deadline = calendar.after(start, days)
    passed = {(start + timedelta(days=step)).year for step in range(1, (deadline.date - start).days + 1)}
    assert (deadline.calendar == "official") == (passed <= {2026, 2027})


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [(date(9999, 12, 20), 100, date.max), (date.max, 1, date.max), (date(1, 1, 10), -100, date.min)],
)
def test_beyond_the_ends_of_the_calendar_the_last_day_stands(start: date, days: int, last: date) -> None:
    assert calendar.after(start, days) == provisional(last)


def test_a_file_adds_a_year_whose_deadlines_are_then_official(tmp_path: Path) -> None:
    extended = WorkingDays(with_years(tmp_path, YEAR))
    assert extended.after(date(2027, 12, 31), 1) == official(date(2028, 1, 4))
    assert extended.after(date(2026, 12, 31), 2) == official(date(2027, 1, 6))
    assert extended.after(date(2028, 12, 29), 1) == provisional(date(2029, 1, 1))


def test_a_year_in_a_file_replaces_the_known_one_whole(tmp_path: Path) -> None:
    changed = YEAR | {"year": 2027, "holidays": {"2027-01-04": "Libur"}}
    replaced = WorkingDays(with_years(tmp_path, changed))
    assert replaced.after(date(2026, 12, 31), 1) == official(date(2027, 1, 1))
    assert replaced.after(date(2027, 1, 1), 1) == official(date(2027, 1, 5))
    assert replaced.after(date(2026, 12, 23), 1) == official(date(2026, 12, 28))


def test_one_file_can_hold_many_years(tmp_path: Path) -> None:
    earlier = YEAR | {"year": 2025, "holidays": {"2025-12-25": "Natal", "2025-12-26": "Cuti bersama"}}
    both = WorkingDays(with_years(tmp_path, YEAR, earlier))
    assert both.after(date(2025, 12, 24), 1) == official(date(2025, 12, 29))
    assert both.after(date(2027, 12, 31), 1) == official(date(2028, 1, 4))


@settings(deadline=None)
@given(st.sets(st.dates(date(2028, 1, 1), date(2028, 12, 31)), min_size=1, max_size=20), st.integers(1, 100))
def test_no_deadline_falls_on_a_day_off_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, days_off: set[date], days: int
) -> None:
    entry = YEAR | {"holidays": {day.isoformat(): "Libur" for day in days_off}}
    extended = WorkingDays(with_years(tmp_path_factory.mktemp("holidays"), entry))
    deadline = extended.after(date(2027, 12, 31), days)
    assume(deadline.date.year == 2028)
    assert deadline.calendar == "official"
    assert deadline.date not in days_off
    between = [date(2028, 1, 1) + timedelta(days=step) for step in range((deadline.date - date(2027, 12, 31)).days)]
    assert sum(day.weekday() < 5 and day not in days_off for day in between) == days
