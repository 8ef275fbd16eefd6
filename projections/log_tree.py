"""The Merkle tree over the log, as tiles in the database: grows by leaves, and gives roots and proofs.

Unlike the read tables it is never made anew: what was signed of it has to follow from what is there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor, DataError
from psycopg.rows import tuple_row

from domain.proof.leaf import entry
from domain.proof.tiles import LENGTH, WIDTH, Tile, bundle, folded, subtree_from
from domain.proof.tree import Hash, Subtree

_ENTRIES = """
SELECT notification_id, logged_at, originator_id, originator_version, topic, state
FROM rujukan_events WHERE notification_id > %s ORDER BY notification_id LIMIT %s
"""
_SIZE = """
SELECT number::numeric * 256 + octet_length(hashes) / 32 AS size FROM log_tiles
WHERE level = 0 ORDER BY number DESC LIMIT 1
"""
_PUT = """
INSERT INTO log_tiles (level, number, hashes)
SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])
ON CONFLICT (level, number) DO UPDATE SET hashes = EXCLUDED.hashes
"""


class Torn(Exception):
    """The log does not have the event at `position`, which it had, or has passed over, or it cannot be read."""

    def __init__(self, position: int, why: str | None = None) -> None:
        told = f"The log has no event at position {position}"
        super().__init__(f"{told}." if why is None else f"{told} that can be read: {why}.")
        self.position = position


class StoredEvent(NamedTuple):
    """An event as it is stored, in the order in which `domain.proof.leaf.entry` takes it."""

    position: int
    logged_at: datetime
    stream: UUID
    version: int
    topic: str
    state: bytes


def stored(conn: Connection[Any], after: int, limit: int) -> list[StoredEvent]:
    """The next events behind a position, from the log as it is. Raises `Torn`."""
    try:
        found = [StoredEvent(*row) for row in rows(conn, _ENTRIES, [after, limit])]
    except DataError as fault:  # of a moment that no calendar has, for one
        if limit == 1:
            raise Torn(after + 1, str(fault)) from None
        return stored(conn, after, limit // 2)
    for expected, event in enumerate(found, start=after + 1):
        if event.position != expected:
            raise Torn(expected)
        if None in event:
            raise Torn(expected, "a column of it is empty")
    return found


def entries(conn: Connection[Any], after: int, limit: int) -> list[bytes]:
    """Their leaves. Raises `Torn`."""
    return [entry(*event) for event in stored(conn, after, limit)]


def newest_note(conn: Connection[Any]) -> str | None:
    """The checkpoint that was signed last."""
    row = rows(conn, "SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1").fetchone()
    return str(row[0]) if row else None


def notes(conn: Connection[Any]) -> list[tuple[int, str]]:
    """All checkpoints with their sizes, the smallest first."""
    return rows(conn, "SELECT size, note FROM checkpoints ORDER BY size").fetchall()


def keep_note(conn: Connection[Any], of_size: int, note: str) -> None:
    conn.execute("INSERT INTO checkpoints (size, note) VALUES (%s, %s) ON CONFLICT DO NOTHING", [of_size, note])


def size(conn: Connection[Any]) -> int:
    """How many leaves the tree has."""
    row = rows(conn, _SIZE).fetchone()
    return int(row[0]) if row else 0


def read_tile(conn: Connection[Any], tile: Tile) -> bytes | None:
    """Its hashes, as many as its width; None where the tree has not grown so far."""
    row = rows(
        conn, "SELECT hashes FROM log_tiles WHERE level = %s AND number = %s", [tile.level, tile.number]
    ).fetchone()
    hashes = bytes(row[0]) if row else b""
    return hashes[: LENGTH * tile.width] if len(hashes) >= LENGTH * tile.width else None


def leaves(conn: Connection[Any], first: int, many: int) -> bytes:
    """The hashes by which the tree holds the events from a position on: fewer where it has not grown so far."""
    number, at = divmod(first - 1, WIDTH)
    found = rows(
        conn,
        "SELECT hashes FROM log_tiles WHERE level = 0 AND number BETWEEN %s AND %s ORDER BY number",
        [number, (first - 2 + many) // WIDTH],
    )
    return b"".join(bytes(hashes) for (hashes,) in found)[LENGTH * at : LENGTH * (at + many)]


def read_bundle(conn: Connection[Any], tile: Tile) -> bytes:
    """The leaves under a tile of level 0, from the log as it is. Raises `Torn`."""
    return bundle(entries(conn, tile.number * WIDTH, tile.width))


def grow(conn: Connection[Any], before: int, leaves: Sequence[Hash]) -> int:
    """Adds leaves to the tree of the size `before`, within the caller's transaction; returns the new size."""
    put: list[tuple[int, int, bytes]] = []
    level, start, hashes = 0, before, list(leaves)
    while hashes:
        number, filled = divmod(start, WIDTH)
        held = (read_tile(conn, Tile(level, number, filled)) or b"") if filled else b""
        if len(held) != LENGTH * filled:
            raise LookupError(f"The tree has no tile {level}/{number} of width {filled}.")
        whole = held + b"".join(hashes)
        cut = [whole[at : at + LENGTH * WIDTH] for at in range(0, len(whole), LENGTH * WIDTH)]
        put += [(level, number + n, tile) for n, tile in enumerate(cut)]
        hashes = [folded(tile) for tile in cut if len(tile) == LENGTH * WIDTH]
        level, start = level + 1, number
    if put:
        conn.execute(_PUT, [list(column) for column in zip(*put, strict=True)])
    return before + len(leaves)


def subtrees(conn: Connection[Any], of_size: int) -> Subtree:
    """Of the tree when it was of that size. Raises `LookupError` where tiles are missing."""

    def read(tile: Tile) -> bytes:
        found = read_tile(conn, tile)
        if found is None:
            raise LookupError(f"The tree has no tile {tile.path}.")
        return found

    return subtree_from(read, of_size)


def rows(conn: Connection[Any], query: LiteralString, parameters: Sequence[object] = ()) -> Cursor[tuple[Any, ...]]:
    """As tuples, whatever rows the connection gives."""
    return conn.cursor(row_factory=tuple_row).execute(query, parameters)
