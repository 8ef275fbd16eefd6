"""The latest event of each thread as a snapshot keeps it: read only when a decision looks for it."""

from collections.abc import Iterable, Iterator, MutableMapping
from uuid import UUID

import msgspec
from eventsourcing.persistence import JSONTranscoder, StoredEvent

from domain.aggregate import RecordedEvent, Thread
from infra.event_log.mapper import EventMapper

_mapper = EventMapper(JSONTranscoder())


class KeptEvent(msgspec.Struct, array_like=True):
    """An event, and the threads that it is the latest word on."""

    version: int
    topic: str
    state: msgspec.Raw
    threads: list[Thread]


class Recollection(MutableMapping[Thread, RecordedEvent]):
    """As a dictionary of what it was made from: one event stands under all its threads."""

    def __init__(self, stream: UUID, kept: Iterable[KeptEvent]) -> None:
        self._stream = stream
        self._kept = {event.version: event for event in kept}
        self._events: dict[int, RecordedEvent] = {}
        self._versions = {thread: event.version for event in self._kept.values() for thread in event.threads}

    def __getitem__(self, thread: Thread) -> RecordedEvent:
        version = self._versions[thread]
        event = self._events.get(version)
        if event is None:
            kept = self._kept[version]
            stored = StoredEvent(self._stream, version, kept.topic, bytes(kept.state))
            event = self._events[version] = _mapper.to_recorded_event(stored)
        return event

    def __setitem__(self, thread: Thread, event: RecordedEvent) -> None:
        self._versions[thread] = event.originator_version
        self._events[event.originator_version] = event

    def __delitem__(self, thread: Thread) -> None:
        del self._versions[thread]

    def __iter__(self) -> Iterator[Thread]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def kept(self) -> list[KeptEvent]:
        """In the order of versions; what was never read is handed on as it was."""
        threads: dict[int, list[Thread]] = {}
        for thread, version in self._versions.items():
            threads.setdefault(version, []).append(thread)
        return [self._keep(version, threads[version]) for version in sorted(threads)]

    def _keep(self, version: int, threads: list[Thread]) -> KeptEvent:
        known = self._kept.get(version)
        if known is not None:
            return KeptEvent(version, known.topic, known.state, threads)
        stored = _mapper.to_stored_event(self._events[version])
        return KeptEvent(version, stored.topic, msgspec.Raw(stored.state), threads)


def kept_of(stream: UUID, latest: MutableMapping[Thread, RecordedEvent]) -> list[KeptEvent]:
    """What a snapshot keeps of these."""
    if isinstance(latest, Recollection):
        return latest.kept()
    recollection = Recollection(stream, ())
    recollection.update(latest)
    return recollection.kept()
