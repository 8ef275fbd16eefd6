"""Migrations: complete, repeatable, safe at once, honest about a newer database."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from infra import migrate as module
from infra.migrate import MigrationError, migrate, pending

FILES = sorted((Path(module.__file__).parent / "migrations").glob("*.sql"))


def test_every_migration_is_applied_once_and_in_order(empty_database: str) -> None:
    names = [file.stem for file in FILES]
    assert pending(empty_database) == names
    assert migrate(empty_database) == names
    assert migrate(empty_database) == []
    assert pending(empty_database) == []


def test_processes_migrating_at_once_apply_each_migration_once(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, [empty_database] * 4))
    assert sorted(name for names in applied for name in names) == [file.stem for file in FILES]


def test_a_database_migrated_by_a_newer_version_is_refused_with_a_clear_line(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO _yoyo_migration VALUES ('h', '0999.from_the_future', now())")
    with pytest.raises(MigrationError, match=r"newer Rujukan \(0999.from_the_future is unknown here\)") as caught:
        migrate(database)
    assert "\n" not in str(caught.value)


def test_a_lock_left_by_a_killed_process_does_not_stop_the_next_one(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 1)")
    assert migrate(database) == []


def test_a_migration_cut_short_leaves_nothing_and_is_applied_again(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module.PostgresqlPsycopgBackend, "mark_one", killed)
        with pytest.raises(KeyboardInterrupt):
            migrate(empty_database)
    assert migrate(empty_database) == [file.stem for file in FILES]


def test_a_server_that_does_not_answer_is_reported_on_one_line() -> None:
    with pytest.raises(MigrationError, match="does not answer") as caught:
        migrate("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_migration_says_why_and_makes_the_one_object_it_is_named_after(file: Path) -> None:
    text = file.read_text("utf-8")
    number, name = file.stem.split(".")
    assert re.fullmatch(r"\d{4}", number)
    assert text.startswith("-- ")
    if name.endswith(("_privileges", "_owner", "_application")):
        assert not re.findall(r"^CREATE ", text, re.MULTILINE), "who may what is said apart from what there is"
        return
    created = re.findall(r"^CREATE (?!OR REPLACE)[^(]*?([\w.]+)(?: ON |\(| \(| AS|\nBEFORE|;)", text, re.MULTILINE)
    changed = re.findall(r"^ALTER TABLE", text, re.MULTILINE)
    made = {form for object_ in created for form in (object_.split(".")[-1], object_.replace(".", "_"))}
    assert (len(created) == 1 and name in made) or (not created and len(changed) == 1)


@pytest.mark.parametrize("table", ["rujukan_events", "refusals"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET position = 1", "MERGE"])
def test_what_is_recorded_cannot_be_changed_by_anybody(database: str, table: str, change: str) -> None:
    column = "notification_id" if table == "rujukan_events" else "position"
    statement = {
        "UPDATE {} SET position = 1": f"UPDATE {table} SET {column} = 1",
        "MERGE": f"MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    }.get(change, change.format(table))
    for role in ("origin", "replica"):
        with psycopg.connect(database) as connection:
            connection.execute(f"SET session_replication_role = {role}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"{table} is append-only"):
                connection.execute(statement)
