"""By when something is expected: the dates that are frozen into events, by the calendar and the settings of the day."""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.ports import Calendar
from domain.values import Deadline

OFFICIAL = "official"
"""What a deadline in calendar days is: no holiday moves it."""


@dataclass(frozen=True, slots=True)
class Days:
    """Lengths, in calendar days but for those named working days.

    An accepted referral gets on within `progress_working_days`, a service begun is completed within `service_days`, a
    request for cancellation is answered within `cancel_working_days`, and a referral without an answer expires
    `expires_after_days` after it was due. The next three are for follow-up: a graduate is connected, a proposal dealt
    with, and an unsuccessful referral redirected or settled. For `agency_retention_days` after its part has ended an
    agency still reads what a referral disclosed.
    """

    expires_after_days: int = 30
    progress_working_days: int = 20
    service_days: int = 90
    cancel_working_days: int = 5
    unconnected_after_days: int = 14
    proposal_due_days: int = 14
    redirect_due_days: int = 14
    agency_retention_days: int = 90


def response(calendar: Calendar, on: date, response_days: int) -> Deadline:
    """By when an agency answers what reaches it on this day; the service says within how many working days."""
    return calendar.after(on, response_days)


def expiry(days: Days, respond_by: Deadline) -> date:
    """The last day on which a referral may still be answered."""
    return _later(respond_by.date, days.expires_after_days)


def progress(calendar: Calendar, days: Days, since: date) -> Deadline:
    """By when the next step is expected after an acceptance, an appointment, an attendance or a miss on this day."""
    return calendar.after(since, days.progress_working_days)


def completion(days: Days, started_on: date) -> Deadline:
    """By when a service begun on this day is expected to have an outcome."""
    return Deadline(_later(started_on, days.service_days), OFFICIAL)


def cancellation(calendar: Calendar, days: Days, on: date) -> Deadline:
    """By when an agency answers a request for cancellation; after it the referral is cancelled by itself."""
    return calendar.after(on, days.cancel_working_days)


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max
