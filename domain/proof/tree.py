"""The Merkle tree over a log: RFC 6962, section 2.1.

A tree of size n has the leaves 0 … n-1. Its complete subtrees never change as it grows: the one of height h and index i
holds the leaves i·2^h … (i+1)·2^h - 1. Everything is worked out from these.
"""

from collections.abc import Callable
from hashlib import sha256

Hash = bytes
"""SHA-256, 32 bytes."""
Subtree = Callable[[int, int], Hash]
"""The hash of the complete subtree of a height and an index."""

EMPTY: Hash = sha256(b"").digest()
"""The root of the tree without leaves."""


def leaf_hash(entry: bytes) -> Hash:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    return sha256(b"\x01" + left + right).digest()


def root(size: int, subtree: Subtree) -> Hash:
    """Of the tree of the first `size` leaves; all of them must be there."""
    _check(size >= 0)
    return _range(0, size, subtree) if size else EMPTY


def inclusion(leaf: int, size: int, subtree: Subtree) -> list[Hash]:
    """The audit path of a leaf (counted from 0) in the tree of `size`, from the leaf upwards (RFC 6962, 2.1.1).

    Raises `ValueError` where the tree has no such leaf.
    """
    _check(0 <= leaf < size)
    path: list[Hash] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if leaf < middle:
            path.append(_range(middle, end, subtree))
            end = middle
        else:
            path.append(_range(first, middle, subtree))
            first = middle
    return path[::-1]


def consistency(old: int, new: int, subtree: Subtree) -> list[Hash]:
    """Proof that the tree of size `old` is the beginning of the one of size `new` (RFC 6962, 2.1.2).

    Empty for equal sizes. Raises `ValueError` unless 1 ≤ old ≤ new.
    """
    _check(1 <= old <= new)
    path: list[Hash] = []
    first, end, whole = 0, new, True
    while old - first != end - first:
        middle = first + _split(end - first)
        if old <= middle:
            path.append(_range(middle, end, subtree))
            end = middle
        else:
            path.append(_range(first, middle, subtree))
            first, whole = middle, False
    if not whole:
        path.append(_range(first, end, subtree))
    return path[::-1]


def _range(first: int, end: int, subtree: Subtree) -> Hash:
    """Of the leaves from `first` on and before `end`, as a subtree at its place in the whole."""
    many = end - first
    if many & (many - 1) == 0:
        height = many.bit_length() - 1
        return subtree(height, first >> height)
    middle = first + _split(many)
    return node_hash(_range(first, middle, subtree), _range(middle, end, subtree))


def _split(many: int) -> int:
    """The largest power of two that is smaller than `many`."""
    return 1 << ((many - 1).bit_length() - 1)


def _check(holds: bool) -> None:
    if not holds:
        raise ValueError("The tree is not of that size.")
