"""The tree over the log as an auditor's tools read it, by HTTP alone."""

from collections.abc import Iterator

import pytest

from domain.proof.checkpoint import Checkpoint, read_checkpoint
from domain.proof.note import opened
from domain.proof.tiles import Tile, entries_path, subtree_from, tiles_of, unbundled
from domain.proof.tree import leaf_hash, root
from infra.attestation.signing_key import PublicKey
from tests.api.rig import ADMINISTRATOR, AUDITOR, Rig
from tests.attested import SIGNS, attest


@pytest.fixture
def rig(own_rig: Rig) -> Iterator[Rig]:
    """On a log whose tree is more than a tile wide."""
    for number in range(130):
        own_rig.post("/v1/agencies", {"name": f"Agency {number}", "kind": "private", "on": "2024-01-01"}, ADMINISTRATOR)
    for _ in range(65):
        own_rig.household()
    yield own_rig


def checkpoint(rig: Rig) -> Checkpoint:
    answer = rig.get("/v1/audit/log/checkpoint", AUDITOR)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return read_checkpoint(opened(answer.text, SIGNS.key, PublicKey(SIGNS.key)))


def content(rig: Rig, path: str) -> bytes:
    answer = rig.get(f"/v1/audit/log/{path}", AUDITOR)
    assert answer.headers["content-type"] == "application/octet-stream"
    return bytes(answer.content)


def test_the_root_is_worked_out_from_tiles_and_each_leaf_from_its_entry(rig: Rig) -> None:
    attest(rig.url)
    signed = checkpoint(rig)
    assert signed.size > 256
    assert root(signed.size, subtree_from(lambda tile: content(rig, tile.path), signed.size)) == signed.root
    for tile in tiles_of(signed.size):
        if tile.level == 0:
            entries = unbundled(content(rig, entries_path(tile.number, tile.width)))
            assert b"".join(map(leaf_hash, entries)) == content(rig, tile.path)


def test_what_was_logged_since_is_not_shown_until_it_is_signed(rig: Rig) -> None:
    size = attest(rig.url).size
    rig.household()
    assert checkpoint(rig).size == size
    newest = Tile(0, size // 256, size % 256 + 1)
    rig.get(f"/v1/audit/log/{newest.path}", AUDITOR, 404)
    rig.get(f"/v1/audit/log/{entries_path(newest.number, newest.width)}", AUDITOR, 404)


NOWHERE = (
    "0/001", "1/001", "0/000.p/0", "0/000.p/257", "0/000.p/256", "0/000.p/01", "0/000.p/", "0/0", "0/x000/000",
    "00/000", "8/000", "-1/000", "entries", "entries/", "entries/001", "data/000", "0/000/", "0",
    "0/x999/x999/x999/x999/x999/x999/x999/999", f"0/{'9' * 5000}", f"{'9' * 5000}/000", "0/\u0660\u0660\u0660",
)  # fmt: skip


def test_where_no_tile_can_lie_there_is_none(own_rig: Rig) -> None:
    own_rig.household()
    attest(own_rig.url)
    own_rig.get("/v1/audit/log/tile/0/000.p/1", AUDITOR)
    for path in NOWHERE:
        own_rig.get(f"/v1/audit/log/tile/{path}", AUDITOR, 404)


def test_before_anything_was_signed(own_rig: Rig) -> None:
    for path in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"):
        assert own_rig.get(f"/v1/audit/log/{path}", AUDITOR, 404).json()["code"] == "not-found"
