"""An event is proved to whoever has the verifier key, and the tree is written out for tools that are not ours."""

import base64
import dataclasses
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from consumers.auditing.proving import NotSignedYet, OtherLog, Prover, write_tiles
from domain.errors import AlreadyRegistered
from domain.proof.checkpoint import read_checkpoint
from domain.proof.event_proof import EventProof, check, proof_text, read_proof
from domain.proof.note import opened
from domain.proof.tiles import Tile, subtree_from, unbundled
from domain.proof.tree import leaf_hash, root
from domain.proof.verifying import Unproven
from infra.attestation.signing_key import PublicKey
from infra.whole_files import replace
from tests.consumers.auditing.log_with_tree import LogWithTree


@pytest.fixture
def log(database: str) -> Iterator[LogWithTree]:
    found = LogWithTree(database)
    found.attest()
    yield found
    found.close()


def proof_of(log: LogWithTree, position: int) -> EventProof:
    with log.session() as session:
        return Prover(session, *log.known).prove(position)


def checked(log: LogWithTree, proof: EventProof) -> int:
    return check(proof, log.signs.key, PublicKey(log.signs.key)).position


def test_every_event_is_proved(log: LogWithTree) -> None:
    for position in range(1, log.head + 1):
        assert checked(log, read_proof(proof_text(proof_of(log, position)))) == position


@pytest.mark.parametrize("position", [0, -1, 10**9, 2**63 - 1])
def test_what_is_not_there_is_not_proved(log: LogWithTree, position: int) -> None:
    with pytest.raises(NotSignedYet):
        proof_of(log, position)


def test_what_is_not_signed_yet_is_not_proved(log: LogWithTree) -> None:
    log.register("later")
    with pytest.raises(NotSignedYet):
        proof_of(log, log.head)


BYTE = "UPDATE log_tiles SET hashes = set_byte(hashes, {0}, get_byte(hashes, {0}) # 1) WHERE level = 0"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "UPDATE rujukan_events SET topic = topic || 'x' WHERE notification_id = 5",
            "The event at position 5 is another",
        ),
        (BYTE.format(32 * 4), "The event at position 5 is another"),
        (BYTE.format(32 * 11), "Position 5 does not follow from the checkpoint signed last"),
        ("DELETE FROM log_tiles", "The tree has no tile"),
        ("UPDATE checkpoints SET note = replace(note, E'\n\n', E'\nmore\n\n')", "is not signed by"),
    ],
)
def test_what_would_prove_nothing_is_not_handed_out(log: LogWithTree, change: str, told: str) -> None:
    log.changed(change)
    with pytest.raises(OtherLog, match=told):
        proof_of(log, 5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (BYTE.format(32 * 4), "does not lead to the root"),
        ("DELETE FROM log_tiles", "The tree has no tile"),
        (
            "UPDATE rujukan_events SET topic = topic || 'x' WHERE notification_id = 5",
            "The event at position 5 is another",
        ),
    ],
)
def test_a_tree_that_does_not_lead_to_the_signed_root_is_not_written(
    log: LogWithTree, tmp_path: Path, change: str, told: str
) -> None:
    log.changed(change)
    with log.session() as session, pytest.raises(OtherLog, match=told):
        write_tiles(session, tmp_path, *log.known, replace)
    assert not list(tmp_path.iterdir())


FIRST_OF = "UPDATE log_tiles SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE number = 0 AND level = {}"


def grown_large(log: LogWithTree) -> None:
    """Over several full tiles."""
    for family in range(140):
        with suppress(AlreadyRegistered):  # made-up numbers meet
            log.register(f"family {family}")
    log.attest()


def test_tiles_below_those_that_the_root_is_worked_out_from_lead_to_it_too(log: LogWithTree, tmp_path: Path) -> None:
    grown_large(log)
    log.changed(FIRST_OF.format(0))
    with log.session() as session, pytest.raises(OtherLog, match="The event at position 1 is another"):
        write_tiles(session, tmp_path, *log.known, replace)
    assert not (tmp_path / "checkpoint").exists()
    log.changed(FIRST_OF.format(0), FIRST_OF.format(1))
    with log.session() as session, pytest.raises(OtherLog, match="does not lead to the root"):
        write_tiles(session, tmp_path, *log.known, replace)


@pytest.mark.parametrize(
    ("file", "told"),
    [("tile/0/000", "is a tile of another tree"), ("tile/entries/000", "holds other entries than the tree is of")],
)
def test_what_is_in_the_directory_already_is_of_this_tree(
    log: LogWithTree, tmp_path: Path, file: str, told: str
) -> None:
    grown_large(log)
    with log.session() as session:
        write_tiles(session, tmp_path, *log.known, replace)
        content = bytearray((tmp_path / file).read_bytes())
        content[40] ^= 1
        (tmp_path / file).write_bytes(content)
        with pytest.raises(OtherLog, match=told):
            write_tiles(session, tmp_path, *log.known, replace)


def test_a_proof_of_something_else_proves_nothing(log: LogWithTree) -> None:
    proof, other = proof_of(log, 3), proof_of(log, 4)
    wrong = [
        {"entry": other.entry},
        {"state": other.state},
        {"state": "%"},
        {"path": other.path},
        {"path": proof.path[:-1]},
        {"path": ["zz"]},
        {"path": [*proof.path, *["00" * 32] * 1000]},
        {"entry": proof.entry.replace('"position":3', '"position":4')},
        {"entry": proof.entry.replace('"position":3', '"position":' + "9" * 30)},
        {"entry": proof.entry.replace(":", ": ")},
        {"entry": "{}"},
        {"checkpoint": proof.checkpoint.replace("\n", "\n\n", 1)},
        {"state": base64.b64encode(b"{}").decode()},
    ]
    for change in wrong:
        with pytest.raises(Unproven):
            checked(log, dataclasses.replace(proof, **change))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"state": "%"}, "What is stored of the event is not in base 64."),
        ({"state": "é"}, "What is stored of the event is not in base 64."),
        ({"path": ["zz"]}, "A hash of the path is not in hexadecimal digits."),
        ({"entry": "{"}, "The bytes are no leaf."),
        ({"entry": '{"position":' + "9" * 6000 + "}"}, "The bytes are no leaf."),
        ({"entry": "\ud800"}, "The file holds what is no text."),
        ({"checkpoint": "\ud800\n\n\ud800\n"}, "A line of signature is malformed."),
    ],
)
def test_why_it_proves_nothing_is_said_in_words_of_ours(log: LogWithTree, change: dict[str, Any], told: str) -> None:
    with pytest.raises(Unproven) as fault:
        checked(log, dataclasses.replace(proof_of(log, 3), **change))
    assert str(fault.value) == told


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b"[1]", b'{"entry": 1}', b"[" * 5000])
def test_what_is_no_proof(text: bytes) -> None:
    with pytest.raises(Unproven):
        read_proof(text)


def test_the_tree_as_files_gives_the_signed_root_and_all_entries(log: LogWithTree, tmp_path: Path) -> None:
    for family in range(80):
        with suppress(AlreadyRegistered):  # made-up numbers meet
            log.register(f"family {family}")
    log.attest()
    with log.session() as session:
        size = write_tiles(session, tmp_path, *log.known, replace)
        assert size == log.head > 256
        log.register("later")
        log.attest()
        assert write_tiles(session, tmp_path, *log.known, replace) == log.head
    kept = read_checkpoint(opened((tmp_path / "checkpoint").read_text(), log.signs.key, PublicKey(log.signs.key)))

    def read(tile: Tile) -> bytes:
        return (tmp_path / tile.path).read_bytes()

    assert root(kept.size, subtree_from(read, kept.size)) == kept.root
    first = unbundled((tmp_path / "tile/entries/000").read_bytes())
    assert b"".join(map(leaf_hash, first)) == read(Tile(0, 0))
