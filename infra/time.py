"""The time port: the wall clock, or a fixed day for tests and catching up."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

JAKARTA = ZoneInfo("Asia/Jakarta")


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return datetime.now(JAKARTA).date()


class FixedTime:
    """Stands still at noon of a day, or at a moment."""

    def __init__(self, at: date | datetime) -> None:
        self._at = at if isinstance(at, datetime) else datetime.combine(at, time(12), JAKARTA)

    def now(self) -> datetime:
        return self._at.astimezone(UTC)

    def today(self) -> date:
        return self._at.astimezone(JAKARTA).date()
