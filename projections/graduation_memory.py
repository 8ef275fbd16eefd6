"""Remembers what the whole country's figures are, until an event changes anything about graduations."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from projections.graduation_question import CountQuestion

Rows = Sequence[Mapping[str, Any]]

MOST_ROWS = 20_000
"""Of all answers together, about 20 MB; the answer that was longest not asked for is forgotten first. One with more
than a tenth of them (each facilitator of the country, each village) is not remembered."""


class CountMemory:
    """The rows that answered a question, under the mark of the tables that they were read from.

    A mark changes with every event that matters to graduations and whenever the tables are others, so what is
    remembered under the present one is what would be read; everything else is forgotten. One for all requests of a
    process.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most_rows = most_rows
        self._mark = ""
        self._found: OrderedDict[CountQuestion, Rows] = OrderedDict()
        self._rows = 0
        self._lock = Lock()

    def recall(self, question: CountQuestion, mark: str) -> Rows | None:
        with self._lock:
            if mark != self._mark or question not in self._found:
                return None
            self._found.move_to_end(question)
            return self._found[question]

    def keep(self, question: CountQuestion, mark: str, rows: Rows) -> None:
        if len(rows) * 10 > self._most_rows:
            return
        with self._lock:
            if mark != self._mark:
                self._mark, self._rows = mark, 0
                self._found.clear()
            self._rows += len(rows) - len(self._found.pop(question, ()))
            self._found[question] = rows
            while self._rows > self._most_rows:
                self._rows -= len(self._found.popitem(last=False)[1])
