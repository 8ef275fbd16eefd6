"""Destroys the keys of whom was erased: each erasure is logged first, and tried until it is done."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import structlog

from domain.ports import KeyDestroyer

_log = structlog.get_logger("erasing")


class Erasures(Protocol):
    """The log, as far as an erasure is concerned."""

    def erased_keys(self, after: int) -> Sequence[tuple[int, Sequence[UUID]]]:
        """Position and keys of each erasure behind this position, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`destroyed` keys were still to be; `returned` ones had been and were there again; `unknown` ones are destroyed,
    and no erasure in the log says so."""

    destroyed: frozenset[UUID]
    returned: frozenset[UUID]
    unknown: frozenset[UUID]


class Erasing:
    """Follows the erasures of the log from its beginning on. To destroy a key again does no harm, so each process that
    runs this begins anew, and several may."""

    def __init__(self, log: Erasures, destroyer: KeyDestroyer) -> None:
        self._log = log
        self._destroyer = destroyer
        self._position = 0

    def reconcile(self) -> Reconciled:
        """Destroys every key whose erasure is logged, or that was destroyed before: after a restore of either database,
        or of a part of one, some are there again.

        Keys whose destruction the log does not know of stay destroyed: an older log was restored.
        """
        erasures = self._log.erased_keys(0)
        erased = {key for _, keys in erasures for key in keys}
        gone = self._destroyer.destroyed_keys()
        returned = frozenset(self._destroyer.returned_keys())
        found = Reconciled(frozenset(erased - gone), returned, frozenset(gone - erased))
        self._destroyer.destroy_keys(found.destroyed | found.returned)
        self._position = erasures[-1][0] if erasures else 0
        return found

    def carry_out(self) -> int:
        """Destroys the keys of the erasures logged since the last time, and returns how many keys those were."""
        erasures = self._log.erased_keys(self._position)
        keys = [key for _, keys in erasures for key in keys]
        if keys:
            self._destroyer.destroy_keys(keys)
            self._position = erasures[-1][0]
        return len(keys)

    def run(self, stop: threading.Event, every: float) -> None:
        """Looks every so many seconds until told to stop; a failed round is told of and made again."""
        while not stop.is_set():
            try:
                if keys := self.carry_out():
                    _log.info("keys-destroyed", keys=keys)
            except Exception as error:
                _log.error("erasing-failed", kind=type(error).__name__)
            stop.wait(every)
