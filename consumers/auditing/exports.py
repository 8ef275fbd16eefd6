"""What an export of the log is: Parquet files of events, by the month in which they were logged, and a manifest.

manifest.json                                                   how far it goes, the checkpoint, and all files
events/year=2026/month=03/00000000000000000001-….parquet        named by their first and last position
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

MANIFEST = "manifest.json"
FORMAT = 1
SCHEMA = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),
        pa.field("logged_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("stream", pa.string(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("topic", pa.string(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
        pa.field("leaf", pa.binary(32), nullable=False),
    ]
)
"""`state` is what is stored of the event, byte by byte; `leaf` the hash by which the tree holds it."""

_PATH = re.compile(r"events/year=\d{4}/month=\d{2}/\d{20}-\d{20}\.parquet", re.ASCII)


class NoExport(ValueError):
    """The directory holds none, or one that is malformed."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """`path` is below the directory; positions are the first and the last in it."""

    path: str
    first: int
    last: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`events` is the last position exported, which is the size of the checkpoint, a signed note."""

    origin: str
    events: int
    checkpoint: str
    files: tuple[ExportedFile, ...]

    def text(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False).encode() + b"\n"


def read_manifest(directory: Path) -> Manifest:
    """Raises `NoExport`."""
    try:
        if (directory / MANIFEST).exists() and not (directory / MANIFEST).is_file():
            raise NoExport(f"The manifest in {directory} is no file.")
        found = json.loads((directory / MANIFEST).read_bytes())
        kind, files = found.pop("format"), found.pop("files")
        manifest = Manifest(**found, files=tuple(ExportedFile(**file) for file in files))
    except NoExport:
        raise
    except FileNotFoundError:
        raise NoExport(f"{directory} holds no export.") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NoExport(f"The manifest in {directory} cannot be read.") from None
    if kind != FORMAT or not all(_well_formed(file) for file in (manifest, *manifest.files)):
        raise NoExport(f"The manifest in {directory} is of another format.")
    return manifest


def path_of(first: int, last: int, logged_at: datetime) -> str:
    """Where events of a month lie."""
    month = month_of(logged_at)
    return f"events/year={month[0]:04d}/month={month[1]:02d}/{first:020d}-{last:020d}.parquet"


def month_of(logged_at: datetime) -> tuple[int, int]:
    moment = logged_at.astimezone(UTC)
    return moment.year, moment.month


def files_there(directory: Path) -> set[str]:
    """All files that a reader of the whole export would read, and links, which may lead to more."""
    found = (directory / "events").rglob("*")
    return {file.relative_to(directory).as_posix() for file in found if file.is_symlink() or not file.is_dir()}


def is_regular(file: Path) -> bool:
    """Whether its bytes lie there, and nowhere that a link leads to."""
    return file.is_file() and not file.is_symlink()


def is_ours(path: str) -> bool:
    """Whether an export may have written the file."""
    return _PATH.fullmatch(path) is not None


def _well_formed(found: Any) -> bool:
    """Of the types that are stated, as whoever wrote the file may have written anything."""
    numbers = [value for name, value in asdict(found).items() if name in ("events", "first", "last", "bytes")]
    texts = [value for name, value in asdict(found).items() if name in ("origin", "checkpoint", "path", "sha256")]
    return all(type(number) is int and number >= 0 for number in numbers) and all(isinstance(t, str) for t in texts)
