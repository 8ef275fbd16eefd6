"""Keeps the last checkpoint in a file, beside the key and away from the database."""

from pathlib import Path

from infra.whole_files import replace


class FileKeeper:
    """Implements `consumers.auditing.attesting.Keeper`."""

    is_near = True

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def name(self) -> str:
        return str(self._file)

    def last(self) -> str | None:
        try:
            return self._file.read_text("utf-8", "replace")
        except FileNotFoundError:
            return None

    def keep(self, note: str) -> None:
        replace(self._file, note.encode())
