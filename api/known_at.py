"""At which position of the log a figure is known: given as a position, a moment, or a date."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Protocol

from api.problems import Refusal

POSITION = re.compile(r"[0-9]{1,18}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?(?:([Zz])|([ +-])([0-9]{2}:[0-9]{2}))"
)
JAKARTA = timezone(timedelta(hours=7), "Asia/Jakarta")
"""Western Indonesia Time, which knows no summer time."""


class Positions(Protocol):
    """As much of a log as tells where it ends and which moment was where."""

    def head(self) -> int: ...

    def position_at(self, moment: datetime) -> int: ...


def position_known(records: Positions, known_at: str | None) -> int:
    """The end of the log unless given; a bare date is its end in Asia/Jakarta. 400 for what is none of these."""
    head = records.head()
    if known_at is None:
        return head
    if POSITION.fullmatch(known_at):
        position = int(known_at)
        if position > head:
            raise Refusal(400, "position-beyond-log", f"The log ends at position {head}.", field="known_at")
        return position
    return records.position_at(moment_of(known_at))


def moment_of(text: str) -> datetime:
    try:
        if DATE.fullmatch(text):
            return end_of(date.fromisoformat(text))
        if found := MOMENT.fullmatch(text):
            day, clock, fraction, zulu, sign, offset = found.groups()
            # A `+` that was not percent-encoded arrives as a space.
            zone = "+00:00" if zulu else f"{'-' if sign == '-' else '+'}{offset}"
            return datetime.fromisoformat(f"{day}T{clock}{(fraction or '')[:7]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    detail = "known_at must be a position, a date, or an RFC 3339 moment such as 2026-03-31T17:00:00Z."
    raise Refusal(400, "malformed-known-at", detail, field="known_at")


def end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, JAKARTA).astimezone(UTC)
