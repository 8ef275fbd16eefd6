"""Appends groups of 1 to 16 events on new streams, on several threads, until told to stop.

With `--library` by the event library's own recorder and its function in the database, into a table of that name;
else by Rujukan's.
"""

import argparse
import random
import threading
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment

from infra.persistence import Factory, persistence_environment
from tests.faults.stopping import told_to_stop

LIBRARY_TABLE = "library_events"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--library", action="store_true")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    given = parser.parse_args()
    stop = told_to_stop()
    factory = library_factory(given.url, makes_its_table=False) if given.library else rujukan_factory(given.url)
    recorder: Any = factory.application_recorder()
    chance = random.Random(given.seed)
    threads = [
        threading.Thread(target=append, args=[recorder, random.Random(chance.random()), stop])
        for _ in range(given.threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    factory.close()


def append(recorder: ApplicationRecorder, chance: random.Random, stop: threading.Event) -> None:
    while not stop.is_set():
        recorder.insert_events(events(chance.randint(1, 16)))


def events(count: int) -> Sequence[StoredEvent]:
    stream = uuid4()
    return [StoredEvent(stream, version, "test.happened.v1", b"{}") for version in range(1, count + 1)]


def rujukan_factory(url: str) -> Factory:
    return Factory(Environment("rujukan", persistence_environment(url)))


def library_factory(url: str, *, makes_its_table: bool) -> PostgresFactory:
    """As the library comes, with its fast switch on. Two that make its table and function at once fail."""
    given = persistence_environment(url)
    kept = {name: value for name, value in given.items() if name.startswith("POSTGRES_")}
    chosen = {"POSTGRES_ENABLE_DB_FUNCTIONS": "y", "CREATE_TABLE": "y" if makes_its_table else "n"}
    return PostgresFactory(Environment("library", {**kept, **chosen}))


if __name__ == "__main__":
    main()
