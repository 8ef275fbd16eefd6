"""The application for loading much at once: verbs decide in memory, and what they decided is appended in batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from uuid import UUID

from eventsourcing.utils import EnvType

from domain.aggregate import Recorded, RecordedEvent
from domain.application import Rujukan
from domain.deciding import KEPT_REFUSALS, Kind, Release
from domain.errors import AlreadyRegistered, NotFound, Refused
from domain.values import Claim, Command, LookupKey, Outcome
from infra.event_log.streams import MOST_STREAMS

BATCH = 1000
"""Events of an append, about: a verb is never divided, nor what is loaded together."""


def nothing() -> None:
    """What goes before an append that stands alone."""


class BatchAborted(RuntimeError):
    """A command failed before, so nothing of its batch was stored; what was flushed before it stays."""


class Bulk(Rujukan):
    """The same verbs as the application's, and by them the same log, for one thread that loads much.

    Aggregates stay in memory, so another writer of the same records is noticed when the batch is appended: a version
    taken meanwhile, or a family card registered meanwhile, fails the whole batch. Every error inside a verb aborts the
    batch, because aggregates in memory may have been changed by half of it: nothing of it is stored, the error is
    raised, and any later call raises `BatchAborted`.

    `Outcome.position` is 0, as positions are given when the batch is appended; `flush` answers with the last of them.
    Commands with a receipt (an idempotency key) are refused by `ValueError`: their answer needs the position.
    """

    name = Rujukan.name

    def __init__(self, env: EnvType | None = None, *, batch: int = BATCH, before: Callable[[], None] = nothing) -> None:
        """`before` is called before each append, for what is to be stored ahead of its events."""
        super().__init__(env)
        self._before = before
        self._batch = batch
        self._records: dict[UUID, Recorded] = {}
        self._aborted = False
        self._together = False
        self._last_position = 0
        self.appended = 0
        """How many events this load has appended."""
        self._forget_batch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Appends what is left, unless an error ended the load."""
        try:
            if error is None:
                self.flush()
        finally:
            self.close()

    # Batches

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is decided inside lands in one append, all or none."""
        self._together = True
        try:
            yield
        except BaseException:
            self._abort()
            raise
        finally:
            self._together = False
        self._flush_if_full()

    def flush(self) -> int:
        """Appends what was gathered and returns the position of the last event that this load appended.

        Raises what the recorder raises: `IntegrityError` where a version is taken, `AlreadyRegistered`.
        """
        self._check_sound()
        if self._events:
            try:
                self._before()
                self._last_position = self.put(
                    self._events,
                    claims=tuple(self._claims.values()),
                    releases=self._releases,
                    decided=[self._records[stream] for stream in {event.originator_id for event in self._events}],
                )
            except BaseException:
                self._abort()
                raise
            self.appended += len(self._events)
            self._forget_batch()
        return self._last_position

    def _flush_if_full(self) -> None:
        if not self._together and len(self._events) >= self._batch:
            self.flush()

    def _abort(self) -> None:
        self._aborted = True
        self._records.clear()
        self._forget_batch()

    def _forget_batch(self) -> None:
        self._events: list[RecordedEvent] = []
        self._claims: dict[LookupKey, Claim] = {}
        self._releases: list[Release] = []

    def _check_sound(self) -> None:
        if self._aborted:
            raise BatchAborted("A command of this load failed before; its batch was not stored.")

    # In place of loading and storing one by one

    def preload(self, records: Iterable[UUID]) -> None:
        """Loads all of these at once that are not in memory yet, so that the verbs find them there."""
        self._check_sound()
        missing = [record for record in dict.fromkeys(records) if record not in self._records]
        for start in range(0, len(missing), MOST_STREAMS):
            self._records.update(self.log_reader.records(missing[start : start + MOST_STREAMS]))

    def forget(self) -> None:
        """Lets go of the records in memory, after appending what was gathered."""
        self.flush()
        self._records.clear()

    def load(self, kind: type[Kind], record: UUID) -> Kind:
        self._check_sound()
        found = self._records.get(record)
        if found is None:
            found = self._records[record] = super().load(kind, record)
        if not isinstance(found, kind):
            raise NotFound(kind.TOPIC)
        return found

    def persist(self, attempt: Callable[[], Outcome], command: Command, kind: str, stream: UUID) -> Outcome:
        self._check_sound()
        if command.receipt is not None:
            raise ValueError("A bulk load leaves no receipts.")
        try:
            outcome = attempt()
        except BaseException as error:
            self._abort()
            if isinstance(error, Refused) and kind in KEPT_REFUSALS:
                self.log_reader.record_refusal(command.actor, stream, kind, error)
            raise
        self._flush_if_full()
        return outcome

    def store(
        self,
        command: Command,
        primary: Recorded,
        *others: Recorded,
        ids: dict[str, str],
        claims: Sequence[Claim] = (),
        releases: Sequence[Release] = (),
    ) -> Outcome:
        events: list[RecordedEvent] = []
        for record in (primary, *others):
            self._records[record.id] = record
            events += [event for event in record.collect_events() if isinstance(event, RecordedEvent)]
        if events:
            self._release(releases)
            self._claim(claims)
            self._events += events
        return Outcome(0, primary.version, not events, ids)

    def _release(self, releases: Sequence[Release]) -> None:
        """The recorder writes an append's releases before its claims; one gathered for release is so never written."""
        for release in releases:
            kept = {k: c for k, c in self._claims.items() if (c.household, c.member) != release}
            self._claims = kept
            self._releases.append(release)

    def _claim(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            earlier = self._claims.get(claim.key)
            if earlier is not None:
                raise AlreadyRegistered(claim.key.kind, earlier.household)
            self._claims[claim.key] = claim
