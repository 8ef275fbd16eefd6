"""The tree grows with the log, and its root is signed at the log's end: by one, and never a smaller."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, pairwise
from typing import Any

import psycopg
import pytest

from consumers.auditing import attesting
from consumers.auditing.attesting import grown
from domain.proof.checkpoint import Checkpoint, read_checkpoint
from domain.proof.note import opened
from domain.proof.tree import consistency, leaf_hash, root
from domain.proof.verifying import verify_consistency
from infra.attestation.signing_key import PublicKey
from projections import log_signing, log_tree
from tests.consumers.auditing.log_with_tree import ORIGIN, LogWithTree
from tests.faults.programs import eventually

WITHIN = 30.0


@pytest.fixture
def log(database: str) -> Iterator[LogWithTree]:
    found = LogWithTree(database)
    yield found
    found.close()


@contextmanager
def running(log: LogWithTree, many: int = 1) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=log.attesting().run, args=(stop,)) for _ in range(many)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(WITHIN)
            assert not thread.is_alive()


def standing(log: LogWithTree) -> log_signing.Signing:
    with log.session() as session:
        return log_signing.standing(session)


def kept(log: LogWithTree) -> list[Checkpoint]:
    return [read_checkpoint(opened(note, log.signs.key, PublicKey(log.signs.key))) for note in log.safe.notes]


def test_two_at_once_sign_one_history(log: LogWithTree) -> None:
    with running(log, many=2):
        eventually(lambda: log.safe.notes)
        log.register("one more")
        eventually(lambda: kept(log)[-1].size == log.head)
    sizes = [checkpoint.size for checkpoint in kept(log)]
    assert sizes == sorted(set(sizes))
    assert {checkpoint.origin for checkpoint in kept(log)} == {ORIGIN}
    assert log.verify(*log.safe.notes).findings == ()


def test_a_log_that_never_comes_to_rest_is_signed_all_the_same(
    log: LogWithTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    families = count()

    def grown_meanwhile(session: psycopg.Connection[Any]) -> int:
        log.register(f"family {next(families)}")
        return grown(session)

    monkeypatch.setattr(attesting, "grown", grown_meanwhile)
    with running(log):
        eventually(lambda: len(kept(log)) > 1)


def test_each_checkpoint_is_the_beginning_of_the_next(log: LogWithTree) -> None:
    found = [log.attest()]
    for family in ("one", "another"):
        log.register(family)
        found.append(log.attest())
    with log.session() as session:
        for old, new in pairwise(found):
            path = consistency(old.size, new.size, log_tree.subtrees(session, new.size))
            verify_consistency(old.size, new.size, old.root, new.root, path)


def test_nothing_new_is_not_signed_again(log: LogWithTree) -> None:
    assert log.attest() == log.attest()
    assert len(log.safe.notes) == 1


def test_an_empty_log_is_not_signed(database: str) -> None:
    found = LogWithTree(database, empty=True)
    assert found.attest().size == 0
    assert found.safe.notes == []
    found.close()


def test_a_tree_grown_by_few_at_a_time_is_the_same(log: LogWithTree) -> None:
    whole = log.attest()
    log.changed("DELETE FROM log_tiles")
    with log.session() as session:
        size = 0
        for batch in [1, 2, 3, 50, 10_000]:
            leaves = [leaf_hash(entry) for entry in log_tree.entries(session, size, batch)]
            size = log_tree.grow(session, size, leaves)
        assert root(size, log_tree.subtrees(session, size)) == whole.root


def test_while_the_log_is_shorter_than_it_was_nothing_is_signed_and_it_says_why(log: LogWithTree) -> None:
    log.register("of the day that was lost")
    end = log.attest().size
    log.changed(
        f"DELETE FROM rujukan_events WHERE notification_id >= {end}", "DELETE FROM log_tiles", "DELETE FROM checkpoints"
    )
    told = f"The log ends at {end - 1}; the checkpoint kept in the safe is of {end}."
    with running(log):
        eventually(lambda: standing(log).refused == told)
        assert (standing(log).position, standing(log).lag) == (0, end - 1)
        since = standing(log).since
        lost = log.safe.notes.pop()
        eventually(lambda: standing(log).refused is None)
    assert since is not None and standing(log).since is None
    assert lost not in log.safe.notes and [each.size for each in kept(log)] == [end - 1] == [standing(log).position]


def test_why_nothing_is_signed_is_told_whatever_it_was(log: LogWithTree) -> None:
    log.changed("DELETE FROM rujukan_events WHERE notification_id = 7")
    with running(log):
        eventually(lambda: standing(log).refused == "The log has no event at position 7.")
    log.attesting().failed(OSError(28, "No space left on device"))
    assert standing(log).refused == "OSError: [Errno 28] No space left on device"


def test_while_it_leads_a_log_that_was_changed_under_it_is_not_signed(log: LogWithTree) -> None:
    """Whoever works a change into the tree, too, and takes the checkpoints away, waits for the next signature."""
    with running(log):
        eventually(lambda: log.safe.notes)
        before = list(log.safe.notes)
        log.changed(
            "UPDATE rujukan_events SET state = set_byte(state, 9, 33) WHERE notification_id = 5",
            "UPDATE log_tiles SET hashes = set_byte(hashes, 130, get_byte(hashes, 130) # 1) WHERE level = 0",
            "DELETE FROM checkpoints",
        )
        log.register("what the forger waits for")
        eventually(lambda: "the log is another than when" in (standing(log).refused or ""))
    assert log.safe.notes == before


def test_a_checkpoint_that_is_another_than_what_was_kept_last_is_told_of_and_not_replaced(log: LogWithTree) -> None:
    with running(log):
        eventually(lambda: log.safe.notes)
        log.register("one more")
        eventually(lambda: len(log.safe.notes) > 1)
        log.safe.notes[-1] = "garbage"
        log.register("another")
        eventually(lambda: standing(log).refused)
        assert log.safe.notes[-1] == "garbage"


def test_a_log_with_a_gap_is_not_signed(log: LogWithTree) -> None:
    log.changed("DELETE FROM rujukan_events WHERE notification_id = 7")
    with pytest.raises(log_tree.Torn, match="position 7"):
        log.attest()


def test_the_checkpoint_is_outside_before_it_is_inside(log: LogWithTree) -> None:
    """Where it cannot be kept outside, nobody is shown it."""

    class Full(Exception):
        pass

    def full(_: str) -> None:
        raise Full

    log.safe.keep = full  # type: ignore[method-assign]
    with pytest.raises(Full):
        log.attest()
    with log.session() as session:
        assert log_tree.newest_note(session) is None
