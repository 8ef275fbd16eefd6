"""Attests the log: grows the tree over it, and signs a checkpoint of each size that it comes to rest at.

One leads, by a session lock on the database. A checkpoint is kept in the database and outside of it, since a backup
that is restored brings yesterday's back: whoever begins to lead compares what was kept with the log first, and signs
nothing while the log is shorter than it was, or another.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

import psycopg
import structlog
from psycopg import Connection

from consumers.leading import Leading
from domain.proof.checkpoint import Checkpoint, NoCheckpoint, read_checkpoint
from domain.proof.note import KeyName, NotSigned, Signer, Verifier, opened, signed
from domain.proof.tree import leaf_hash, root
from projections import log_signing, log_tree

LOCK = 0x52554A550201
IDLE = 0.5
"""Seconds after which the log is looked at though nobody told of an event."""
REST = 1.0
"""Seconds that what follows is gathered after a checkpoint."""
BATCH = 4096
"""Events that the tree grows by in a transaction."""
BACKOFF = (0.5, 1.0, 2.0, 5.0, 30.0)

_log = structlog.get_logger("attesting")


class Denied(Exception):
    """What is there now does not follow from a checkpoint that was kept: nothing may be signed."""


class Keeper(Protocol):
    """A place outside the log's database where the last checkpoint is kept."""

    @property
    def name(self) -> str: ...

    @property
    def is_near(self) -> bool:
        """Whether it is no effort to look."""
        ...

    def last(self) -> str | None:
        """The note kept last."""
        ...

    def keep(self, note: str) -> None: ...


class Attesting:
    """`connect` opens a session of its own, which commits by itself."""

    def __init__(
        self,
        connect: Callable[[], Connection[Any]],
        key: KeyName,
        signer: Signer,
        verifier: Verifier,
        keepers: Sequence[Keeper],
    ) -> None:
        self._connect = connect
        self._key = key
        self._signer = signer
        self._verifier = verifier
        self._keepers = keepers
        self._kept_last: str | None = None
        """What this process gave them to keep last."""

    def beside(self, keeper: Keeper) -> "Attesting":
        """One whose checkpoints this keeper keeps too."""
        return Attesting(self._connect, self._key, self._signer, self._verifier, [*self._keepers, keeper])

    def run(self, stop: threading.Event) -> None:
        """Until told to stop, once it leads; what does not follow is told of, and looked at again after a while."""
        Leading(self._connect, LOCK, BACKOFF).run(self._lead, self.failed, stop)

    def failed(self, fault: Exception) -> None:
        """Tells whoever keeps it running why nothing is signed; what led to it is looked at again."""
        ours = isinstance(fault, (Denied, LookupError, log_tree.Torn))
        why = str(fault) if ours else f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]}"
        _log.error("not-attested", why=why)
        with suppress(psycopg.Error), self._connect() as session:
            log_signing.tell(session, why)

    def attest(self, session: Connection[Any]) -> Checkpoint:
        """Brings the tree up to the log's end and signs it, if it has grown. Raises `Denied`."""
        last = self._compared(session)
        while grown(session) == BATCH:
            pass
        return self._sign(session, last)

    def _lead(self, session: Connection[Any], stop: threading.Event) -> None:
        session.execute("LISTEN rujukan_events")
        last = self._compared(session)
        log_signing.tell(session, None)
        while not stop.is_set():
            if grown(session) == BATCH:  # a log that is written to all the time has no other end
                continue
            signed_now = self._sign(session, last)
            if signed_now.size > last.size:
                last = signed_now
                stop.wait(REST)
            else:
                list(session.notifies(timeout=IDLE, stop_after=1))

    def _compared(self, session: Connection[Any]) -> Checkpoint:
        """The largest checkpoint that was kept anywhere, if the tree follows from each."""
        self._kept_last = None
        size = log_tree.size(session)
        found = Checkpoint(self._key.name, 0, root(0, log_tree.subtrees(session, 0)))
        for where, note in self._kept(session):
            try:
                kept = read_checkpoint(opened(note, self._key, self._verifier))
            except (NotSigned, NoCheckpoint) as fault:
                told = f"The checkpoint kept in {where} is not signed by our key, of the id {self._key.id.hex()}"
                raise Denied(f"{told}: {fault}") from None
            while size < kept.size and grown(session):
                size = log_tree.size(session)
            if size < kept.size:
                raise Denied(f"The log ends at {size}; the checkpoint kept in {where} is of {kept.size}.")
            if root(kept.size, log_tree.subtrees(session, kept.size)) != kept.root:
                raise Denied(
                    f"Up to {kept.size} the log is another than when the checkpoint kept in {where} was signed."
                )
            found = max(found, kept, key=lambda checkpoint: checkpoint.size)
        return found

    def _kept(self, session: Connection[Any]) -> Sequence[tuple[str, str]]:
        outside = [(keeper.name, note) for keeper in self._keepers if (note := keeper.last()) is not None]
        inside = log_tree.newest_note(session)
        return outside if inside is None else [*outside, ("the database", inside)]

    def _sign(self, session: Connection[Any], last: Checkpoint) -> Checkpoint:
        """Kept outside first: a checkpoint that is known is never newer than what is kept."""
        size = log_tree.size(session)
        if size <= last.size:
            return last
        for keeper in self._keepers:
            if self._kept_last and keeper.is_near and keeper.last() not in (None, self._kept_last):
                raise Denied(f"The checkpoint kept in {keeper.name} is another than the one that was signed last.")
        if root(last.size, log_tree.subtrees(session, last.size)) != last.root:
            raise Denied(f"Up to {last.size} the log is another than when it was signed last.")
        found = Checkpoint(self._key.name, size, root(size, log_tree.subtrees(session, size)))
        note = signed(found.text(), self._key, self._signer)
        self._kept_last = note
        for keeper in self._keepers:
            keeper.keep(note)
        log_tree.keep_note(session, size, note)
        return found


def grown(session: Connection[Any], batch: int = BATCH) -> int:
    """By how many leaves the tree has grown now: none where it has come to the log's end."""
    with session.transaction():
        before = log_tree.size(session)
        found = log_tree.entries(session, before, batch)
        log_tree.grow(session, before, [leaf_hash(entry) for entry in found])
        return len(found)
