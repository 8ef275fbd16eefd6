"""`rujukan erase` and `rujukan keys`, as an operator types them."""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from domain.household import Household
from domain.ports import Unopenable
from domain.values import Actor, Claim, Command, NewMember, Role
from infra.bootstrap import Composed, composed
from infra.cli import app
from infra.keys.rotating import rotating
from infra.postgres.names import beside
from infra.settings import load_settings

KEYS = {name: base64.b64encode(bytes([fill]) * 32).decode() for fill, name in ((1, "first"), (2, "second"))}
ON = date(2026, 6, 15)
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Status, and what was said, in one line."""
    monkeypatch.setenv("RUJUKAN_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("KEYS_DATABASE_URL", beside(database))
    monkeypatch.setenv("RUJUKAN_MASTER_KEY", KEYS["first"])

    def rujukan(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, list(words))
        return result.exit_code, " ".join((result.stdout + result.stderr).split())

    yield rujukan


@pytest.fixture
def family(run: Run, database: str) -> tuple[UUID, UUID]:
    """A household and its only member."""
    household, member = uuid4(), uuid4()
    with composed(load_settings(), database) as whole:
        register(whole, household, member)
    assert run("rebuild", "households")[0] == 0
    return household, member


def register(whole: Composed, household: UUID, member: UUID) -> None:
    sealer = whole.sealer
    sealer.make_keys([household, member])
    nik, name, born = (
        sealer.seal(text, key=member, stream=household, field=field)
        for field, text in (("nik", "3324044507900001"), ("name", "Suparti"), ("birth_date", "1990-07-05"))
    )
    claim = Claim(sealer.digest("nik", "3324044507900001"), household, member)
    whole.services.application.register_household(
        household,
        Command(uuid4(), Actor("prog", Role.PROGRAMME_OFFICER), ON, ON),
        region="33.24.04.2007",
        kk=sealer.seal("3324040101209901", key=household, stream=household, field="kk"),
        kk_key=sealer.digest("kk", "3324040101209901"),
        address=sealer.seal("Jalan", key=household, stream=household, field="address"),
        members=(NewMember(member, nik, name, born, True, claim),),
    )


def keys_of(database: str) -> set[UUID]:
    with psycopg.connect(beside(database)) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM data_keys")}


def test_one_asks_and_another_confirms(run: Run, family: tuple[UUID, UUID], database: str) -> None:
    household, member = family
    status, said = run("erase", "--person", str(member), "--by", "kemensos-1")
    assert (status, keys_of(database)) == (0, {household, member})
    assert "nothing is erased yet" in said
    assert f"rujukan erase --person {member} --by THEIR-SUB --confirm" in said
    status, said = run("erase", "--person", str(member), "--by", "kemensos-1", "--confirm")
    assert (status, keys_of(database)) == (1, {household, member})
    assert "another actor requested it" in said
    status, said = run("erase", "--person", str(member), "--by", "kemensos-2", "--confirm")
    assert (status, keys_of(database)) == (0, set())
    assert "2 keys are destroyed" in said
    assert run("erase", "--person", str(member), "--by", "kemensos-2", "--confirm")[0] == 0, "the same again is done"
    assert run("rebuild", "--check")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--by", "a"), "Say whose data"),
        (("--by", "", "--household", str(uuid4())), "--by must be a text"),
        (("--by", "a ", "--household", str(uuid4())), "white space"),
        (("--by", "a", "--person", str(uuid4())), "No household has, or had, a member"),
        (("--by", "a", "--household", str(uuid4())), "There is no such household"),
        (("--by", "a", "--household", str(uuid4()), "--confirm"), "There is no such household"),
    ],
)
def test_what_cannot_be_erased_is_told_on_one_line(run: Run, database: str, words: tuple[str, ...], said: str) -> None:
    status, text = run("erase", *words)
    assert status == 1
    assert said in text


def test_nobody_confirms_what_was_not_asked_for(run: Run, family: tuple[UUID, UUID]) -> None:
    status, said = run("erase", "--household", str(family[0]), "--by", "kemensos-2", "--confirm")
    assert status == 1
    assert "There is no request for this erasure" in said


def test_reconciling_destroys_what_is_left_and_tells_of_what_is_not_known(
    run: Run, family: tuple[UUID, UUID], database: str
) -> None:
    household, member = family
    assert run("keys", "reconcile")[1].endswith("Every key whose erasure the log records is destroyed.")
    run("erase", "--household", str(household), "--by", "kemensos-1")
    run("erase", "--household", str(household), "--by", "kemensos-2", "--confirm")
    with psycopg.connect(beside(database)) as connection:
        connection.execute("DELETE FROM destroyed_keys")
        connection.execute("INSERT INTO destroyed_keys (id) VALUES (%s)", [uuid4()])
    assert "2 keys destroyed whose erasure the log records. 1 keys are destroyed without" in run("keys", "reconcile")[1]
    with psycopg.connect(beside(database)) as connection:
        assert connection.execute("SELECT count(*) FROM destroyed_keys").fetchone() == (3,)
    assert member not in keys_of(database)


def test_keys_put_back_from_a_backup_open_nothing_and_are_destroyed_again(
    run: Run, family: tuple[UUID, UUID], database: str
) -> None:
    household, _member = family
    with psycopg.connect(beside(database)) as connection:
        connection.execute("CREATE TABLE backup AS SELECT * FROM data_keys")
    run("erase", "--household", str(household), "--by", "kemensos-1")
    run("erase", "--household", str(household), "--by", "kemensos-2", "--confirm")
    with psycopg.connect(beside(database)) as connection:
        connection.execute("INSERT INTO data_keys SELECT * FROM backup")
    with composed(load_settings(), database) as whole, pytest.raises(Unopenable):
        box = whole.services.application.load(Household, household).kk
        whole.sealer.open(box, stream=household, field="kk")
    said = run("keys", "reconcile")[1]
    assert said.endswith("2 keys that were there again, as from a backup, are destroyed again.")
    assert keys_of(database) == set()
    assert run("keys", "reconcile")[1].endswith("Every key whose erasure the log records is destroyed.")


def test_keys_are_rotated_and_the_key_above_them_changed(
    run: Run, family: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, said = run("keys", "rotate")
    assert (status, "2 keys are wrapped under a new intermediate key" in said) == (0, True)
    status, said = run("keys", "rotate", "--index")
    assert (status, "2 numbers were entered under a new index key" in said) == (0, True)
    monkeypatch.setenv("RUJUKAN_MASTER_KEY", KEYS["second"])
    assert "RUJUKAN_MASTER_KEY" in run("keys", "reconcile")[1]
    assert "RUJUKAN_MASTER_KEY_PREVIOUS must hold" in run("keys", "rotate", "--kek")[1]
    monkeypatch.setenv("RUJUKAN_MASTER_KEY_PREVIOUS", KEYS["second"])
    assert "is not the key that is in use" in run("keys", "rotate", "--kek")[1]
    monkeypatch.setenv("RUJUKAN_MASTER_KEY_PREVIOUS", KEYS["first"])
    status, said = run("keys", "rotate", "--kek")
    assert (
        status,
        re.search(r"All 1 of the intermediate keys are wrapped under master-key/[0-9a-f]{16}", said) is not None,
    ) == (
        0,
        True,
    )
    assert run("keys", "reconcile")[0] == 0
    assert run("keys", "rotate", "--kek", "--index")[0] == 1


@pytest.mark.parametrize("which", [(), ("--kek",), ("--index",)])
def test_a_second_rotation_at_once_is_told_so_on_one_line(
    run: Run, family: tuple[UUID, UUID], database: str, monkeypatch: pytest.MonkeyPatch, which: tuple[str, ...]
) -> None:
    monkeypatch.setenv("RUJUKAN_MASTER_KEY_PREVIOUS", KEYS["first"])
    with rotating(beside(database)):
        status, said = run("keys", "rotate", *which)
    assert status == 1
    assert said.endswith("rujukan: Another rotation of keys is running: wait until it has ended.")
    assert run("keys", "rotate", *which)[0] == 0
