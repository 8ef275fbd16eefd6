"""Verifies an export of the log with nothing but the verifier key: no database, no server."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from consumers.auditing.exports import (
    MANIFEST,
    SCHEMA,
    ExportedFile,
    Manifest,
    files_there,
    is_ours,
    is_regular,
    month_of,
    path_of,
    read_manifest,
)
from consumers.auditing.kept_notes import Finding, KeptNote, against_checkpoints, sorted_out
from consumers.auditing.verifying_log import Progress, Verified
from domain.proof.growing import Growing
from domain.proof.leaf import entry
from domain.proof.note import KeyName, Verifier
from domain.proof.tree import leaf_hash

BATCH = 16_384
MAGIC = b"PAR1"
"""At both ends of a Parquet file."""


class _Differs(Exception):
    """At this position the export is not what it says it is."""

    def __init__(self, what: str, position: int) -> None:
        super().__init__(what)
        self.finding = Finding(what, position)


def verify_export(
    directory: Path,
    key: KeyName,
    verifier: Verifier,
    against: Sequence[KeptNote] = (),
    progress: Progress = lambda *_: None,
) -> Verified:
    """`against` are notes that somebody kept elsewhere. The whole export is never in memory.

    An event that is another than its leaf, or stands elsewhere, is named by its position; of one whose leaf was made
    anew, the first checkpoint that differs is told. Raises `NoExport`.
    """
    manifest = read_manifest(directory)
    inside = KeptNote(manifest.checkpoint, "the checkpoint of the export", "export")
    checkpoints, findings = sorted_out([inside, *against], key, verifier)
    unsigned = 1 + len(against) - len(checkpoints)
    if manifest.origin != key.name:
        findings.append(Finding(f"The manifest says that the export is of {manifest.origin}."))
    findings += _surplus(directory, manifest)
    tree, at_sizes = Growing(), {kept.size for kept in checkpoints}
    roots = {0: tree.root}
    try:
        for leaf in _leaves(directory, manifest):
            tree.add(leaf)
            if tree.size in at_sizes:
                roots[tree.size] = tree.root
            if tree.size % BATCH == 0 or tree.size == manifest.events:
                progress(tree.size, manifest.events)
        if tree.size != manifest.events:
            raise _Differs(f"The export ends at {tree.size}, and not at {manifest.events} as it says.", tree.size + 1)
    except _Differs as differs:
        return Verified(tree.size, len(checkpoints), unsigned, (differs.finding, *findings))
    findings += against_checkpoints(checkpoints, "export", tree.size, roots.__getitem__)
    if manifest.events not in {kept.size for kept in checkpoints}:
        findings.append(Finding(f"No checkpoint is of the {manifest.events} events of the export."))
    return Verified(tree.size, len(checkpoints), unsigned, tuple(findings))


def _surplus(directory: Path, manifest: Manifest) -> list[Finding]:
    """Whoever reads all files would take these for events of the log."""
    named = {file.path for file in manifest.files}
    surplus = [Finding(f"{path} is not in the manifest.") for path in sorted(files_there(directory) - named)]
    links = [path for path in (MANIFEST, "events") if (directory / path).is_symlink()]
    return [*surplus, *(Finding(f"{path} is a link, which may lead elsewhere tomorrow.") for path in links)]


def _leaves(directory: Path, manifest: Manifest) -> Iterator[bytes]:
    """Of all events in order. Raises `_Differs`."""
    after = 0
    for file in manifest.files:
        if file.first != after + 1 or not is_ours(file.path):
            raise _Differs(f"The manifest has no file with position {after + 1}.", after + 1)
        yield from _leaves_of(directory, file)
        after = file.last


def _leaves_of(directory: Path, file: ExportedFile) -> Iterator[bytes]:
    expected, month = file.first, None
    try:
        for row in _rows(directory, file):
            position, logged_at, stream, version, topic, state, leaf = row
            if position != expected:
                raise _Differs(f"{file.path} has {position} where position {expected} should be.", expected)
            if month != (month := month_of(logged_at)) and path_of(file.first, file.last, logged_at) != file.path:
                raise _Differs(f"{file.path} holds an event that was logged at {logged_at}.", position)
            found = leaf_hash(entry(position, logged_at, UUID(stream), version, topic, state.encode()))
            if found != leaf or str(UUID(stream)) != stream:
                raise _Differs(f"The event at position {position} is another than the one that was signed.", position)
            yield leaf
            expected += 1
    except (OSError, pa.ArrowException, UnicodeError, ValueError, TypeError, AttributeError, OverflowError) as fault:
        reason = (str(fault).splitlines() or [type(fault).__name__])[0]
        raise _Differs(f"{file.path} cannot be read behind position {expected - 1}: {reason}", expected) from None
    if expected != file.last + 1:
        raise _Differs(f"{file.path} ends at {expected - 1}, and not at {file.last}.", expected)
    path = directory / file.path
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if digest != file.sha256 or path.stat().st_size != file.bytes:
        raise _Differs(f"{file.path} is not the file of which the manifest has length and digest.", file.first)


def _rows(directory: Path, file: ExportedFile) -> Iterator[tuple[Any, ...]]:
    path = directory / file.path
    if not is_regular(path):
        raise _Differs(f"{file.path} is missing, or is no regular file.", file.first)
    with pq.ParquetFile(path) as parquet:
        _check_columns(file, parquet)
        _check_nothing_beside(file, path, parquet.metadata)
        for batch in parquet.iter_batches(BATCH, columns=SCHEMA.names):
            columns = batch.cast(SCHEMA).to_pydict()
            yield from zip(*(columns[name] for name in SCHEMA.names), strict=True)


def _check_columns(file: ExportedFile, parquet: pq.ParquetFile) -> None:
    """These and no others, as engines differ in which of two they take, and whether `STATE` is `state`."""
    if not parquet.schema.equals(_written_schema()) or not parquet.schema_arrow.equals(SCHEMA):
        names = ", ".join(parquet.schema_arrow.names)
        raise _Differs(
            f"{file.path} has other columns than an export, or of other types, or in another order: {names}.",
            file.first,
        )


def _check_nothing_beside(file: ExportedFile, path: Path, metadata: pq.FileMetaData) -> None:
    """Engines go by what a file says of its rows (statistics, indices, filters) before they read them: there is none of
    it, and no byte that is neither of a column nor of the footer, where it could stand."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    chunks = [group.column(number) for group in groups for number in range(metadata.num_columns)]
    told = any(chunk.is_stats_set or chunk.has_column_index or chunk.has_offset_index for chunk in chunks)
    due = 2 * len(MAGIC) + 4 + metadata.serialized_size + sum(chunk.total_compressed_size for chunk in chunks)
    if told or path.stat().st_size != due:
        raise _Differs(f"{file.path} says more of its rows than they are: an engine may go by it.", file.first)


@cache
def _written_schema() -> pq.ParquetSchema:
    """As Parquet has it."""
    out = pa.BufferOutputStream()
    pq.write_table(SCHEMA.empty_table(), out)
    return pq.ParquetFile(pa.BufferReader(out.getvalue())).schema
