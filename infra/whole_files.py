"""Files that hold secrets: written whole or not at all, for their owner alone."""

import os
import tempfile
from pathlib import Path


def write_once(file: Path, content: bytes) -> None:
    """Of several processes that write at once the first one's content stays, and so does what was there before."""
    written = _written(file, content)
    try:
        os.link(written, file)
    except FileExistsError:
        return
    finally:
        written.unlink()
    _flush(file.parent)


def replace(file: Path, content: bytes) -> None:
    """Whoever reads meanwhile has the content before or this one."""
    written = _written(file, content)
    try:
        written.replace(file)
    except OSError:
        written.unlink()
        raise
    _flush(file.parent)


def _written(file: Path, content: bytes) -> Path:
    """Under another name in the same directory."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    return Path(name)


def _flush(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
