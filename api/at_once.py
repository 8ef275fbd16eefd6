"""How much of one kind a principal may have under way at once, in each process of the API."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from api.problems import Refusal

RETRY = {"Retry-After": "5"}


class AtOnce:
    """Refuses whoever has `most` under way, by the code `too-many-` and the name of the kind."""

    def __init__(self, kind: str, most: int, detail: str) -> None:
        self._code = f"too-many-{kind}"
        self._most = most
        self._detail = detail
        self._under_way: Counter[str] = Counter()
        self._guard = Lock()

    @contextmanager
    def place(self, who: str) -> Iterator[None]:
        """One of this principal's, until left; raises 429 where there is none."""
        with self._guard:
            if self._under_way[who] >= self._most:
                raise Refusal(429, self._code, self._detail, headers=RETRY)
            self._under_way[who] += 1
        try:
            yield
        finally:
            with self._guard:
                self._under_way[who] -= 1
                if not self._under_way[who]:
                    del self._under_way[who]
