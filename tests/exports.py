"""Logs that hold much of what can happen, exported."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg

from consumers.auditing.exporting import export
from domain.application import Rujukan
from infra.event_log.recorder import Recorder
from infra.persistence import persistence_environment
from infra.whole_files import replace
from tests.attested import KNOWN, attest
from tests.conftest import TEMPLATE
from tests.infra.sample_loads import load_sample
from tests.projections.conftest import SEALER, fresh, recorder_of
from tests.projections.story import tell

TODAY = date(2026, 11, 23)
LOGS = ("sample", "story")
"""The sample, and a story in which everything happens that can."""


@contextmanager
def exported(server: str, which: str, directory: Path) -> Iterator[Recorder]:
    """One of `LOGS`, and its export in this directory."""
    with fresh(server, TEMPLATE) as url:
        if which == "sample":
            load_sample(url, TODAY)
        else:
            application = Rujukan(env=persistence_environment(url))
            tell(application, SEALER)
            application.close()
        attest(url)
        with psycopg.connect(url, autocommit=True) as session:
            export(session, directory, *KNOWN, replace)
        with recorder_of(url) as log:
            yield log
