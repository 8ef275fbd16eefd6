"""Processes that fold the bulk of a rebuild together, a share of the shards each."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from eventsourcing.utils import Environment

from infra.collector import collect_seldom
from infra.event_log.reader import LogReader
from infra.persistence import Factory, direct_session, persistence_environment
from projections.engine.folding_aside import fold_here
from projections.engine.projection import Projection
from projections.engine.runner import Stopped
from projections.engine.shard import Shard

LOOK = 0.5
"""Seconds between looks at how far they are."""

Ends = Mapping[Shard, int]


class WorkerLost(Exception):
    """A worker process ended without having finished."""

    def __init__(self, projection: str, code: int | None) -> None:
        super().__init__(f"A process that made {projection} anew ended with {code}; what it did is kept. Run it again.")


class Workers:
    """Implements `projections.engine.folding_aside.Fold` by so many processes at once."""

    def __init__(self, url: str, count: int) -> None:
        self._url = url
        self._count = count

    def __call__(self, projection: Projection[Any], ends: Ends, told: Callable[[], None]) -> None:
        """Raises `Stopped` where one of them did, and `WorkerLost`. None is left when it returns."""
        shards = sorted(ends)
        shares = [{shard: ends[shard] for shard in shards[n :: self._count]} for n in range(self._count)]
        started = [self._start(projection, share) for share in shares if share]
        try:
            while waiting := [pipe for process, pipe in started if process.is_alive()]:
                if wait(waiting, LOOK):
                    self._raise_fault(projection, started)
                told()
            self._raise_fault(projection, started)
        finally:
            for process, pipe in started:
                process.terminate()
                process.join()
                pipe.close()

    def _start(self, projection: Projection[Any], share: Ends) -> tuple[SpawnProcess, Connection]:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_work, args=(self._url, projection, dict(share), there), daemon=True)
        process.start()
        there.close()
        return process, here

    @staticmethod
    def _raise_fault(projection: Projection[Any], started: list[tuple[SpawnProcess, Connection]]) -> None:
        for _, pipe in started:
            try:
                told = pipe.recv() if pipe.poll() else None
            except EOFError:
                told = None
            if told is not None:
                raise Stopped(*told)
        for process, _ in started:
            if process.exitcode:
                raise WorkerLost(projection.name, process.exitcode)


def _work(url: str, projection: Projection[Any], ends: Ends, parent: Connection) -> None:
    """What a worker process does. It ends at once when the process that started it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    factory = Factory(Environment("rujukan", persistence_environment(url)))
    log = factory.application_recorder()
    if not isinstance(log, LogReader):
        raise TypeError(f"The log is kept by {type(log).__name__}.")
    try:
        fold_here(lambda: direct_session(url, "rujukan rebuild"), log)(projection, ends, lambda: None)
    except Stopped as stopped:
        parent.send((stopped.projection, stopped.position, stopped.reason))
    finally:
        factory.close()


def _end_with(parent: Connection) -> None:
    """The other end of the pipe is closed when its process ends, however it ends."""
    try:
        parent.recv()
    except (EOFError, OSError):
        os._exit(1)
