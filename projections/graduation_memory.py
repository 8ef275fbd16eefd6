"""Remembers the figures that take long to read, until an event changes anything about graduations."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from projections.graduation_question import CountQuestion, Where

Rows = Sequence[Mapping[str, Any]]

MOST_ROWS = 40_000
"""Of all answers together, about 40 MB, so that each facilitator of the country may be in one of them; the answer that
was longest not asked for is forgotten first. One with more than a tenth of them (each facilitator of the country, each
village) is not remembered."""


class CountMemory:
    """The rows that answered a question, under the mark of the tables that they were read from.

    A mark changes with every event that matters to graduations and whenever the tables are others, so what is
    remembered under the present one is what would be read; everything else is forgotten. One for all requests of a
    process.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most_rows = most_rows
        self._mark = ""
        self._found: OrderedDict[tuple[CountQuestion, Where], Rows] = OrderedDict()
        self._rows = 0
        self._lock = Lock()

    def recall(self, question: CountQuestion, place: Where, mark: str) -> Rows | None:
        asked = question, place
        with self._lock:
            if mark != self._mark or asked not in self._found:
                return None
            self._found.move_to_end(asked)
            return self._found[asked]

    def keep(self, question: CountQuestion, place: Where, mark: str, rows: Rows) -> None:
        asked = question, place
        if len(rows) * 10 > self._most_rows:
            return
        with self._lock:
            if mark != self._mark:
                self._mark, self._rows = mark, 0
                self._found.clear()
            self._rows += len(rows) - len(self._found.pop(asked, ()))
            self._found[asked] = rows
            while self._rows > self._most_rows:
                self._rows -= len(self._found.popitem(last=False)[1])
