"""Carries out commands, one after the other, until it is told to stop, and writes down which were acknowledged.

Lines of JSON: `begun` before a command (with the number of its events), `done` once the verb has returned (with the
position told), `failed` where it raised an error of the database, after which nothing is known of the command.
"""

import argparse
import json
import random
import threading
import time
from itertools import count
from pathlib import Path
from typing import TextIO

import psycopg
from eventsourcing.persistence import PersistenceError

from domain.application import Rujukan
from domain.errors import Contended
from infra.persistence import persistence_environment
from tests.faults.stopping import told_to_stop
from tests.faults.work import Step, Worker

PAUSE_AFTER_FAILURE = 0.05
"""Seconds."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--account", type=Path, required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--pause", type=float, required=True, help="seconds between two commands")
    given = parser.parse_args()
    stop = told_to_stop()
    application = Rujukan(env=persistence_environment(given.url))
    worker = Worker(application, given.number, random.Random(given.seed))
    with given.account.open("a") as account:
        write(worker, account, stop, given.pause)
    application.close()


def write(worker: Worker, account: TextIO, stop: threading.Event, pause: float) -> None:
    for life in count():
        for step in worker.life(life):
            if stop.wait(pause):
                return
            if not carried_out(step, account):
                time.sleep(PAUSE_AFTER_FAILURE)
                break


def carried_out(step: Step, account: TextIO) -> bool:
    events, command, verb = step
    note(account, begun=str(command.id), events=events)
    try:
        outcome = verb()
    except (PersistenceError, psycopg.Error, Contended) as error:
        note(account, failed=str(command.id), error=f"{type(error).__name__}: {error}")
        return False
    note(account, done=str(command.id), position=outcome.position)
    return True


def note(account: TextIO, **line: object) -> None:
    account.write(f"{json.dumps(line)}\n")
    account.flush()


if __name__ == "__main__":
    main()
