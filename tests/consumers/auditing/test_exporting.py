"""The log as Parquet, and that nobody changes an export unnoticed."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consumers.auditing import exporting
from consumers.auditing.attesting import grown
from consumers.auditing.exporting import export
from consumers.auditing.exports import MANIFEST, SCHEMA, NoExport
from consumers.auditing.kept_notes import Finding, KeptNote
from consumers.auditing.proving import NotSignedYet, OtherLog
from consumers.auditing.verifying_export import verify_export
from domain.proof.checkpoint import Checkpoint
from domain.proof.leaf import entry
from domain.proof.note import signed
from domain.proof.tree import leaf_hash, root
from infra.attestation.signing_key import PublicKey, SigningKey
from infra.whole_files import replace
from projections import log_tree
from tests.consumers.auditing.log_with_tree import ORIGIN, LogWithTree

MONTHS = "UPDATE rujukan_events SET logged_at = timestamptz '2025-11-30 23:59:59+00' + notification_id * interval '1 h'"


@pytest.fixture
def log(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LogWithTree]:
    """Logged in several months; few events are in a file, and fewer in memory at a time."""
    monkeypatch.setattr(exporting, "BATCH", 16)
    monkeypatch.setattr(exporting, "FILE", 48)
    found = LogWithTree(database)
    found.changed("UPDATE rujukan_events SET logged_at = '2025-11-30 20:00+00'", MONTHS.replace("'1 h'", "'6 h'"))
    found.attest()
    yield found
    found.close()


@pytest.fixture
def directory(log: LogWithTree, tmp_path: Path) -> Path:
    exported(log, tmp_path / "export")
    return tmp_path / "export"


def exported(log: LogWithTree, directory: Path) -> None:
    with log.session() as session:
        export(session, directory, *log.known, replace)


def findings(log: LogWithTree, directory: Path, *against: str) -> list[Finding]:
    notes = [KeptNote(note, "the checkpoint kept", "auditor") for note in against]
    return list(verify_export(directory, log.signs.key, PublicKey(log.signs.key), notes).findings)


def events(directory: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(directory / "events", schema=SCHEMA).sort_by("position").to_pylist())


def files(directory: Path) -> list[str]:
    return sorted(file.relative_to(directory).as_posix() for file in directory.rglob("*.parquet"))


def test_every_event_is_there_as_it_is_stored(log: LogWithTree, directory: Path) -> None:
    found = events(directory)
    with log.session() as session:
        stored = session.execute(
            "SELECT notification_id, logged_at, originator_id::text, originator_version, topic, state"
            " FROM rujukan_events ORDER BY 1"
        ).fetchall()
    names = SCHEMA.names[:-1]
    assert [tuple(row[name] for name in names) for row in found] == [(*row[:-1], row[-1].decode()) for row in stored]
    assert findings(log, directory, *log.safe.notes) == []


def test_files_are_by_month_and_named_by_their_positions(directory: Path) -> None:
    found = files(directory)
    assert found[0] == "events/year=2025/month=12/00000000000000000001-00000000000000000048.parquet"
    assert {file.split("/")[2] for file in found} >= {"month=12", "month=01"}
    assert [file["path"] for file in json.loads((directory / MANIFEST).read_text())["files"]] == found
    assert not list(directory.rglob("*.unfinished"))


def test_the_next_export_adds_what_is_new_and_leaves_the_rest(log: LogWithTree, directory: Path) -> None:
    before = {file: (directory / file).stat().st_mtime_ns for file in files(directory)}
    log.register("one more")
    log.attest()
    exported(log, directory)
    assert len(events(directory)) == log.head
    assert before.items() <= {file: (directory / file).stat().st_mtime_ns for file in files(directory)}.items()
    assert len(files(directory)) == len(before) + 1
    assert findings(log, directory, *log.safe.notes) == []
    exported(log, directory)
    assert len(files(directory)) == len(before) + 1


def test_what_another_key_signed_is_not_exported(log: LogWithTree, tmp_path: Path) -> None:
    log.register("one more")
    other = SigningKey(ORIGIN, Ed25519PrivateKey.generate())
    with log.session() as session:
        while grown(session):
            pass
        text = Checkpoint(ORIGIN, log.head, root(log.head, log_tree.subtrees(session, log.head))).text()
        log_tree.keep_note(session, log.head, signed(text, other.key, other))
    with pytest.raises(OtherLog, match=f"The checkpoint signed last is not signed by {ORIGIN}"):
        exported(log, tmp_path)
    assert not list(tmp_path.iterdir())


def test_one_that_was_broken_off_is_gone_on_with(log: LogWithTree, tmp_path: Path) -> None:
    def broken(done: int, of: int) -> None:
        if done > 100:
            raise KeyboardInterrupt

    with log.session() as session, pytest.raises(KeyboardInterrupt):
        export(session, tmp_path, *log.known, replace, broken)
    assert files(tmp_path) and not (tmp_path / MANIFEST).exists()
    log.register("one more")
    log.attest()
    exported(log, tmp_path)
    assert [event["position"] for event in events(tmp_path)] == list(range(1, log.head + 1))
    assert findings(log, tmp_path) == []


def test_another_log_is_not_added(log: LogWithTree, directory: Path) -> None:
    log.changed("UPDATE rujukan_events SET state = set_byte(state, 9, 33) WHERE notification_id = 5")
    log.changed("DELETE FROM log_tiles", "DELETE FROM checkpoints")
    log.safe.notes = []
    log.attest()
    with pytest.raises(OtherLog, match="this log is another"):
        exported(log, directory)


def test_what_differs_from_the_tree_is_not_exported(log: LogWithTree, tmp_path: Path) -> None:
    for position in (log.head, 70, 5):  # the first is told of
        log.changed(f"UPDATE rujukan_events SET topic = topic || 'x' WHERE notification_id = {position}")
        with pytest.raises(OtherLog, match=f"The event at position {position} is another"):
            exported(log, tmp_path)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_what_differs_from_what_was_signed_is_not_added_and_the_former_export_stays(
    log: LogWithTree, directory: Path
) -> None:
    """Whoever changed it worked the change into the leaves of the tree too."""
    end, before = log.head, {file: (directory / file).read_bytes() for file in [MANIFEST, *files(directory)]}
    log.register("one more")
    log.attest()
    log.changed(f"UPDATE rujukan_events SET topic = topic || 'x' WHERE notification_id = {end + 1}")
    with log.session() as session:
        (changed_leaf,) = map(leaf_hash, log_tree.entries(session, end, 1))
        number, at = divmod(end, 256)
        session.execute(
            "UPDATE log_tiles SET hashes = overlay(hashes PLACING %s FROM %s) WHERE level = 0 AND number = %s",
            [changed_leaf, 32 * at + 1, number],
        )
    with pytest.raises(OtherLog, match=f"Up to position {log.head} the log is another"):
        exported(log, directory)
    there = [file.relative_to(directory).as_posix() for file in directory.rglob("*") if file.is_file()]
    assert {file: (directory / file).read_bytes() for file in there} == before
    assert findings(log, directory, log.safe.notes[0]) == []


def test_tiles_that_are_gone_are_told_of(log: LogWithTree, directory: Path) -> None:
    log.changed("DELETE FROM log_tiles")
    with pytest.raises(OtherLog, match="The tree has no tile"):
        exported(log, directory)
    assert findings(log, directory) == []


def test_a_manifest_whose_checkpoint_is_none_is_not_added_to(log: LogWithTree, directory: Path) -> None:
    edited(directory, checkpoint="nonsense")
    with pytest.raises(OtherLog):
        exported(log, directory)


def test_before_anything_was_signed(database: str, tmp_path: Path) -> None:
    log = LogWithTree(database)
    with pytest.raises(NotSignedYet):
        exported(log, tmp_path)
    log.close()


def changed(directory: Path, number: int, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """The file of this number is written anew, and the manifest is made to fit."""
    file = directory / files(directory)[number]
    rows = pq.read_table(file, schema=SCHEMA, partitioning=None).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), file, write_statistics=False)
    manifest = json.loads((directory / MANIFEST).read_text())
    content = file.read_bytes()
    fitting = {"sha256": exporting.hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    manifest["files"][number] |= fitting
    (directory / MANIFEST).write_text(json.dumps(manifest))


def state(rows: list[dict[str, Any]]) -> None:
    rows[4]["state"] = rows[4]["state"].replace("a", "b", 1)


def moment(rows: list[dict[str, Any]]) -> None:
    rows[4]["logged_at"] = rows[5]["logged_at"]


def gone(rows: list[dict[str, Any]]) -> None:
    del rows[4]


def put_in(rows: list[dict[str, Any]]) -> None:
    rows.insert(4, {**rows[3], "position": 5})
    for row in rows[5:]:
        row["position"] += 1


def swapped(rows: list[dict[str, Any]]) -> None:
    rows[4], rows[5] = {**rows[5], "position": 5}, {**rows[4], "position": 6}


def spelt(rows: list[dict[str, Any]]) -> None:
    rows[4]["stream"] = rows[4]["stream"].upper()


@pytest.mark.parametrize("change", [state, moment, gone, put_in, swapped, spelt])
def test_the_first_position_that_is_another_is_named(
    log: LogWithTree, directory: Path, change: Callable[[list[dict[str, Any]]], None]
) -> None:
    changed(directory, 0, change)
    assert findings(log, directory)[0].position == 5


def test_who_makes_the_leaf_anew_too_is_found_out_by_the_root(log: LogWithTree, directory: Path) -> None:
    kept = log.safe.notes[-1]

    def both(rows: list[dict[str, Any]]) -> None:
        state(rows)
        row = rows[4]
        fields = [row[name] for name in SCHEMA.names[:-1]]
        row["leaf"] = leaf_hash(entry(*fields[:2], UUID(fields[2]), *fields[3:5], fields[5].encode()))

    changed(directory, 0, both)
    assert findings(log, directory, kept)[0].what.startswith("Up to position ")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (lambda file: file.unlink(), "is missing, or is no regular file"),
        (lambda file: file.write_bytes(b""), "cannot be read behind position 0"),
        (lambda file: file.write_bytes(file.read_bytes()[:-9]), "cannot be read behind position 0"),
        (lambda file: file.write_bytes(file.read_bytes() + b"\0"), "cannot be read behind position 0"),
        (lambda file: pq.write_table(pa.table({"position": [1]}), file), "has other columns than an export"),
        (lambda file: file.rename(file.with_name("other.parquet")), "is missing, or is no regular file"),
    ],
)
def test_a_file_that_is_none(log: LogWithTree, directory: Path, broken: Callable[[Path], None], told: str) -> None:
    file = directory / files(directory)[0]
    broken(file)
    for _ in range(2):
        found = findings(log, directory)
        assert found[0].position == 1 and told in found[0].what
        if file.exists():
            fit(directory)


def test_a_file_with_bytes_that_are_none_of_its_rows(log: LogWithTree, directory: Path) -> None:
    """Such as statistics, by which an engine leaves rows out that it was told are not there."""
    file = directory / files(directory)[0]
    table = pq.read_table(file, partitioning=None, schema=SCHEMA)
    for given in ({}, {"write_page_index": True}, {"write_statistics": ["topic"]}):
        pq.write_table(table, file, compression="zstd", **given)
        fit(directory)
        found = findings(log, directory)[0]
        assert "says more of its rows than they are" in found.what and found.position == 1
    pq.write_table(table, file, compression="zstd", write_statistics=False)
    footer = int.from_bytes(file.read_bytes()[-8:-4], "little") + 8
    content = file.read_bytes()
    file.write_bytes(content[:-footer] + b"\0" * 64 + content[-footer:])
    fit(directory)
    assert "says more of its rows than they are" in findings(log, directory)[0].what


def test_a_manifest_that_says_something_else_of_the_export(log: LogWithTree, directory: Path) -> None:
    manifest = json.loads((directory / MANIFEST).read_text())
    (directory / MANIFEST).write_text(json.dumps({**manifest, "origin": "another.test/log"}))
    (found,) = findings(log, directory)
    assert found.what == "The manifest says that the export is of another.test/log."
    manifest["files"][0]["bytes"] += 1
    (directory / MANIFEST).write_text(json.dumps(manifest))
    assert "of which the manifest has length and digest" in findings(log, directory)[0].what
    (directory / MANIFEST).unlink()
    os.mkfifo(directory / MANIFEST)
    with pytest.raises(NoExport, match="is no file"):
        findings(log, directory)


def test_the_first_event_that_differs_is_named_though_the_file_is_another(log: LogWithTree, directory: Path) -> None:
    manifest = (directory / MANIFEST).read_bytes()
    changed(directory, 0, state)
    (directory / MANIFEST).write_bytes(manifest)
    assert findings(log, directory)[0].position == 5


def fit(directory: Path) -> None:
    """Makes the manifest fit the first file."""
    manifest = json.loads((directory / MANIFEST).read_text())
    content = (directory / files(directory)[0]).read_bytes()
    manifest["files"][0] |= {"sha256": exporting.hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (directory / MANIFEST).write_text(json.dumps(manifest))


def written_anew(directory: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """The first file with other columns; the manifest is made to fit."""
    file = directory / files(directory)[0]
    pq.write_table(change(pq.read_table(file, partitioning=None)), file, write_statistics=False)
    fit(directory)


COLUMNS: dict[str, Callable[[pa.Table], pa.Table]] = {
    "one more in front, which only differs in case": lambda t: t.add_column(0, "STATE", t["state"]),
    "one more behind": lambda t: t.append_column("note", t["topic"]),
    "the year, which the path tells": lambda t: t.append_column("year", t["version"]),
    "the same name twice": lambda t: t.append_column(SCHEMA.field("state"), t["state"]),
    "another order": lambda t: t.select(SCHEMA.names[::-1]),
    "another type": lambda t: t.cast(SCHEMA.set(3, pa.field("version", pa.int32(), nullable=False))),
    "one that may be missing": lambda t: t.cast(SCHEMA.set(3, pa.field("version", pa.int64()))),
}


@pytest.mark.parametrize("columns", COLUMNS)
def test_an_export_has_the_documented_columns_and_no_others(log: LogWithTree, directory: Path, columns: str) -> None:
    written_anew(directory, COLUMNS[columns])
    found = findings(log, directory)[0]
    assert "has other columns than an export" in found.what and found.position == 1


@pytest.mark.parametrize("path", [None, "events/year=2025", "events", MANIFEST])
def test_a_link_is_no_file_of_an_export(log: LogWithTree, directory: Path, path: str | None) -> None:
    place = directory / (path or files(directory)[0])
    place.rename(elsewhere := directory.parent / "elsewhere")
    place.symlink_to(elsewhere)
    assert findings(log, directory)


def test_a_file_that_the_manifest_does_not_name_is_told_of(log: LogWithTree, directory: Path) -> None:
    (directory / "events/year=2025/month=12/more.parquet").write_bytes((directory / files(directory)[0]).read_bytes())
    (found,) = findings(log, directory)
    assert found.what == "events/year=2025/month=12/more.parquet is not in the manifest."


def test_a_file_in_anothers_month_is_told_of(log: LogWithTree, directory: Path) -> None:
    first = files(directory)[0]
    other = first.replace("month=12", "month=11")
    (directory / other).parent.mkdir()
    (directory / first).rename(directory / other)
    manifest = (directory / MANIFEST).read_text().replace(first, other)
    (directory / MANIFEST).write_text(manifest)
    assert findings(log, directory)[0].position == 1


def edited(directory: Path, **changes: Any) -> None:
    manifest = json.loads((directory / MANIFEST).read_text())
    (directory / MANIFEST).write_text(json.dumps({**manifest, **changes}))


def test_the_last_file_left_out(log: LogWithTree, directory: Path) -> None:
    manifest = json.loads((directory / MANIFEST).read_text())
    edited(directory, files=manifest["files"][:-1])
    assert findings(log, directory)[0].position == manifest["files"][-1]["first"]
    shorter = manifest["files"][-1]["first"] - 1
    edited(directory, files=manifest["files"][:-1], events=shorter)
    (directory / files(directory)[-1]).unlink()
    assert [f.what for f in findings(log, directory)] == [
        f"The checkpoint of the export is of {log.head} events; the export has {shorter}.",
        f"No checkpoint is of the {shorter} events of the export.",
    ]


def test_signed_with_another_key_or_for_another_log(log: LogWithTree, directory: Path) -> None:
    other = SigningKey(ORIGIN, Ed25519PrivateKey.generate())
    found = verify_export(directory, other.key, PublicKey(other.key)).findings
    assert "not signed by" in found[0].what
    edited(directory, checkpoint="nonsense")
    assert "not signed by" in findings(log, directory)[0].what


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", "7", "{", '{"format": 2}',
        '{"format": 1, "origin": 1, "events": "x", "checkpoint": "", "files": []}',
        '{"format": 1, "origin": "x", "events": 0, "checkpoint": "", "files": [7]}', '{"format": 1, "files": {}}',
    ],
)  # fmt: skip
def test_a_manifest_that_is_none(log: LogWithTree, tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(NoExport):
        findings(log, tmp_path)


def test_a_manifest_that_leads_elsewhere(log: LogWithTree, directory: Path) -> None:
    manifest = json.loads((directory / MANIFEST).read_text())
    manifest["files"][0]["path"] = "../" + manifest["files"][0]["path"]
    edited(directory, files=manifest["files"])
    assert "no file with position 1" in findings(log, directory)[0].what
