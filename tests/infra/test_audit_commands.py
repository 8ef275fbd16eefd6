"""`rujukan audit`, as an auditor types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.attestation.kafka_keeper import TOPIC, kafka_keeper
from infra.cli import app
from infra.commands.audit.places import taken
from infra.kafka.access import Access
from infra.postgres.names import beside
from tests.infra.audited import Run, audited, changed
from tests.kafka_clients import take_away


@pytest.fixture
def run(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return audited(database, tmp_path / "home", monkeypatch)


def test_a_sound_log_is_verified_by_the_key_and_the_checkpoint_that_were_kept(run: Run, tmp_path: Path) -> None:
    status, key = run("key")
    assert status == 0 and key.startswith("rujukan.test/log+")
    (tmp_path / "key").write_text(key)
    checkpoint = tmp_path / "home" / "attestation" / "checkpoint"
    for known in (key, tmp_path / "key"):
        status, said = run("verify", "--key", known, "--against", checkpoint)
        assert status == 0, said
        assert said.endswith("events follow from 3 checkpoints signed by rujukan.test/log.")


def test_a_key_is_told_and_never_made(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUJUKAN_HOME", str(tmp_path / "typo"))
    status, said = run("key")
    assert status == 1 and f"There is no key in {tmp_path / 'typo' / 'attestation.key'}" in said
    assert not (tmp_path / "typo" / "attestation.key").exists()


def test_where_nothing_was_signed_nothing_is_said_to_follow(run: Run, database: str, tmp_path: Path) -> None:
    changed(database, "DELETE FROM checkpoints")
    (tmp_path / "home" / "attestation" / "checkpoint").unlink()
    status, said = run("verify")
    assert status == 1 and said.endswith("were read, and no checkpoint was there to compare the log with.")


def test_what_could_not_be_compared_is_no_word_against_the_log(run: Run, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("nonsense")
    status, said = run("verify", "--against", tmp_path / "none")
    assert status == 1
    assert said.endswith("Not all could be compared. The rest of the checkpoints, 2, follow.")
    assert "is not what was signed" not in said


def test_what_is_kept_as_no_text_is_no_checkpoint(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home" / "attestation" / "checkpoint").write_bytes(b"\xff\xfe")
    status, said = run("verify")
    assert status == 1 and "A note is a text" in said


def test_nothing_that_is_stored_steers_the_terminal(run: Run, database: str) -> None:
    changed(
        database,
        "ALTER TABLE rujukan_events ALTER notification_id DROP NOT NULL",
        "INSERT INTO rujukan_events SELECT (jsonb_populate_record(e, jsonb_build_object('notification_id', NULL,"
        " 'originator_version', 999, 'topic', E'\\x1b[2Jwell'))).* FROM rujukan_events e WHERE notification_id = 4",
    )
    status, said = run("verify")
    assert status == 1 and "\x1b" not in said and "\\x1b[2Jwell" in said


def test_it_says_with_which_checkpoints_the_log_was_compared(run: Run, tmp_path: Path) -> None:
    checkpoint = tmp_path / "home" / "attestation" / "checkpoint"
    _, said = run("verify")
    assert said.startswith(f"Compared with 1 checkpoint in the database; the checkpoint in {checkpoint}."), said
    checkpoint.rename(kept := tmp_path / "kept")
    status, said = run("verify", "--against", kept)
    assert status == 0
    assert said.startswith(f"Compared with 1 checkpoint in the database; the checkpoint in {kept}."), said
    assert f"The log has been signed, and {checkpoint} is not there, where the last checkpoint is kept." in said


def test_it_takes_the_checkpoint_that_kafka_keeps_when_asked(
    run: Run, broker: Access, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", ",".join(broker.servers))
    for name, value in {"SECURITY_PROTOCOL": broker.protocol, "SASL_USERNAME": broker.user}.items():
        monkeypatch.setenv(f"KAFKA_{name}", str(value))
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", str(broker.password))
    take_away(broker, TOPIC)
    status, said = run("verify", "--kafka")
    assert status == 0 and f"There is no checkpoint in the topic {TOPIC}." in said
    with kafka_keeper(broker, "rujukan.test/log", 1) as keeper:
        keeper.last()
        keeper.keep((tmp_path / "home" / "attestation" / "checkpoint").read_text("utf-8"))
    status, said = run("verify", "--kafka")
    assert status == 0 and f"; the checkpoint in the topic {TOPIC}." in said


def test_a_changed_log_is_told_of_by_its_first_position(run: Run, database: str) -> None:
    changed(database, "UPDATE rujukan_events SET state = set_byte(state, 9, 33) WHERE notification_id = 5")
    status, said = run("verify")
    assert status == 1
    assert "The event at position 5 is another than when the tree grew by it." in said
    assert said.endswith("The log is not what was signed. First position that differs: 5.")


def test_a_proof_is_checked_with_nothing_but_the_key(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, key = run("key")
    proof = tmp_path / "proof.json"
    assert run("prove", 3, "--to", proof)[0] == 0
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    status, said = run("check-proof", proof, "--key", key)
    assert status == 0 and "holds at position 3, logged at" in said
    proof.write_text(proof.read_text().replace('"state": "', '"state": "A'))
    status, said = run("check-proof", proof, "--key", key)
    assert status == 1 and "proves nothing" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["prove", 10**9], "there is no 1000000000 among them"),
        (["prove", 0], "equal to 1"),
        (["prove", "x"], "as an integer"),
        (["verify", "--key", "nonsense"], "--key: nonsense is no verifier key, and there is no such file."),
        (["verify", "--key", "/nowhere/key"], "--key: /nowhere/key is no verifier key, and there is no such file."),
        (["verify", "--key", "a+b+ключ"], "--key: A verifier key is a name"),
        (["verify", "--against", "/nowhere"], "/nowhere cannot be read: No such file"),
        (["check-proof", "/nowhere", "--key", "x"], "--key"),
        (
            ["prove", 1, "--to", "/nowhere/proof"],
            "/nowhere/proof could not be written: there is no directory /nowhere.",
        ),
        (["prove", 1, "--to", "/proc/proof"], "/proc/proof could not be written: "),
        (["prove", 1, "--to", "/tmp"], "/tmp could not be written: it is a directory."),
        (["tiles", "/proc/nowhere"], "could not be written"),
        (["export", "/proc/nowhere"], "could not be written"),
        (["verify-export", "/nowhere", "--key", "x"], "--key"),
    ],
)
def test_bad_words_are_told_of_on_a_line(run: Run, words: list[object], told: str) -> None:
    status, said = run(*words)
    assert status in (1, 2)
    assert told in said
    assert "Traceback" not in said


def test_the_tree_is_written_as_files(run: Run, tmp_path: Path) -> None:
    status, said = run("tiles", tmp_path / "tiles")
    assert status == 0 and "holds the tree of" in said
    assert (tmp_path / "tiles" / "checkpoint").read_text().startswith("rujukan.test/log\n")
    assert list((tmp_path / "tiles" / "tile" / "entries").iterdir())


def test_an_export_is_verified_with_nothing_but_the_key(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = run("key")
    status, said = run("export", tmp_path / "export")
    assert status == 0 and said.endswith("events in 1 file.")
    checkpoint = tmp_path / "home" / "attestation" / "checkpoint"
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    status, said = run("verify-export", tmp_path / "export", "--key", key, "--against", checkpoint)
    assert status == 0 and said.endswith("events follow from 2 checkpoints signed by rujukan.test/log.")
    next((tmp_path / "export").rglob("*.parquet")).write_bytes(b"")
    status, said = run("verify-export", tmp_path / "export", "--key", key)
    assert status == 1 and said.endswith("The export is not what was signed. First position that differs: 1.")
    status, said = run("verify-export", tmp_path, "--key", key)
    assert status == 1 and said.endswith("holds no export.")


@pytest.mark.parametrize("command", ["export", "tiles"])
def test_a_directory_is_written_to_by_one_at_a_time_and_holds_nothing_else(
    run: Run, tmp_path: Path, command: str
) -> None:
    directory = tmp_path / "some"
    assert run(command, directory)[0] == 0
    with taken(directory, "other", tuple(entry.name for entry in directory.iterdir())):
        status, said = run(command, directory)
        assert status == 1 and f"Another command is writing to {directory}: wait until it is done." in said
    (directory / "notes.txt").write_text("of whoever has the export")
    assert run(command, directory)[0] == 0
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    status, said = run(command, tmp_path / "full")
    assert status == 1 and f"{tmp_path / 'full'} holds notes.txt and no" in said
    assert [file.name for file in (tmp_path / "full").iterdir()] == ["notes.txt"]
    status, said = run(command, tmp_path / "full" / "notes.txt")
    assert status == 1 and "could not be written" in said


def test_a_restored_backup_is_found_out_by_the_checkpoint_in_the_file(run: Run, database: str) -> None:
    changed(database, "DELETE FROM rujukan_events WHERE notification_id > 20")
    changed(database, "DELETE FROM log_tiles")
    changed(database, "DELETE FROM checkpoints")
    status, said = run("verify")
    assert status == 1 and said.endswith("First position that differs: 21.")


def test_before_anything_was_signed(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUJUKAN_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("KEYS_DATABASE_URL", beside(database))
    result = CliRunner().invoke(app, ["audit", "prove", "1"])
    assert result.exit_code == 1
    assert "`rujukan up` makes one for a new log" in result.stderr


def test_a_key_that_cannot_be_read_is_never_replaced(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home" / "attestation.key").write_bytes(b"short")
    status, said = run("key")
    assert status == 1 and "does not hold a key to sign with" in said
    assert (tmp_path / "home" / "attestation.key").read_bytes() == b"short"
