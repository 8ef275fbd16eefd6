"""The streams that are open in this process: how many, for whom there is something new, and their common end."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from api.at_once import AtOnce

HEARTBEAT = 15.0
"""Seconds without a message after which a stream says that it is still there: less than proxies wait."""
LOOK = 0.4
"""Seconds between looks for something new. Two of them may pass before a message is seen."""
MOST = 4
"""Of one principal: one that reads, another that takes over, and two whose clients have gone without a word."""
TOO_MANY = f"You have {MOST} streams open; close one, or wait until the server has noticed that its reader is gone."

Look = Callable[[Collection[UUID]], Mapping[UUID, int]]
"""Tells the position of the last message of each of these agencies."""


class Streams:
    """While none is open nobody looks for anything; while some are, one look serves all of them."""

    def __init__(self, heartbeat: float = HEARTBEAT) -> None:
        self.heartbeat = heartbeat
        self.ending = False
        self._at_once = AtOnce("streams", MOST, TOO_MANY)
        self._followed: Counter[UUID] = Counter()
        self._newest: Mapping[UUID, int] = {}
        self._looked = -LOOK

    @property
    def open(self) -> int:
        """How many there are."""
        return self._followed.total()

    @contextmanager
    def place(self, who: str, agency: UUID) -> Iterator[None]:
        """For a stream of this principal, until left; raises 429 where they have too many."""
        with self._at_once.place(who):
            self._followed[agency] += 1
            try:
                yield
            finally:
                self._followed[agency] -= 1
                if not self._followed[agency]:
                    del self._followed[agency]

    async def newest(self, agency: UUID, look: Look) -> int:
        """The position of the agency's last message, as of so long ago as a look is from the next; 0 before the first
        look. Who is first to come when one is due makes it for everyone."""
        if monotonic() - self._looked >= LOOK:
            self._looked = monotonic()
            self._newest = await run_in_threadpool(look, list(self._followed))
        return self._newest.get(agency, 0)

    def end(self) -> None:
        """All streams come to their end within a look, and those that are opened from now on at once."""
        self.ending = True
