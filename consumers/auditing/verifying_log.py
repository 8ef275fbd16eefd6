"""Recomputes the tree from the events as they are, and compares it with all that was signed of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection

from consumers.auditing.kept_notes import Finding, KeptNote, against_checkpoints, counted, sorted_out
from domain.proof.note import KeyName, Verifier
from domain.proof.tiles import LENGTH, WIDTH, Tile, folded, subtree_from, tiles_of
from domain.proof.tree import Hash, leaf_hash, root
from projections import log_tree

BATCH = 4096

Progress = Callable[[int, int], None]
"""Told how many events were read, of how many."""


@dataclass(frozen=True, slots=True)
class Verified:
    """`size` events were read; `checkpoints` were checked. Nothing differs where there are no findings, which are in
    the order of their positions; `unsigned` are not by this key."""

    size: int
    checkpoints: int
    unsigned: int
    findings: tuple[Finding, ...]


def verify(
    session: Connection[Any],
    key: KeyName,
    verifier: Verifier,
    against: Sequence[KeptNote] = (),
    progress: Progress = lambda *_: None,
) -> Verified:
    """`against` are notes that somebody kept elsewhere.

    The tree is held in memory: 32 bytes an event and a little more. A change of an event that the tiles still know of
    is named by its position; of one that somebody worked into the tiles too, the first checkpoint that differs is told.
    """
    findings: list[Finding] = []
    grown, signed = log_tree.size(session), log_tree.notes(session)  # first, as the log and both go on growing
    leaves, torn = _leaves(session, progress)
    if torn is not None:
        findings.append(Finding(str(torn), torn.position))
    findings += _beside(session, len(leaves) // LENGTH)
    findings += _against_tiles(session, leaves, grown)
    inside = [KeptNote(note, f"the checkpoint of {size} in the database", "database", size) for size, note in signed]
    roots = _Roots(leaves)
    checkpoints, unsigned = sorted_out([*inside, *against], key, verifier)
    at = max((kept.size for kept in checkpoints if kept.keeper == "database"), default=0)
    if grown < min(at, roots.size):
        findings.append(Finding(f"The tree ends at {grown}, and was signed at {at}.", grown + 1))
    findings += [*unsigned, *against_checkpoints(checkpoints, "log", roots.size, roots.of)]
    findings.sort(key=lambda finding: (finding.position is None, finding.position))
    read = len(inside) + len(against)
    return Verified(len(leaves) // LENGTH, read, read - len(checkpoints), tuple(findings))


class _Roots:
    """Of trees over the beginning of these leaves."""

    def __init__(self, leaves: bytes) -> None:
        self.size = len(leaves) // LENGTH
        self._levels = [leaves]
        while len(self._levels[-1]) >= LENGTH * WIDTH:
            below = self._levels[-1]
            whole = len(below) // (LENGTH * WIDTH)
            self._levels.append(
                b"".join(folded(below[LENGTH * WIDTH * n : LENGTH * WIDTH * (n + 1)]) for n in range(whole))
            )

    def of(self, size: int) -> Hash:
        return root(size, subtree_from(self.tile, size))

    def tile(self, tile: Tile) -> bytes:
        start = LENGTH * WIDTH * tile.number
        return self._levels[tile.level][start : start + LENGTH * tile.width]


def _leaves(session: Connection[Any], progress: Progress) -> tuple[bytes, log_tree.Torn | None]:
    """The hashes of all leaves, and where the log is torn, if it is."""
    found = bytearray()
    head = _number(session, "SELECT coalesce(max(notification_id), 0) FROM rujukan_events")
    while True:
        try:
            batch = log_tree.entries(session, len(found) // LENGTH, BATCH)
        except log_tree.Torn as torn:
            if torn.position == len(found) // LENGTH + 1:
                return bytes(found), torn
            batch = log_tree.entries(session, len(found) // LENGTH, torn.position - len(found) // LENGTH - 1)
        if not batch:
            return bytes(found), None
        found += b"".join(map(leaf_hash, batch))
        progress(len(found) // LENGTH, head)


_BESIDE = """
SELECT notification_id, originator_id, originator_version, topic FROM rujukan_events
WHERE notification_id IS NULL OR notification_id < 1
   OR notification_id IN (SELECT notification_id FROM rujukan_events GROUP BY 1 HAVING count(*) > 1)
ORDER BY 1, 2, 3 LIMIT %s
"""
SHOWN = 20
"""Events beside the log that are told of one by one."""


def _beside(session: Connection[Any], there: int) -> Iterator[Finding]:
    """Events that stand at none of the positions up to `there`, or at one with another: who has taken the table's
    checks away can put them in, and decisions on their streams would go by them."""
    within = "SELECT count(*) FROM rujukan_events WHERE notification_id IS NULL OR notification_id <= %s"
    surplus = _number(session, within, there) - there
    if not surplus:
        return
    for position, stream, version, topic in log_tree.rows(session, _BESIDE, [SHOWN]):
        place = "without a position" if position is None else f"at position {position}"
        what = f"Beside the log stands an event {place}: {topic}, version {version} of {stream}."
        yield Finding(what, position if position and position > 0 else None)
    yield Finding(f"In all the table holds {counted(surplus, 'event')} beside the positions 1 to {there}.")


def _against_tiles(session: Connection[Any], leaves: bytes, grown: int) -> Iterator[Finding]:
    """The first leaf that is another than when the tree grew by it, and the first tile that does not follow."""
    there = len(leaves) // LENGTH
    if grown > there:
        yield Finding(f"The log ends at {there}, and the tree over it at {grown}.", there + 1)
    roots = _Roots(leaves)
    for tile in tiles_of(min(grown, there)):
        held, due = log_tree.read_tile(session, tile), roots.tile(tile)
        if held == due:
            continue
        if held is None:
            first = (tile.number * WIDTH << (8 * tile.level)) + 1
            yield Finding(f"The tree does not hold all of tile {tile.path}, from position {first} on.", first)
            return
        at = next(n for n in range(tile.width) if not held.startswith(due[LENGTH * n : LENGTH * (n + 1)], LENGTH * n))
        first = ((tile.number * WIDTH + at) << (8 * tile.level)) + 1
        what = "event" if tile.level == 0 else f"part of the tree (tile {tile.path})"
        yield Finding(f"The {what} at position {first} is another than when the tree grew by it.", first)
        return


def _number(session: Connection[Any], query: LiteralString, *given: object) -> int:
    row = log_tree.rows(session, query, given).fetchone()
    return int(row[0]) if row else 0
