"""A database whose log is owned and migrated by one login, and used by another."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from infra.bootstrap import composed
from infra.migrate import KEYS, MigrationError, migrate
from infra.postgres.names import beside
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from projections.engine import rebuild
from projections.engine.runner import Runner
from tests.infra.sample_loads import load_sample


@pytest.fixture
def logins(empty_database: str) -> Iterator[tuple[str, str]]:
    """URLs of the owner's login and of the application's, made as the README says."""
    owner, user = f"owner_{uuid4().hex[:8]}", f"user_{uuid4().hex[:8]}"
    with psycopg.connect(empty_database, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"CREATE ROLE {owner} LOGIN")
        connection.execute(f"CREATE ROLE {user} LOGIN")
        connection.execute(f"ALTER DATABASE {name} OWNER TO {owner}")
        connection.execute(f"ALTER DATABASE {name}_keys OWNER TO {user}")
        connection.execute(
            "DO $$ BEGIN CREATE ROLE rujukan_application; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        connection.execute(f"GRANT rujukan_application TO {owner} WITH ADMIN OPTION")
        connection.execute(f"GRANT rujukan_application TO {user}")
        first, _, rest = empty_database.partition("@")
        scheme = first.partition("//")[0]
        yield f"{scheme}//{owner}@{rest}", f"{scheme}//{user}@{rest}"
        for database in (empty_database, beside(empty_database)):
            with psycopg.connect(database) as owned:
                owned.execute(f"ALTER DATABASE {owned.info.dbname} OWNER TO current_user")
                owned.execute(f"DROP OWNED BY {owner}, {user} CASCADE")
        connection.execute(f"DROP ROLE {owner}, {user}")


def test_everything_runs_for_a_login_that_owns_nothing(logins: tuple[str, str], tmp_path: Path) -> None:
    owner, user = logins
    migrate(owner)
    assert migrate(user) == [], "with nothing missing, every login will do"
    migrate(beside(user), KEYS)
    with composed(Settings(home=tmp_path), user) as whole:
        load_sample(user, date(2026, 11, 2))
        for projection in PROJECTIONS:
            assert Runner(whole.connect, whole.recorder, projection).catch_up() == whole.recorder.head()
        rebuild.rebuild(whole.connect, whole.recorder, PROJECTIONS[:2], lambda *_: None)
        assert not list(rebuild.check(whole.connect, whole.recorder, PROJECTIONS[:2], lambda *_: None))


def test_a_login_that_may_not_make_the_schema_is_told_which_one_may(logins: tuple[str, str]) -> None:
    with pytest.raises(MigrationError, match="DATABASE_OWNER_URL"):
        migrate(logins[1])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM rujukan_events",
        "INSERT INTO rujukan_events VALUES (gen_random_uuid(), 1, 't', '{}', 1, now())",
        "ALTER TABLE rujukan_events DISABLE TRIGGER rujukan_events_append_only",
        "DROP FUNCTION append_to_log",
    ],
)
def test_whoever_takes_over_the_applications_login_changes_nothing_in_the_log(
    logins: tuple[str, str], statement: str
) -> None:
    owner, user = logins
    migrate(owner)
    with psycopg.connect(user) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("RESET ROLE")
        connection.execute(statement)
