"""What is signed and proved is verified by somebody else's code: that of Go's checksum database."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from consumers.auditing.proving import Prover, write_tiles
from domain.errors import AlreadyRegistered
from domain.proof.tree import consistency
from infra.whole_files import replace
from projections import log_tree
from tests.consumers.auditing.log_with_tree import LogWithTree

pytestmark = pytest.mark.skipif(shutil.which("go") is None, reason="Go is not here")
HERE = Path(__file__).parent / "tlog"
WITHIN = 300.0


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("go") / "tlog"
    if subprocess.run(["go", "mod", "download"], cwd=HERE, capture_output=True, timeout=WITHIN, check=False).returncode:
        pytest.skip("Go's library is not here and cannot be fetched")
    ran = subprocess.run(
        ["go", "build", "-mod=readonly", "-o", built, "."],
        cwd=HERE, capture_output=True, text=True, timeout=WITHIN, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return built


@pytest.fixture
def case(database: str, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """An event near the end of a log whose tree is two tiles wide, and the checkpoint of before."""
    log = LogWithTree(database)
    old = log.attest()
    for family in range(80):
        with suppress(AlreadyRegistered):  # made-up numbers meet
            log.register(f"family {family}")
    new = log.attest()
    assert new.size > 256
    with log.session() as session:
        proof = Prover(session, *log.known).prove(new.size - 3)
        path = consistency(old.size, new.size, log_tree.subtrees(session, new.size))
        write_tiles(session, tmp_path / "tiles", *log.known, replace)
    yield {
        "Key": log.signs.key.text(),
        "Old": log.safe.notes[0],
        "New": proof.checkpoint,
        "Entry": proof.entry,
        "Index": new.size - 4,
        "Inclusion": proof.path,
        "Consistency": [hash_.hex() for hash_ in path],
        "Tiles": str(tmp_path / "tiles"),
    }
    log.close()


def verified(program: Path, case: dict[str, Any]) -> str:
    ran = subprocess.run([program], input=json.dumps(case), capture_output=True, text=True, timeout=30, check=False)
    return ran.stdout.strip()


def test_go_verifies_checkpoints_proofs_and_tiles(program: Path, case: dict[str, Any]) -> None:
    assert verified(program, case) == "verified"


def test_go_finds_out_what_is_not_so(program: Path, case: dict[str, Any]) -> None:
    """That it says `verified` means something."""
    wrong = {
        "the inclusion": {"Inclusion": case["Inclusion"][::-1]},
        "the consistency": {"Consistency": case["Consistency"][1:]},
        "the older checkpoint": {"Old": case["Old"].replace("rujukan.test", "another.test", 1)},
        "the newer checkpoint": {"New": case["New"][:-20]},
        "the tiles": {"Tiles": "/nowhere"},
    }
    for what, change in wrong.items():
        assert verified(program, {**case, **change}).startswith(what)


def test_go_finds_out_a_tile_of_another_tree(program: Path, case: dict[str, Any]) -> None:
    tile = next((Path(case["Tiles"]) / "tile" / "0" / "001.p").iterdir())
    hashes = bytearray(tile.read_bytes())
    hashes[5] ^= 1
    tile.write_bytes(hashes)
    assert verified(program, case).startswith("the tiles")
