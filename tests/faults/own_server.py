"""A PostgreSQL of a test's own, durable, to be killed and revived as often as the test likes; it holds the story.

It is made without waiting for the disk, and durable from the moment that the test has it.
"""

import os
import signal
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random
from typing import Self

import psycopg

from domain.application import Rujukan
from infra.migrate import migrate
from infra.persistence import persistence_environment
from infra.postgres import embedded
from infra.postgres.embedded import embedded_postgres
from infra.postgres.processes import postgres_processes, postmaster
from tests.faults.programs import eventually
from tests.faults.work import SEALER
from tests.projections.story import tell


class OwnServer:
    def __enter__(self) -> Self:
        with ExitStack() as stack:
            parent = stack.enter_context(tempfile.TemporaryDirectory(prefix="rj-", ignore_cleanup_errors=True))
            self.home = Path(parent).resolve() / "home"
            with embedded_postgres(self.home, durable=False) as url:
                migrate(url)
                application = Rujukan(env=persistence_environment(url))
                tell(application, SEALER)
                application.close()
            self.url = stack.enter_context(embedded_postgres(self.home, durable=True))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def kill(self) -> None:
        """SIGKILL to every process of it, the postmaster first, and none is left."""
        first = postmaster(self._data)
        assert first is not None
        kill([first.pid, *(process.pid for process in postgres_processes(self._data) if process != first)])
        eventually(lambda: not postgres_processes(self._data))

    def kill_a_backend(self, chance: Random) -> None:
        """SIGKILL to one session, upon which the postmaster ends all others and recovers."""
        text = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with psycopg.connect(self.url) as connection:
            sessions = [pid for (pid,) in connection.execute(text + " ORDER BY pid").fetchall()]
        kill([chance.choice(sessions)])

    def revive(self) -> None:
        embedded.revive(self.home)

    @property
    def _data(self) -> Path:
        return self.home / "postgres"


def kill(doomed: list[int]) -> None:
    for pid in doomed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
