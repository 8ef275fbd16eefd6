"""Where a row measures: a durable PostgreSQL of its own, at a scale, for so many rounds."""

import base64
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import SecretStr

from infra.database import migrated
from infra.postgres.embedded import embedded_postgres
from infra.postgres.names import KEYS
from infra.settings import Settings

Tell = Callable[[str], None]
ENDLESS = 100_000_000
MASTER_KEY = bytes(range(32))


@dataclass(frozen=True)
class Bench:
    """At `scale` 1, which the bars are meant for, or less: shorter runs on smaller tables. `rounds` is of each side."""

    server: str
    home: Path
    scale: float
    rounds: int
    seed: int
    tell: Tell

    def many(self, full: int, least: int = 1) -> int:
        """So many at this scale, of those at full scale."""
        return max(least, round(full * self.scale))

    def seconds(self, full: float) -> float:
        """How long to run, of what full scale takes: never so short that starting up shows."""
        return max(1.0, full * min(1.0, self.scale * 4))

    @property
    def settings(self) -> Settings:
        return settings_of(self.home)

    @contextmanager
    def database(self, name: str, *, like: str = "template1") -> Iterator[str]:
        """URL of a migrated database of this name, with what the one named `like` holds, gone at the end; so are its
        keys beside it."""
        copied = like if like == "template1" else like + KEYS
        names = {name: like, name + KEYS: copied}
        with psycopg.connect(self.server, autocommit=True) as connection:
            for new, old in names.items():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(new), sql.Identifier(old))
                )
        url = self.server.replace("/rujukan?", f"/{name}?")
        try:
            migrated(self.settings, url)
            yield url
        finally:
            with psycopg.connect(self.server, autocommit=True) as connection:
                for new in names:
                    connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(new)))


@contextmanager
def bench(scale: float, rounds: int, seed: int, tell: Tell) -> Iterator[Bench]:
    """The server waits for the disk at every commit, as in production, and is removed with all it held."""
    home = Path(tempfile.mkdtemp(prefix="rujukan-bench-"))
    try:
        with embedded_postgres(home, durable=True) as url:
            yield Bench(url, home, scale, rounds, seed, tell)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def settings_of(home: Path) -> Settings:
    """Those of an installation of its own, under a master key known to all rows, whose callers may ask for ever."""
    return Settings(
        home=home,
        master_key=SecretStr(base64.b64encode(MASTER_KEY).decode()),
        requests_per_minute=ENDLESS,
        look_ups_per_hour=ENDLESS,
        households_per_hour=ENDLESS,
        numbers_per_day=ENDLESS,
    )
