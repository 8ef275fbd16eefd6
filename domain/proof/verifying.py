"""Checks proofs without a log: RFC 9162, sections 2.1.3.2 and 2.1.4.2, whose hashes are those of RFC 6962."""

from collections.abc import Sequence

from domain.proof.tree import EMPTY, Hash, node_hash

LENGTH = 32
"""Of a hash, in bytes."""


class Unproven(Exception):
    """What was to be proved does not follow from what was given."""


def verify_inclusion(leaf: Hash, index: int, size: int, path: Sequence[Hash], root: Hash) -> None:
    """That the leaf with this hash stands at `index` (from 0) in the tree of `size` with this root.

    Raises `Unproven`.
    """
    _need(0 <= index < size, "The tree has no such leaf.")
    _need_hashes(leaf, root, *path)
    at, last, found = index, size - 1, leaf
    for hash_ in path:
        _need(last > 0, "The proof is too long.")
        if at & 1 or at == last:
            found = node_hash(hash_, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, hash_)
        at, last = at >> 1, last >> 1
    _need(last == 0, "The proof is too short.")
    _need(found == root, "The proof leads to another root.")


def verify_consistency(old: int, new: int, old_root: Hash, new_root: Hash, path: Sequence[Hash]) -> None:
    """That the tree of size `old` with its root is the beginning of the tree of size `new` with its own.

    Raises `Unproven`.
    """
    _need(0 <= old <= new, "A tree does not shrink.")
    _need_hashes(old_root, new_root, *path)
    if old in (0, new):
        _need(not path, "The proof is too long.")
        _need(old_root == (new_root if old == new else EMPTY), "The two are not the same tree.")
        return
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    _need(bool(hashes), "The proof is too short.")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = hashes[0]
    for hash_ in hashes[1:]:
        _need(last > 0, "The proof is too long.")
        if at & 1 or at == last:
            before, after = node_hash(hash_, before), node_hash(hash_, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, hash_)
        at, last = at >> 1, last >> 1
    _need(last == 0, "The proof is too short.")
    _need(before == old_root, "The proof leads to another old root.")
    _need(after == new_root, "The proof leads to another new root.")


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unproven(otherwise)


def _need_hashes(*found: Hash) -> None:
    _need(all(len(hash_) == LENGTH for hash_ in found), "A hash is not 32 bytes long.")
