"""Proves single events, and writes the whole tree out for whoever verifies it with tools of their own."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psycopg import Connection

from consumers.auditing.kept_notes import Finding, signed_checkpoint
from domain.proof.checkpoint import Checkpoint
from domain.proof.event_proof import EventProof, check
from domain.proof.leaf import entry
from domain.proof.note import KeyName, Verifier
from domain.proof.tiles import LENGTH, WIDTH, Tile, entries_path, folded, tiles_of, unbundled
from domain.proof.tree import Hash, inclusion, leaf_hash, root
from domain.proof.verifying import Unproven
from projections import log_tree

Write = Callable[[Path, bytes], None]
"""Writes a file whole or not at all."""
Progress = Callable[[int, int], None]


class NotSignedYet(LookupError):
    """No checkpoint holds the event."""


class OtherLog(Exception):
    """The log is another than the tree over it, or the tree than what was signed, or what a directory holds is no
    beginning of this log."""


class Prover:
    """Proves events by the checkpoint signed last: of many, tiles and checkpoint are read once.

    Raises `NotSignedYet`, and `OtherLog`.
    """

    def __init__(self, session: Connection[Any], key: KeyName, verifier: Verifier) -> None:
        self._session = session
        self._key = key
        self._verifier = verifier
        self._note, self._kept = newest_signed(session, key, verifier)
        self._subtree = log_tree.subtrees(session, self._kept.size)

    def prove(self, position: int) -> EventProof:
        """Raises `NotSignedYet`; and `OtherLog` where the proof would prove nothing to who has the key."""
        size = self._kept.size
        found = log_tree.stored(self._session, position - 1, 1) if 1 <= position <= size else []
        if not found:
            raise NotSignedYet(f"The checkpoint signed last is of {size} events; there is no {position} among them.")
        leaf = entry(*found[0])
        try:
            held = self._subtree(0, position - 1)
            path = inclusion(position - 1, size, self._subtree)
        except LookupError as fault:
            raise OtherLog(str(fault)) from None
        if held != leaf_hash(leaf):
            raise OtherLog(f"The event at position {position} is another than when the tree grew by it.")
        state = base64.b64encode(found[0].state).decode()
        proof = EventProof(leaf.decode(), state, [hash_.hex() for hash_ in path], self._note)
        try:
            check(proof, self._key, self._verifier)
        except Unproven as fault:
            raise OtherLog(f"Position {position} does not follow from the checkpoint signed last: {fault}") from None
        return proof


def write_tiles(
    session: Connection[Any],
    directory: Path,
    key: KeyName,
    verifier: Verifier,
    write: Write,
    progress: Progress = lambda *_: None,
) -> int:
    """The tree of the checkpoint signed last, by C2SP `tlog-tiles`: full tiles that are there stay, and the checkpoint
    comes last, so that the directory is right whenever this is broken off.

    Returns its size; raises `NotSignedYet`, `OtherLog` and `Torn`.
    """
    note, kept = newest_signed(session, key, verifier)
    try:
        found_root = root(kept.size, log_tree.subtrees(session, kept.size))
    except LookupError as fault:
        raise OtherLog(str(fault)) from None
    if found_root != kept.root:
        raise OtherLog("The tree does not lead to the root of the checkpoint signed last; `audit verify` tells more.")
    below: list[Hash] = []
    above: list[Hash] = []
    """What the full tiles of a level come to, which is what the level above holds."""
    level = 0
    for tile in tiles_of(kept.size):
        found = log_tree.read_tile(session, tile)
        if found is None:
            raise OtherLog(f"The tree has no tile {tile.path}.")
        if tile.level != level:
            level, below, above = tile.level, above, []
        if tile.level == 0:
            _write_entries(session, directory, tile, found, write)
            progress(tile.number * WIDTH + tile.width, kept.size)
        elif found != b"".join(below[tile.number * WIDTH : tile.number * WIDTH + tile.width]):
            raise OtherLog(f"Tile {tile.path} does not follow from the tiles below it.")
        if tile.width == WIDTH:
            above.append(folded(found))
        _write_tile(directory / tile.path, tile, found, write)
    write(directory / "checkpoint", note.encode())
    return kept.size


def _write_tile(file: Path, tile: Tile, found: bytes, write: Write) -> None:
    """A full one that is there stays, as it never changes."""
    if tile.width < WIDTH or not file.exists():
        write(file, found)
    elif file.read_bytes() != found:
        raise OtherLog(f"{file} is a tile of another tree.")


def _write_entries(session: Connection[Any], directory: Path, tile: Tile, hashes: bytes, write: Write) -> None:
    """Those that the tile is of, which has their hashes."""
    file = directory / entries_path(tile.number, tile.width)
    kept = tile.width == WIDTH and file.exists()
    entries = file.read_bytes() if kept else log_tree.read_bundle(session, tile)
    try:
        leaves = [leaf_hash(entry) for entry in unbundled(entries)]
    except ValueError:
        leaves = []
    if b"".join(leaves) != hashes:
        if kept:
            raise OtherLog(f"{file} holds other entries than the tree is of.")
        at = next((n for n, leaf in enumerate(leaves) if leaf != hashes[LENGTH * n : LENGTH * (n + 1)]), len(leaves))
        position = tile.number * WIDTH + at + 1
        raise OtherLog(f"The event at position {position} is another than when the tree grew by it.")
    if not kept:
        write(file, entries)


def newest_signed(session: Connection[Any], key: KeyName, verifier: Verifier) -> tuple[str, Checkpoint]:
    """The checkpoint signed last. Raises `NotSignedYet`; and `OtherLog` where it is not signed by this key."""
    note = log_tree.newest_note(session)
    if note is None:
        raise NotSignedYet("No checkpoint has been signed yet.")
    found = signed_checkpoint(note, "the checkpoint signed last", key, verifier)
    if isinstance(found, Finding):
        raise OtherLog(found.what)
    return note, found
