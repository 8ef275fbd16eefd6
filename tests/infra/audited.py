"""`rujukan audit` as an auditor types it, on a log that tells a story and of which a checkpoint was signed."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from infra.bootstrap import composed
from infra.cli import app
from infra.postgres.names import beside
from infra.settings import load_settings
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from tests.faults.work import SEALER
from tests.projections.story import tell

Run = Callable[..., tuple[int, str]]


def audited(
    database: str, home: Path, monkeypatch: pytest.MonkeyPatch, *, folded: bool = False, empty: bool = False
) -> Run:
    """What it returns tells a command's status, and what was said, in one line."""
    monkeypatch.setenv("RUJUKAN_HOME", str(home))
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("KEYS_DATABASE_URL", beside(database))
    monkeypatch.setenv("RUJUKAN_LOG_ORIGIN", "rujukan.test/log")
    monkeypatch.setenv("COLUMNS", "200")
    with composed(load_settings(), database) as whole:
        if not empty:
            tell(whole.services.application, SEALER)
        with whole.attesting_session() as session:
            whole.attesting().attest(session)
        for projection in PROJECTIONS if folded else ():
            Runner(whole.connect, whole.recorder, projection).catch_up()

    def rujukan(*words: object) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["audit", *map(str, words)])
        return result.exit_code, " ".join((result.stdout + result.stderr).split())

    return rujukan


def changed(url: str, *statements: str) -> None:
    """By a superuser, who takes the triggers away first."""
    with psycopg.connect(url) as session:
        for table in ("rujukan_events", "published_reports"):
            session.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            session.execute(statement)  # type: ignore[call-overload]
