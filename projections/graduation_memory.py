"""Remembers what the whole country's figures are, until an event changes anything about graduations."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from projections.graduation_question import CountQuestion, Where

Rows = Sequence[Mapping[str, Any]]
Asked = tuple[CountQuestion, Where]

MOST = 500
"""Questions that are remembered; the one that was longest not asked is forgotten first."""


class CountMemory:
    """The rows that answered a question, under the mark of the tables that they were read from.

    A mark changes with every event that matters to graduations and with every rebuild that took the tables' place, so
    what is remembered under the present one is what would be read. One for all requests of a process.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: OrderedDict[Asked, tuple[str, Rows]] = OrderedDict()
        self._lock = Lock()

    def recall(self, question: CountQuestion, place: Where, mark: str) -> Rows | None:
        with self._lock:
            kept, rows = self._found.get((question, place), ("", ()))
            if kept != mark:
                return None
            self._found.move_to_end((question, place))
            return rows

    def keep(self, question: CountQuestion, place: Where, mark: str, rows: Rows) -> None:
        with self._lock:
            self._found[question, place] = mark, rows
            self._found.move_to_end((question, place))
            if len(self._found) > self._most:
                self._found.popitem(last=False)
