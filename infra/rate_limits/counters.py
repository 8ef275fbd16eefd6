"""Fills the API's port for rate limits with the strategies of the library `limits`."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

from api.rate_limits import Limited
from infra.rate_limits.in_memory import InMemory
from infra.rate_limits.opened import OpenedLately
from infra.rate_limits.shared import Shared

PORTION = 50
"""Households taken from the shared counter at a time; so many may be counted too much in each process."""


@dataclass(frozen=True)
class Bounds:
    """How many of each are allowed; `Settings` explains them."""

    requests_per_minute: int
    look_ups_per_hour: int
    strangers_per_minute: int
    households_per_hour: int
    numbers_per_day: int


class Counters:
    """Implements `api.rate_limits.RateLimits`.

    Look-ups, households and numbers are counted by all processes together. Requests are counted by each process, as
    they may cost nothing; so are strangers, who may not make the database work, and who are kept apart: however many
    addresses they come from, no principal's count is forgotten for them.
    """

    def __init__(self, bounds: Bounds, pool: ConnectionPool[Connection[DictRow]]) -> None:
        alone, strangers = FixedWindowRateLimiter(InMemory()), FixedWindowRateLimiter(InMemory())
        together = FixedWindowRateLimiter(Shared(pool))
        households = RateLimitItemPerHour(bounds.households_per_hour)
        self._of: dict[Limited, tuple[FixedWindowRateLimiter, RateLimitItem]] = {
            Limited.REQUESTS: (alone, RateLimitItemPerMinute(bounds.requests_per_minute)),
            Limited.STRANGERS: (strangers, RateLimitItemPerMinute(bounds.strangers_per_minute)),
            Limited.LOOK_UPS: (together, RateLimitItemPerHour(bounds.look_ups_per_hour)),
            Limited.HOUSEHOLDS: (together, households),
            Limited.NUMBERS: (together, RateLimitItemPerDay(bounds.numbers_per_day)),
        }
        self._portion = max(1, min(PORTION, bounds.households_per_hour // 10))
        self._lately = OpenedLately(households.get_expiry())

    def hit(self, limited: Limited, who: str, many: int = 1) -> int | None:
        return self._hit(limited, who, many)

    def spent(self, limited: Limited, who: str) -> int | None:
        strategy, item = self._of[limited]
        return None if strategy.test(item, limited.value, who) else self._wait(limited, who)

    def opened(self, who: str, households: Collection[UUID]) -> int | None:
        lacking = self._lately.open(who, households)
        while lacking:
            taken = max(self._portion, lacking)
            wait = self._hit(Limited.HOUSEHOLDS, who, taken)
            if wait is not None:
                return wait
            lacking = self._lately.open(who, households, taken)
        return None

    def _hit(self, limited: Limited, who: str, cost: int) -> int | None:
        strategy, item = self._of[limited]
        return None if strategy.hit(item, limited.value, who, cost=cost) else self._wait(limited, who)

    def _wait(self, limited: Limited, who: str) -> int:
        strategy, item = self._of[limited]
        return int(strategy.get_window_stats(item, limited.value, who).reset_time - time.time()) + 1
