"""Logs that their owner alone may read: whatever stands in them concerns whoever runs Rujukan, and nobody beside."""

import os
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any


def make_private(directory: Path) -> None:
    """Makes it where there is none. One that another account owns stays as it was set up."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(PermissionError):
        directory.chmod(0o700)


def private(path: str, flags: int) -> int:
    """An `opener` for `open`; a file that was there is made private too."""
    file = os.open(path, flags, 0o600)
    os.fchmod(file, 0o600)
    return file


class PrivateRotatingFile(RotatingFileHandler):
    """Each of its files is private."""

    def _open(self) -> Any:
        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=private)
