"""How a command gets at Rujukan on its database, and how faults that an operator can mend are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import psycopg

from infra.bootstrap import Composed, composed
from infra.commands.up import KNOWN_FAULTS
from infra.database import database, migrated
from infra.settings import Settings, SettingsError, load_settings
from infra.terminal import console, fail, step
from infra.time import FixedTime


@contextmanager
def opened(now: date | None = None, *, make: bool = False) -> Iterator[Composed]:
    """Rujukan on its database; unless told to `make` one, a directory that holds none is a mistake."""
    settings = given_settings()
    if not make and settings.database_url is None and not (settings.home / "postgres").exists():
        fail(f"There is no database in {settings.home}; RUJUKAN_HOME says where it is, and `rujukan up` makes one.")
    with faults_told(), database(settings, console.print) as url:
        with step("Migrating the databases"):
            migrated(settings, url)
        with composed(settings, url, time=None if now is None else FixedTime(now)) as whole:
            yield whole


@contextmanager
def faults_told() -> Iterator[None]:
    """A fault that an operator can mend is told on one line."""
    try:
        yield
    except KNOWN_FAULTS as fault:
        fail(str(fault))
    except psycopg.OperationalError as fault:
        fail(f"The database does not answer: {str(fault).splitlines()[0]}")
    except psycopg.Error as fault:
        fail(f"The database holds what it should not, or lacks what it should: {str(fault).splitlines()[0]}")


def given_settings(*, port: int | None = None) -> Settings:
    try:
        return load_settings(port=port)
    except SettingsError as fault:
        fail(str(fault))
