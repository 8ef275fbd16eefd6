"""Exporting the log: every event that was signed, as Parquet with the hash of its leaf, on the disk.

The same on both sides: the rows, read in batches of the same size on one session. Theirs hashes each leaf and keeps
nothing. Each export is made in a process of its own, whose most memory is told, at this length and at a tenth of it.
"""

import multiprocessing
import resource
import shutil
import time
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from consumers.auditing.exporting import BATCH, export
from domain.proof.checkpoint import Checkpoint
from domain.proof.leaf import entry
from domain.proof.note import signed
from domain.proof.tree import leaf_hash, root
from infra.bootstrap import composed
from infra.whole_files import replace
from projections import log_tree
from tests.attested import KNOWN, ORIGIN, SIGNS
from tests.bench.bench import Bench
from tests.bench.measure import Measurement, alternating
from tests.bench.simulated import simulated_log

ROW = "exporting"
EVENTS = 2_000_000


def measure(bench: Bench) -> list[Measurement]:
    with bench.database("bench_exporting") as url, composed(bench.settings, url) as whole:
        bench.tell("simulating")
        simulated_log(whole, bench.many(EVENTS, 20_000), bench.seed)
        head = whole.recorder.head()
        with whole.attesting_session() as session, psycopg.connect(url, autocommit=True) as owner:
            small = _exported(bench, url, _signed(session, head // 10)).memory
            owner.execute("TRUNCATE log_tiles, checkpoints")
            _signed(session, head)
            memory: list[float] = []

            def ours(number: int) -> float:
                bench.tell(f"round {number + 1}")
                found = _exported(bench, url, head)
                memory.append(found.memory)
                return head / found.took

            sides = alternating(bench.rounds, ours, lambda _: _theirs(session, head))
    name = f"Exporting the log as Parquet, {head:,} events"
    most = "… the most memory of the process"
    return [
        Measurement(ROW, name, "events/s", *sides, "reading the same rows and hashing each leaf"),
        Measurement(ROW, most, "MB", tuple(memory), (small,), f"the same of {head // 10:,} events"),
    ]


class _Found(NamedTuple):
    """Seconds, and MB."""

    took: float
    memory: float


def _signed(session: Any, size: int) -> int:
    """Of the log's beginning: no further than `size`."""
    grown = 0
    while grown < size:
        leaves = [leaf_hash(found) for found in log_tree.entries(session, grown, min(BATCH, size - grown))]
        grown = log_tree.grow(session, grown, leaves)
    checkpoint = Checkpoint(ORIGIN, size, root(size, log_tree.subtrees(session, size)))
    log_tree.keep_note(session, size, signed(checkpoint.text(), SIGNS.key, SIGNS))
    return size


def _exported(bench: Bench, url: str, events: int) -> _Found:
    folder = bench.home / "export"
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_export, args=(url, folder, there))
    process.start()
    there.close()
    took, memory, found = here.recv()
    process.join()
    shutil.rmtree(folder)
    if found != events:
        raise RuntimeError(f"{found} of {events} events were exported.")
    return _Found(took, memory)


def _export(url: str, folder: Path, parent: Any) -> None:
    with psycopg.connect(url, autocommit=True) as session:
        began = time.perf_counter()
        manifest = export(session, folder, *KNOWN, replace)
        took = time.perf_counter() - began
    parent.send((took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, manifest.events))


def _theirs(session: Any, head: int) -> float:
    began, read = time.perf_counter(), 0
    while read < head:
        read += len([leaf_hash(entry(*event)) for event in log_tree.stored(session, read, BATCH)])
    return head / (time.perf_counter() - began)
