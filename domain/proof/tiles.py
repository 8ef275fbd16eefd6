"""How a tree is cut into tiles that never change once they are full, and what each is called: C2SP `tlog-tiles`.

The tile of level L and number N holds the hashes of the complete subtrees of height 8·L whose indices are
256·N … 256·N+255: fewer at the right edge of the tree, where it is a partial tile.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from domain.proof.tree import Hash, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes in a full tile."""
LEVELS = 8
"""Levels that a tree can have: more than 2^63 leaves are not counted."""
LENGTH = 32
"""Of a hash, in bytes."""

ReadTile = Callable[["Tile"], bytes]
"""The hashes of a tile, one after another: at least as many as its width."""


class Tile(NamedTuple):
    """`width` hashes of a level, 1 … 256."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it lies below the address of the log."""
        return f"tile/{self.level}/{_numbered(self.number, self.width)}"


def entries_path(number: int, width: int = WIDTH) -> str:
    """Where the bundle of entries lies that are the leaves under a tile of level 0."""
    return f"tile/entries/{_numbered(number, width)}"


def read_path(path: str) -> tuple[bool, Tile]:
    """Whether what lies there is a bundle of entries, and the tile itself or the one that these are the leaves of.

    Raises `ValueError` where nothing can lie, however large the tree.
    """
    _, kind, rest = path.split("/", 2) if path.count("/") > 1 else ("", "", "")
    whole, partial, width = rest.partition(".p/")
    number = "".join(group.removeprefix("x") for group in whole.split("/"))
    if not all(figures.isascii() and figures.isdigit() for figures in (number, *([width] if partial else ()))):
        raise ValueError(f"Nothing lies at {path}.")
    level = 0 if kind == "entries" else int(kind) if kind.isascii() and kind.isdigit() else -1
    tile = Tile(level, int(number[:30]), int(width[:4]) if partial else WIDTH)
    canonical = entries_path(tile.number, tile.width) if kind == "entries" else tile.path
    if not 0 <= level < LEVELS or not 0 < tile.width <= WIDTH or canonical != path:
        raise ValueError(f"Nothing lies at {path}.")
    return kind == "entries", tile


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries one after another, each behind its length in two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundled(found: bytes) -> list[bytes]:
    """Raises `ValueError` for what ends in the middle of an entry."""
    entries, at = [], 0
    while at < len(found):
        length = int.from_bytes(found[at : at + 2], "big")
        entry = found[at + 2 : at + 2 + length]
        if at + 2 + length > len(found):
            raise ValueError("A bundle of entries ends in the middle of one.")
        entries.append(entry)
        at += 2 + length
    return entries


def tiles_of(size: int) -> list[Tile]:
    """All tiles of a tree, the partial ones at its right edge too; none for an empty tree."""
    found, level, many = [], 0, size
    while many:
        found += [Tile(level, number) for number in range(many // WIDTH)]
        if many % WIDTH:
            found.append(Tile(level, many // WIDTH, many % WIDTH))
        level, many = level + 1, many // WIDTH
    return found


def width_of(level: int, number: int, size: int) -> int:
    """How many hashes the tile of this place holds in a tree of `size`: none where there is no such tile."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - number * WIDTH))


def subtree_from(read: ReadTile, size: int) -> Callable[[int, int], Hash]:
    """The hashes of complete subtrees of a tree of `size`, out of its tiles; a tile is read once."""
    held: dict[tuple[int, int], bytes] = {}

    def subtree(height: int, index: int) -> Hash:
        level, above = divmod(height, HEIGHT)
        first = index << above
        number, at = divmod(first, WIDTH)
        if (level, number) not in held:
            held[level, number] = read(Tile(level, number, width_of(level, number, size)))
        hashes = held[level, number]
        return folded(hashes[LENGTH * at : LENGTH * (at + (1 << above))])

    return subtree


def folded(hashes: bytes) -> Hash:
    """The hash of the subtree over a number of hashes that is a power of two."""
    level = [hashes[at : at + LENGTH] for at in range(0, len(hashes), LENGTH)]
    while len(level) > 1:
        level = [node_hash(level[n], level[n + 1]) for n in range(0, len(level), 2)]
    return level[0]


def _numbered(number: int, width: int) -> str:
    """By three digits each, all but the last with an x in front: `x001/x234/067`, and `.p/5` where it is partial."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups)) + ("" if width == WIDTH else f".p/{width}")
