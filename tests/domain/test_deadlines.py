"""Dates that are frozen into events: working days by the calendar, the others by the settings."""

from datetime import date, timedelta

from domain import deadlines
from domain.deadlines import Days
from domain.values import Deadline

DAYS = Days()


class EveryOtherDay:
    """A calendar in which each working day takes two."""

    def after(self, start: date, working_days: int) -> Deadline:
        return Deadline(start + timedelta(days=2 * working_days), "provisional")


def test_an_answer_is_due_after_the_working_days_of_the_service() -> None:
    found = deadlines.response(EveryOtherDay(), date(2026, 6, 1), 5)
    assert found == Deadline(date(2026, 6, 11), "provisional")


def test_a_referral_expires_so_many_calendar_days_after_its_answer_was_due() -> None:
    assert deadlines.expiry(DAYS, Deadline(date(2026, 6, 11), "official")) == date(2026, 7, 11)


def test_progress_and_cancellation_are_in_working_days() -> None:
    assert deadlines.progress(EveryOtherDay(), DAYS, date(2026, 6, 1)).date == date(2026, 7, 11)
    assert deadlines.cancellation(EveryOtherDay(), DAYS, date(2026, 6, 1)).date == date(2026, 6, 11)


def test_a_service_is_completed_in_calendar_days_that_no_holiday_moves() -> None:
    assert deadlines.completion(DAYS, date(2026, 6, 1)) == Deadline(date(2026, 8, 30), "official")


def test_the_end_of_the_calendar_is_the_last_deadline() -> None:
    assert deadlines.completion(DAYS, date(9999, 12, 1)).date == date.max
