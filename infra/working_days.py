"""Working days with Indonesian holidays: those that `lokal-id` knows, and those of an administrator's file."""

from datetime import date, timedelta
from pathlib import Path

from lokal import HOLIDAY_YEARS, get_holidays

from domain.values import Deadline
from infra.holiday_file import read_holiday_file

SATURDAY = 5
DAY = timedelta(days=1)


class WorkingDays:
    """Implements `domain.ports.Calendar`: Monday to Friday, without national holidays and collective leave
    (*cuti bersama*), both of which close public offices."""

    def __init__(self, extra: Path | None) -> None:
        """`extra` adds years, or replaces known ones whole; raises `HolidayFileError` where it is at fault."""
        self._holidays = {year: _published(year) for year in HOLIDAY_YEARS}
        if extra is not None:
            self._holidays |= read_holiday_file(extra)

    def after(self, start: date, working_days: int) -> Deadline:
        """The working day so many after `start`; `start` itself for none, and days before it for a negative number.

        `provisional` where a day that was passed over or reached lies in a year without data. There is no error: at
        the ends of the calendar (the years 1 and 9999) the last day stands, provisional.
        """
        step, end = (DAY, date.max) if working_days >= 0 else (-DAY, date.min)
        day, left, calendar = start, abs(working_days), "official"
        while left and day != end:
            day += step
            holidays = self._holidays.get(day.year)
            if holidays is None:
                calendar = "provisional"
            if day.weekday() < SATURDAY and (holidays is None or day not in holidays):
                left -= 1
        return Deadline(day, "provisional" if left else calendar)


def _published(year: int) -> frozenset[date]:
    return frozenset(date.fromisoformat(holiday.date) for holiday in get_holidays(year).holidays)
