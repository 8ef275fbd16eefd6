"""Where what auditors are given is written: into files and directories that they name."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.terminal import fail
from infra.whole_files import replace


def check_place(file: Path) -> None:
    """Exits where no file can be written, before it is worked out; no directory is made for it."""
    if file.is_dir():
        fail(f"{file} could not be written: it is a directory.")
    if not file.parent.is_dir():
        fail(f"{file} could not be written: there is no directory {file.parent}.")


def write_file(file: Path, content: bytes) -> None:
    """Whole or not at all."""
    check_place(file)
    try:
        replace(file, content)
    except OSError as fault:
        fail(f"{file} could not be written: {fault.strerror}.")


@contextmanager
def taken(directory: Path, what: str, ours: tuple[str, ...]) -> Iterator[None]:
    """A directory that one command at a time writes `what` to, and that is empty, holds nothing but what is `ours`,
    or has all of that; it is made where it is missing."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory, os.O_RDONLY)
    except OSError as fault:
        fail(f"The {what} could not be written: {directory}: {fault.strerror}.")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unfinished = tuple(f".{name}." for name in ours)
        names = {entry.name for entry in directory.iterdir()}
        others = sorted(name for name in names if name not in ours and not name.startswith(unfinished))
        if others and not names.issuperset(ours):
            fail(f"{directory} holds {others[0]} and no {what}: an empty directory, or a new one, is needed.")
        yield
    except BlockingIOError:
        fail(f"Another command is writing to {directory}: wait until it is done.")
    finally:
        os.close(handle)
