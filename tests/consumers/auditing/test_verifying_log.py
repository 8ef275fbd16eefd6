"""Whatever somebody with all rights on the database does to the log, whoever kept a checkpoint finds it out."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eventsourcing.persistence import ProgrammingError

from consumers.auditing import verifying_log
from consumers.auditing.attesting import Denied
from consumers.auditing.kept_notes import KeptNote
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import signed
from domain.proof.tree import EMPTY, root
from infra.attestation.signing_key import PublicKey, SigningKey
from projections import log_tree
from tests.consumers.auditing.log_with_tree import ORIGIN, LogWithTree

FIFTH = "notification_id = 5"


@pytest.fixture
def log(database: str) -> Iterator[LogWithTree]:
    found = LogWithTree(database)
    found.attest()
    yield found
    found.close()


def positions(log: LogWithTree, *against: str) -> list[int | None]:
    return [finding.position for finding in log.verify(*against).findings]


def grown_anew(log: LogWithTree) -> None:
    """What was done to the events is done to the tree too, and signed with the true key."""
    log.changed("DELETE FROM log_tiles", "DELETE FROM checkpoints")
    log.safe.notes, kept = [], log.safe.notes
    log.attest()
    log.safe.notes = kept


def test_a_log_that_nobody_touched_follows_from_all_its_checkpoints(log: LogWithTree) -> None:
    log.register("one more")
    log.attest()
    found = log.verify(*log.safe.notes)
    assert (found.size, found.checkpoints, found.findings) == (log.head, 4, ())


def test_a_log_that_grows_meanwhile_is_not_taken_for_shorter_than_its_tree(
    log: LogWithTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = log_tree.entries

    def entries(session: psycopg.Connection[Any], after: int, limit: int) -> list[bytes]:
        found = read(session, after, limit)
        if not found:
            monkeypatch.undo()
            log.register("what comes meanwhile")
            log.attest()
        return found

    monkeypatch.setattr(log_tree, "entries", entries)
    assert positions(log) == []


CHANGES = {
    "a byte of an event": [f"UPDATE rujukan_events SET state = set_byte(state, 9, 33) WHERE {FIFTH}"],
    "the moment it was logged": [f"UPDATE rujukan_events SET logged_at = logged_at - interval '1 us' WHERE {FIFTH}"],
    "its kind": [f"UPDATE rujukan_events SET topic = 'household.moved.v1' WHERE {FIFTH}"],
    "whose it is": [f"UPDATE rujukan_events SET originator_id = gen_random_uuid() WHERE {FIFTH}"],
    "two that changed places": [
        f"UPDATE rujukan_events SET notification_id = 1000006 WHERE {FIFTH}",
        "UPDATE rujukan_events SET notification_id = 5 WHERE notification_id = 6",
        "UPDATE rujukan_events SET notification_id = 6 WHERE notification_id = 1000006",
    ],
    "one that is gone, and those behind it renumbered": [
        f"DELETE FROM rujukan_events WHERE {FIFTH}",
        "UPDATE rujukan_events SET notification_id = notification_id + 1000000 WHERE notification_id > 5",
        "UPDATE rujukan_events SET notification_id = notification_id - 1000001 WHERE notification_id > 1000000",
    ],
    "one that is put in": [
        "UPDATE rujukan_events SET notification_id = notification_id + 1000000 WHERE notification_id >= 5",
        "UPDATE rujukan_events SET notification_id = notification_id - 999999 WHERE notification_id > 1000000",
        "INSERT INTO rujukan_events SELECT (jsonb_populate_record(e, jsonb_build_object('notification_id', 5,"
        " 'originator_version', 999))).* FROM rujukan_events e WHERE notification_id = 4",
    ],
    "one that is gone": [f"DELETE FROM rujukan_events WHERE {FIFTH}"],
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_names_the_first_position_that_is_another(log: LogWithTree, change: str) -> None:
    log.changed(*CHANGES[change])
    assert positions(log)[0] == 5


@pytest.mark.parametrize("change", CHANGES)
def test_who_works_it_into_the_tree_and_signs_it_is_found_out_by_a_checkpoint_kept_elsewhere(
    log: LogWithTree, change: str
) -> None:
    """Between which checkpoints it lies is all that is left to tell."""
    kept = log.safe.notes[-1]
    log.register("what comes later")
    log.changed(*CHANGES[change])
    if change != "one that is gone":  # no tree grows over a log with a gap
        grown_anew(log)
        assert positions(log) == []
    assert positions(log, kept)


PUT_IN = (
    "INSERT INTO rujukan_events SELECT (jsonb_populate_record(e, jsonb_build_object('notification_id', {},"
    " 'originator_version', 999))).* FROM rujukan_events e WHERE notification_id = 4"
)


@pytest.mark.parametrize(
    ("position", "told"),
    [
        ("NULL::bigint", "without a position"),
        ("0", "at position 0"),
        ("-5", "at position -5"),
        ("7", "at position 7"),
    ],
)
def test_what_stands_beside_the_positions_of_the_log_is_named(log: LogWithTree, position: str, told: str) -> None:
    log.changed(
        "ALTER TABLE rujukan_events DROP CONSTRAINT rujukan_events_notification_id_check",
        "ALTER TABLE rujukan_events ALTER notification_id DROP NOT NULL",
        "DROP INDEX rujukan_events_notification_id_idx",
        PUT_IN.format(position),
    )
    with log.session() as session:
        (stream,) = (
            session.execute("SELECT originator_id FROM rujukan_events WHERE originator_version = 999").fetchone() or ()
        )
    found = log.verify(*log.safe.notes).findings
    assert any(
        f"Beside the log stands an event {told}: " in f.what and f"version 999 of {stream}." in f.what for f in found
    )
    if position != "7":  # where the log is torn, it ends for the verifier
        assert len(found) == 2 and f"1 event beside the positions 1 to {log.head}." in found[-1].what


def test_one_that_shares_the_last_position_of_what_is_read_at_a_time_is_named(
    log: LogWithTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying_log, "BATCH", 7)
    log.changed("DROP INDEX rujukan_events_notification_id_idx", PUT_IN.format(7))
    assert positions(log)[0] == 7


def test_the_last_event_gone(log: LogWithTree) -> None:
    end = log.head
    log.changed(f"DELETE FROM rujukan_events WHERE notification_id = {end}")
    assert positions(log)[0] == end
    log.changed("DELETE FROM log_tiles", "DELETE FROM checkpoints")
    assert positions(log, log.safe.notes[-1]) == [end]
    with pytest.raises(Denied, match=f"ends at {end - 1}; the checkpoint kept in the safe is of {end}"):
        log.attest()


def test_yesterdays_backup_with_something_else_behind_it_is_not_signed(log: LogWithTree) -> None:
    """The database's own checkpoint is of yesterday too; the one outside is not."""
    end = log.head
    log.register("of the day that was lost")
    log.attest()
    gone = f"notification_id > {end}"
    log.changed(
        f"DELETE FROM rujukan_events WHERE {gone}",
        "DELETE FROM log_tiles",
        f"DELETE FROM checkpoints WHERE size > {end}",
    )
    log.told.register("another", "2026-01-05", "head of another")
    log.told.register("and another", "2026-01-05", "head of and another")
    with pytest.raises(Denied, match="the log is another than when the checkpoint kept in the safe was signed"):
        log.attest()
    assert positions(log, log.safe.notes[-1])


def test_signed_with_another_key(log: LogWithTree) -> None:
    other = SigningKey(ORIGIN, Ed25519PrivateKey.generate())
    with log.session() as session:
        (note,) = session.execute("SELECT note FROM checkpoints").fetchone() or ("",)
    forged = signed(note.rpartition("\n\n")[0] + "\n", other.key, other)
    log.changed(f"UPDATE checkpoints SET note = $${forged}$$")
    assert "not signed by" in log.verify().findings[0].what
    assert "not signed by" in log.verify(forged).findings[-1].what
    log.safe.notes = [forged]
    with pytest.raises(Denied, match="is not signed by our key"):
        log.attest()


@pytest.mark.parametrize(
    "tiles",
    [
        "UPDATE log_tiles SET hashes = set_byte(hashes, 32 * 4, get_byte(hashes, 32 * 4) # 1) WHERE level = 0",
        "UPDATE log_tiles SET hashes = substr(hashes, 1, 32 * 4) WHERE level = 0",
        "DELETE FROM log_tiles",
    ],
)
def test_tiles_of_another_tree(log: LogWithTree, tiles: str) -> None:
    log.changed(tiles)
    log.register("what comes later")
    if "set_byte" in tiles:
        with pytest.raises(Denied):
            log.attest()
        assert positions(log) == [5]
    else:  # the tree grows anew over the same log
        log.attest()
        assert positions(log) == []


def test_a_true_signature_over_a_smaller_tree_proves_the_smaller_tree(log: LogWithTree) -> None:
    """It is a checkpoint of this log; and what is signed next is larger than all that were."""
    small = log.safe.notes[-1]
    log.register("one more")
    large = log.attest()
    log.safe.notes.append(small)
    assert log.attest() == large
    assert positions(log, small) == []


@pytest.mark.parametrize("of_size", [-1, 0])
def test_a_true_signature_over_what_is_no_beginning_of_the_log(log: LogWithTree, of_size: int) -> None:
    """Of fewer events or of as many, with the root of a tree that is smaller than it says."""
    with log.session() as session:
        smaller = root(log.head - 2, log_tree.subtrees(session, log.head - 2))
    false = signed(Checkpoint(ORIGIN, log.head + of_size, smaller).text(), log.signs.key, log.signs)
    (found,) = log.verify(false).findings
    assert f"Up to position {log.head + of_size} the log is another than the checkpoint kept as 0 says" in found.what
    log.safe.notes.append(false)
    with pytest.raises(Denied, match="the log is another"):
        log.attest()


def checkpoint_of(log: LogWithTree, size: int, hashed: bytes | None = None) -> str:
    """Signed with the true key; of the tree as it is, unless a root is given."""
    with log.session() as session:
        of = hashed if hashed is not None else root(size, log_tree.subtrees(session, size))
    return signed(Checkpoint(ORIGIN, size, of).text(), log.signs.key, log.signs)


def test_it_is_told_up_to_where_another_checkpoint_of_the_same_keeper_follows(log: LogWithTree) -> None:
    log.register("one more")
    log.attest()
    sound = [checkpoint_of(log, size) for size in (3, 5)]
    for size, up_to in ((2, None), (3, None), (4, 3), (5, 3), (6, 5), (log.head, 5)):
        (found,) = log.verify(*sound, checkpoint_of(log, size, b"0" * 32)).findings
        assert found.what.startswith(f"Up to position {size} the log is another than the checkpoint kept as 2 says")
        follows = {3: ", and up to 3 as the checkpoint kept as 0", 5: ", and up to 5 as the checkpoint kept as 1"}
        assert found.what.endswith(f"kept as 2 says{'' if up_to is None else follows[up_to] + ' says'}.")
    (found,) = log.verify(checkpoint_of(log, 0, b"0" * 32)).findings
    assert "is of no events" in found.what


def test_checkpoints_of_a_forged_history_bear_nothing_out_of_what_was_kept_elsewhere(log: LogWithTree) -> None:
    kept = log.safe.notes[-1]
    log.changed(f"UPDATE rujukan_events SET state = set_byte(state, 9, 33) WHERE {FIFTH}")
    grown_anew(log)
    with log.session() as session:
        for size in (3, 7, log.head - 1):
            log_tree.keep_note(session, size, checkpoint_of(log, size))
    (found,) = log.verify(kept).findings
    assert found.what == f"Up to position {log.head} the log is another than the checkpoint kept as 0 says."


def test_many_checkpoints_of_one_keeper_are_told_of_by_the_first_that_does_not_follow(log: LogWithTree) -> None:
    with log.session() as session:
        for size in (3, 7, 9):
            log_tree.keep_note(session, size, checkpoint_of(log, size))
    log.changed(f"UPDATE rujukan_events SET state = set_byte(state, 9, 33) WHERE {FIFTH}")
    told = [found.what for found in log.verify().findings if found.what.startswith("Up to")]
    assert told == [
        "Up to position 7 the log is another than the checkpoint of 7 in the database says, and up to 3 as the"
        " checkpoint of 3 in the database says; nor do 2 larger ones of the same place follow."
    ]


def test_a_note_that_stands_under_another_size(log: LogWithTree) -> None:
    log.changed(f"UPDATE checkpoints SET size = 1000 WHERE size = {log.head}")
    (found,) = log.verify().findings
    assert found.what == f"The checkpoint of 1000 in the database is of {log.head}." and not found.differs


def test_the_application_keeps_no_note_under_another_size(log: LogWithTree) -> None:
    with log.session() as session, pytest.raises(psycopg.errors.CheckViolation, match="checkpoints_size"):
        log_tree.keep_note(session, 10**9, log.safe.notes[-1])


@pytest.mark.parametrize(
    "change",
    [
        "logged_at = 'infinity'",
        "logged_at = '4000-01-01 BC'",
        "state = NULL",
        "originator_id = NULL",
    ],
)
def test_an_event_that_cannot_be_read_is_named_by_its_position(log: LogWithTree, change: str) -> None:
    column = change.partition(" ")[0]
    log.changed(
        "ALTER TABLE rujukan_events DROP CONSTRAINT rujukan_events_pkey",
        f"ALTER TABLE rujukan_events ALTER {column} DROP NOT NULL",
        f"UPDATE rujukan_events SET {change} WHERE {FIFTH}",
    )
    found = log.verify().findings[0]
    assert found.position == 5 and found.what.startswith("The log has no event at position 5 that can be read: ")


def test_a_tree_that_does_not_hold_what_was_signed(log: LogWithTree) -> None:
    log.changed("UPDATE log_tiles SET hashes = substr(hashes, 1, 32 * 6)")
    assert [found.what for found in log.verify().findings] == ["The tree ends at 6, and was signed at 134."]
    log.changed("INSERT INTO log_tiles VALUES (0, 36028797018963968, sha256('x'))")
    assert positions(log) == [1, 135]


def test_a_policy_that_hides_events_is_an_error_and_not_another_log(log: LogWithTree) -> None:
    log.changed(
        "ALTER TABLE rujukan_events ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE rujukan_events FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY hiding ON rujukan_events FOR SELECT USING (NOT ({FIFTH}))",
    )
    with pytest.raises(ProgrammingError, match="row-level security"):
        log.application.recorder.select_notifications(1, 10)


def test_what_another_key_signed_is_told_of_once_for_each_place(log: LogWithTree) -> None:
    first = log.head
    for family in ("one", "another"):
        log.register(family)
        log.attest()
    signs = SigningKey(ORIGIN, Ed25519PrivateKey.generate())
    kept = KeptNote(log.safe.notes[0], "the checkpoint kept", "auditor")
    with log.session() as session:
        found = verifying_log.verify(session, signs.key, PublicKey(signs.key), [kept])
    assert [finding.what.partition(" is not signed by ")[0] for finding in found.findings] == [
        f"The checkpoint of {first} in the database",
        "The checkpoint kept",
    ]
    assert found.findings[0].what.endswith("So it is with 2 more of the same place.")
    assert (found.checkpoints, found.unsigned) == (4, 4)


def test_of_another_log(log: LogWithTree) -> None:
    other = signed(Checkpoint("another.test/log", 0, EMPTY).text(), log.signs.key, log.signs)
    assert ["another log" in finding.what for finding in log.verify(other).findings] == [True]


@pytest.mark.parametrize("note", ["", "nonsense", "\n\n— x y\n", "a\n1\nb\n\n— rujukan.test/log AAAA\n"])
def test_what_is_no_checkpoint(log: LogWithTree, note: str) -> None:
    assert log.verify(note).findings
