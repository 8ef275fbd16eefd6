"""Where what auditors are given is written: into files and directories that they name."""

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
