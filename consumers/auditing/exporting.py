"""Exports the log as Parquet, as far as the checkpoint signed last: more of it each time, in bounded memory."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import Connection

from consumers.auditing.exports import (
    MANIFEST,
    SCHEMA,
    ExportedFile,
    Manifest,
    files_there,
    is_ours,
    month_of,
    path_of,
    read_manifest,
)
from consumers.auditing.proving import OtherLog, newest_signed
from domain.proof.checkpoint import Checkpoint, NoCheckpoint, read_checkpoint
from domain.proof.growing import Growing
from domain.proof.leaf import entry
from domain.proof.note import KeyName, Verifier, text_of
from domain.proof.tiles import LENGTH
from domain.proof.tree import Hash, leaf_hash, root
from projections import log_tree
from projections.log_tree import StoredEvent

BATCH = 16_384
"""Events in memory at a time; a row group."""
FILE = 16 * BATCH
"""Events in a file at most."""

Write = Callable[[Path, bytes], None]
"""Writes a file whole or not at all."""
Progress = Callable[[int, int], None]


def export(
    session: Connection[Any],
    directory: Path,
    key: KeyName,
    verifier: Verifier,
    write: Write,
    progress: Progress = lambda *_: None,
) -> Manifest:
    """Adds what was signed since the last export into this directory; the manifest comes last, and names all that
    counts, so that one that was broken off is gone on with by the next.

    Raises `NotSignedYet`, `NoExport` for a manifest that cannot be read, `OtherLog`, and `Torn`.
    """
    note, kept = newest_signed(session, key, verifier)
    before = read_manifest(directory) if (directory / MANIFEST).exists() else None
    if before is not None:
        _check_beginning(session, before, kept, directory)
    files = list(before.files) if before is not None else []
    _clear(directory, files)
    try:
        files += _files(session, directory, before.events if before is not None else 0, kept, progress)
    except (OtherLog, log_tree.Torn):
        _clear(directory, files)
        raise
    manifest = Manifest(kept.origin, kept.size, note, tuple(files))
    write(directory / MANIFEST, manifest.text())
    return manifest


def _clear(directory: Path, files: Sequence[ExportedFile]) -> None:
    """Takes away what exports wrote that is not among these files."""
    for path in files_there(directory) - {file.path for file in files}:
        if is_ours(path.removesuffix(UNFINISHED)):
            (directory / path).unlink()


def _files(
    session: Connection[Any], directory: Path, after: int, kept: Checkpoint, progress: Progress
) -> list[ExportedFile]:
    """Of the events behind a position, up to a checkpoint, whose root they lead to."""
    files = []
    tree = Growing.of(after, log_tree.subtrees(session, after))
    while after < kept.size:
        files.append(_file(session, directory, after, min(kept.size, after + FILE), progress, tree, kept.size))
        after = files[-1].last
    if tree.root != kept.root:
        raise OtherLog(f"Up to position {kept.size} the log is another than the checkpoint signed last says.")
    return files


def _check_beginning(session: Connection[Any], before: Manifest, kept: Checkpoint, directory: Path) -> None:
    try:
        then = read_checkpoint(text_of(before.checkpoint))
    except NoCheckpoint as fault:
        raise OtherLog(f"The manifest in {directory} has no checkpoint: {fault}") from None
    if then.origin != kept.origin or then.size > kept.size or then.size != before.events:
        raise OtherLog(f"{directory} holds {before.events} events of {then.origin}, which are not of this log.")
    try:
        found = root(then.size, log_tree.subtrees(session, then.size))
    except LookupError as fault:
        raise OtherLog(str(fault)) from None
    if found != then.root:
        raise OtherLog(f"Up to {then.size} this log is another than the one that {directory} holds.")


UNFINISHED = ".unfinished"


def _file(
    session: Connection[Any], directory: Path, after: int, until: int, progress: Progress, tree: Growing, size: int
) -> ExportedFile:
    """The events of one month behind a position, by whose leaves the tree grows."""
    batches = _of_one_month(session, after, until)
    events = next(batches)
    beginning = events[0].logged_at
    written = directory / (path_of(after + 1, until, beginning) + UNFINISHED)
    written.parent.mkdir(parents=True, exist_ok=True)
    last = after
    with _written(written) as writer:
        while events:
            leaves = [leaf_hash(entry(*event)) for event in events]
            _check_leaves(session, events[0].position, leaves)
            for leaf in leaves:
                tree.add(leaf)
            writer.write_batch(_columns(events, leaves))
            last = events[-1].position
            progress(last, size)
            events = next(batches, [])
    path = path_of(after + 1, last, beginning)
    written.replace(directory / path)
    with (directory / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ExportedFile(path, after + 1, last, (directory / path).stat().st_size, digest)


def _of_one_month(session: Connection[Any], after: int, until: int) -> Iterator[list[StoredEvent]]:
    month = None
    while after < until:
        found = log_tree.stored(session, after, min(BATCH, until - after))
        if not found:
            raise log_tree.Torn(after + 1)
        for this, events in groupby(found, lambda event: month_of(event.logged_at)):
            if this != (month := month or this):
                return
            batch = list(events)
            after = batch[-1].position
            yield batch


def _check_leaves(session: Connection[Any], first: int, leaves: list[Hash]) -> None:
    """That the tree has grown by them."""
    grown = log_tree.leaves(session, first, len(leaves))
    for number, leaf in enumerate(leaves):
        if grown[LENGTH * number : LENGTH * (number + 1)] != leaf:
            raise OtherLog(f"The event at position {first + number} is another than when the tree grew by it.")


def _columns(events: list[StoredEvent], leaves: list[Hash]) -> pa.RecordBatch:
    rows = [(*event[:2], str(event.stream), *event[3:], leaf) for event, leaf in zip(events, leaves, strict=True)]
    return pa.record_batch([list(column) for column in zip(*rows, strict=True)], schema=SCHEMA)


@contextmanager
def _written(file: Path) -> Iterator[pq.ParquetWriter]:
    """On the disk when it is left. Without statistics, by which engines leave out what they say is not there."""
    with file.open("wb") as out:
        with pq.ParquetWriter(out, SCHEMA, compression="zstd", write_statistics=False) as writer:
            yield writer
        out.flush()
        os.fsync(out.fileno())
