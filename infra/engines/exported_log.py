"""An export as far as moments and positions are asked of it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow.dataset as ds

from consumers.auditing.exports import SCHEMA, Manifest, read_manifest


class ExportedLog:
    """Answers what `api.known_at` asks. Raises `NoExport`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._manifest: Manifest = read_manifest(directory)

    @property
    def files(self) -> Sequence[str]:
        """Where the files are that the manifest names, and no others."""
        return [str(self._directory / file.path) for file in self._manifest.files]

    def head(self) -> int:
        return self._manifest.events

    def position_at(self, moment: datetime) -> int:
        """Moments never go back in the log, so as many events were logged by then."""
        events = ds.dataset(self.files, schema=SCHEMA, format="parquet")
        return int(events.count_rows(filter=ds.field("logged_at") <= moment))
