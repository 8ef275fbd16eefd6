"""Roots and proofs are those of RFC 6962, whatever the size; and nothing else is taken for a proof."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.proof.growing import Growing
from domain.proof.tiles import LENGTH, Tile, entries_path, read_path, subtree_from, tiles_of, width_of
from domain.proof.tree import EMPTY, Hash, Subtree, consistency, inclusion, leaf_hash, node_hash, root
from domain.proof.verifying import Unproven, verify_consistency, verify_inclusion

ENTRIES = [str(number).encode() for number in range(700)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def by_definition(leaves: list[Hash]) -> Hash:
    """MTH of the RFC, written as it stands there."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


def subtree(height: int, index: int) -> Hash:
    return by_definition(LEAVES[index << height : (index + 1) << height])


sizes = st.integers(min_value=1, max_value=len(LEAVES))


@st.composite
def leaf_and_size(draw: Any) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@st.composite
def two_sizes(draw: Any) -> tuple[int, int]:
    new = draw(sizes)
    return draw(st.integers(1, new)), new


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 255, 256, 257, 511, 513, 700])
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert root(size, subtree) == by_definition(LEAVES[:size])


def test_a_tree_that_is_added_to_leaf_by_leaf_has_the_same_roots() -> None:
    growing = Growing()
    for size in range(len(LEAVES)):
        assert (growing.size, growing.root) == (size, root(size, subtree))
        growing.add(LEAVES[size])


def test_known_roots() -> None:
    """Of the reference implementation's test vectors: no leaf, and one that is empty."""
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(leaf_and_size())
def test_a_leaf_is_proved_to_be_in_a_tree(case: tuple[int, int]) -> None:
    leaf, size = case
    path = inclusion(leaf, size, subtree)
    verify_inclusion(LEAVES[leaf], leaf, size, path, root(size, subtree))


@given(two_sizes())
def test_a_tree_is_proved_to_be_the_beginning_of_a_larger_one(case: tuple[int, int]) -> None:
    old, new = case
    path = consistency(old, new, subtree)
    verify_consistency(old, new, root(old, subtree), root(new, subtree), path)


def spoilt(path: list[Hash]) -> st.SearchStrategy[list[Hash]]:
    """A path that is almost right: one more, one less, one of another length, one bit turned, two swapped."""

    def turned(at: int, bit: int) -> list[Hash]:
        changed = bytearray(path[at])
        changed[bit // 8] ^= 1 << bit % 8
        return [*path[:at], bytes(changed), *path[at + 1 :]]

    at = st.integers(0, max(0, len(path) - 1))
    some = [st.just([*path, LEAVES[0]]), st.just([LEAVES[0], *path])]
    if path:
        some += [
            at.map(lambda n: path[:n] + path[n + 1 :]),
            at.map(lambda n: [*path[:n], path[n][:-1], *path[n + 1 :]]),
            st.builds(turned, at, st.integers(0, 255)),
        ]
    if len(path) > 1:
        some.append(st.just([*path[1:], path[0]]))
    return st.one_of(some)


@given(st.data())
def test_no_other_path_proves_a_leaf(data: Any) -> None:
    leaf, size = data.draw(leaf_and_size())
    wrong = data.draw(spoilt(inclusion(leaf, size, subtree)))
    with pytest.raises(Unproven):
        verify_inclusion(LEAVES[leaf], leaf, size, wrong, root(size, subtree))


@given(st.data())
def test_no_other_path_proves_that_a_tree_has_grown(data: Any) -> None:
    old, new = data.draw(two_sizes())
    wrong = data.draw(spoilt(consistency(old, new, subtree)))
    with pytest.raises(Unproven):
        verify_consistency(old, new, root(old, subtree), root(new, subtree), wrong)


@given(leaf_and_size(), st.integers(-2, 2), st.integers(-2, 2))
def test_a_proof_is_of_one_leaf_in_one_tree(case: tuple[int, int], other_leaf: int, other_size: int) -> None:
    """What is off by one proves nothing: neither the next leaf, nor this one at another place."""
    leaf, size = case
    path, top = inclusion(leaf, size, subtree), root(size, subtree)
    if other_leaf and 0 <= leaf + other_leaf < len(LEAVES):
        with pytest.raises(Unproven):
            verify_inclusion(LEAVES[leaf + other_leaf], leaf, size, path, top)
        with pytest.raises(Unproven):
            verify_inclusion(LEAVES[leaf], leaf + other_leaf, size, path, top)
    if 0 <= size + other_size < len(LEAVES) and other_size:
        with pytest.raises(Unproven):
            verify_inclusion(LEAVES[leaf], leaf, size, path, root(size + other_size, subtree))


@pytest.mark.parametrize(
    ("leaf", "size"), [(0, 0), (-1, 1), (1, 1), (2**64, 2**64), (2**200, 2**200 + 1), (-(2**200), 2)]
)
def test_indexes_and_sizes_out_of_all_bounds_prove_nothing(leaf: int, size: int) -> None:
    with pytest.raises(Unproven):
        verify_inclusion(LEAVES[0], leaf, size, [], LEAVES[0])


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [(2, 1, []), (-1, 1, []), (0, 5, [LEAVES[0]]), (5, 5, [LEAVES[0]]), (1, 2**200, []), (1, 2, [])],
)
def test_a_tree_does_not_shrink_or_grow_by_nothing(old: int, new: int, path: list[Hash]) -> None:
    with pytest.raises(Unproven):
        verify_consistency(old, new, LEAVES[0], LEAVES[0], path)


def test_every_tree_grows_out_of_the_empty_one_and_out_of_itself() -> None:
    verify_consistency(0, 5, EMPTY, root(5, subtree), [])
    verify_consistency(5, 5, root(5, subtree), root(5, subtree), [])
    with pytest.raises(Unproven):
        verify_consistency(0, 5, LEAVES[0], root(5, subtree), [])
    with pytest.raises(Unproven):
        verify_consistency(5, 5, root(4, subtree), root(5, subtree), [])


@pytest.mark.parametrize("make", [lambda: inclusion(3, 3, subtree), lambda: consistency(0, 3, subtree),
                                  lambda: consistency(4, 3, subtree), lambda: root(-1, subtree)])  # fmt: skip
def test_no_proof_is_made_of_what_is_not_there(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="not of that size"):
        make()


def tile(of: Tile) -> bytes:
    first = of.number * 256
    return b"".join(subtree(8 * of.level, first + n) for n in range(of.width))


@given(two_sizes())
def test_tiles_give_the_same_subtrees(case: tuple[int, int]) -> None:
    old, size = case
    from_tiles: Subtree = subtree_from(tile, size)
    assert root(size, from_tiles) == root(size, subtree)
    assert inclusion(old - 1, size, from_tiles) == inclusion(old - 1, size, subtree)
    assert consistency(old, size, from_tiles) == consistency(old, size, subtree)


def test_the_tiles_of_a_tree() -> None:
    assert tiles_of(0) == []
    assert tiles_of(256) == [Tile(0, 0), Tile(1, 0, 1)]
    assert [t.path for t in tiles_of(700)] == ["tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"]
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert sum(width_of(0, number, 700) for number in range(5)) == 700
    assert len(tile(tiles_of(700)[-1])) == 2 * LENGTH


@given(level=st.integers(0, 7), number=st.integers(0, 10**18), width=st.integers(1, 256), entries=st.booleans())
def test_a_tile_is_known_by_its_path(level: int, number: int, width: int, entries: bool) -> None:
    tile = Tile(0 if entries else level, number, width)
    assert read_path(entries_path(number, width) if entries else tile.path) == (entries, tile)
