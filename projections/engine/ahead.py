"""Reads the next batch while the one before it is being folded and written."""

import threading

from projections.engine.log import Batch, LogReader, Wanted


class Ahead:
    """The wanted events of a log, for one reader that goes through it in order."""

    def __init__(self, log: LogReader, wanted: Wanted) -> None:
        self._log = log
        self._wanted = wanted
        self._next: _Reading | None = None

    def batch(self, after: int, limit: int) -> Batch:
        """As `LogReader.batch`. What was read ahead for another place is forgotten."""
        reading, self._next = self._next, None
        if reading is not None and reading.asked == (after, limit):
            return reading.result()
        return self._log.batch(after, limit, self._wanted)

    def prepare(self, after: int, limit: int) -> None:
        """Begins to read what will probably be asked for next."""
        if limit > 0:
            self._next = _Reading(self._log, after, limit, self._wanted)


class _Reading:
    def __init__(self, log: LogReader, after: int, limit: int, wanted: Wanted) -> None:
        self.asked = (after, limit)
        self._log, self._wanted = log, wanted
        self._batch: Batch | None = None
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._read, name="reading ahead", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            self._batch = self._log.batch(*self.asked, self._wanted)
        except Exception as fault:
            self._fault = fault

    def result(self) -> Batch:
        self._thread.join()
        if self._batch is None:
            raise self._fault or RuntimeError("Nothing was read ahead.")
        return self._batch
