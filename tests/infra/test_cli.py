"""The command line: every verb explained, every fault on one line."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from infra.cli import app
from infra.postgres.names import beside
from tests.program import PROGRAM

VERBS = ("up", "status", "migrate", "follow", "rebuild", "clock", "sample", "subject-report", "partners", "version")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("RUJUKAN_", "KAFKA_"))]:
        monkeypatch.delenv(name)
    with tempfile.TemporaryDirectory(prefix="rj-") as home:
        monkeypatch.setenv("RUJUKAN_HOME", home)
        yield


def rujukan(*words: str) -> tuple[int, str, str]:
    """Exit status, output and error output; `up` in a process of its own, whose signals it handles."""
    if words[0] == "up":
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr
    ran = CliRunner().invoke(app, words, catch_exceptions=False)
    return ran.exit_code, ran.stdout, ran.stderr


def test_help_explains_every_verb() -> None:
    status, output, _ = rujukan("--help")
    assert status == 0
    for verb in VERBS:
        assert re.search(rf"^\W*{verb}\s+[A-Z]\w+", output, re.MULTILINE), verb
        assert rujukan(verb, "--help")[0] == 0


@pytest.mark.parametrize("verb", ["up", "status", "migrate", "follow", "rebuild", "clock", "sample"])
def test_a_setting_at_fault_ends_every_verb_with_one_line(monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setenv("RUJUKAN_PORT", "http")
    status, output, error = rujukan(verb)
    assert (status, output) == (1, "")
    assert re.fullmatch(r"rujukan: RUJUKAN_PORT: .*\n", error)


def on_server(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("KEYS_DATABASE_URL", beside(url))


@pytest.mark.parametrize("verb", ["up", "migrate", "rebuild", "clock", "sample"])
def test_a_database_that_does_not_answer_ends_every_verb_with_one_line(
    monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    on_server(monkeypatch, "postgresql://somebody:secret@127.0.0.1:1/none")
    monkeypatch.setenv("RUJUKAN_PORT", "18999")
    status, _, error = rujukan(verb)
    assert status == 1
    assert re.fullmatch(r"rujukan: The database does not answer: .*\n", error)
    assert "secret" not in error


def test_status_of_nothing_starts_nothing() -> None:
    status, output, _ = rujukan("status")
    assert status == 1
    assert output.count("does not run") == 4
    assert list(Path(os.environ["RUJUKAN_HOME"]).iterdir()) == []


def test_verbs_work_on_a_server_of_ones_own(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    on_server(monkeypatch, empty_database)
    assert re.fullmatch(r"[1-9]\d+ migrations applied\.\n", rujukan("migrate")[1])
    assert rujukan("migrate") == (0, "The databases are up to date.\n", "")
    assert rujukan("clock", "--now", "2026-06-15") == (0, "0 events written.\n", "")
    assert rujukan("rebuild", "--check")[0] == 0
    assert rujukan("rebuild", "households")[0] == 0
    assert not (Path(os.environ["RUJUKAN_HOME"]) / "postgres").exists()


def test_a_projection_that_is_not_known_is_refused_with_those_that_are(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_server(monkeypatch, empty_database)
    status, _, error = rujukan("rebuild", "no_such")
    assert status == 1
    assert error.count("\n") == 1
    assert "no_such" in error
    assert "households" in error


def test_a_check_tells_which_rows_are_not_what_the_log_says(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    on_server(monkeypatch, database)
    assert rujukan("rebuild")[0] == 0
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO read.agencies SELECT (jsonb_populate_record(NULL::read.agencies, jsonb_build_object("
            "'agency', gen_random_uuid(), 'name', 'Nobody', 'kind', 'private', 'registered_on', '2026-01-01',"
            "'version', 1, 'position', 1))).*"
        )
    status, output, error = rujukan("rebuild", "--check")
    assert status == 1
    assert "agencies" in output + error
    assert rujukan("rebuild", "directories")[0] == 0
    assert rujukan("rebuild", "--check")[0] == 0


def test_the_program_is_installed_under_its_name() -> None:
    ran = subprocess.run([PROGRAM, "version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"rujukan \d+\.\d+\.\d+\n", ran.stdout)


@pytest.mark.parametrize("words", [("rebuild", "--check"), ("rebuild",), ("follow",), ("clock",)])
def test_a_directory_without_a_database_is_told_and_none_is_made(words: tuple[str, ...]) -> None:
    status, _, errors = rujukan(*words)
    assert status == 1
    assert "There is no database in" in errors
    assert not (Path(os.environ["RUJUKAN_HOME"]) / "postgres").exists()


@pytest.mark.parametrize("verb", ["up", "sample"])
def test_a_sample_is_not_laid_back_from_a_day_to_come(verb: str) -> None:
    words = (verb, "--sample") if verb == "up" else (verb,)
    status, _, errors = rujukan(*words, "--sample-date", "2999-01-01")
    assert status == 1
    assert "is in the future" in errors


@pytest.mark.parametrize(
    "words",
    [
        ("simulate", "--households", "10", "--date", "0001-01-01"),
        ("sample", "--sample-date", "1899-12-31"),
    ],
    ids=["simulate", "sample"],
)
def test_no_lives_are_laid_back_from_long_ago(words: tuple[str, ...]) -> None:
    status, _, errors = rujukan(*words)
    assert status == 1
    assert "is too long ago; the first year is 2000" in errors


@pytest.mark.parametrize("words", [["up", "--sample"], ["sample"], ["simulate", "--households", "1"]])
def test_no_families_are_invented_in_production(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "RUJUKAN_ENV": "production", "RUJUKAN_MASTER_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "RUJUKAN_OIDC_ISSUER": "https://id.test", "RUJUKAN_OIDC_AUDIENCE": "desk", "RUJUKAN_ALLOWED_HOSTS": "desk.test",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 1
    assert "What does not exist is not brought into a log" in ran.output
