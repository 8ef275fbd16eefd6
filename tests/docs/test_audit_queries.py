"""The queries of docs/audit.md: DuckDB over an export gives the figures that the log gives here."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb
import pytest

from infra.event_log.recorder import Recorder
from projections import replay
from projections.follow_up_order import FollowUpDays
from projections.reports import COVERAGE, FOLLOW_UP, GRADUATIONS, Judging
from tests import exports
from tests.bench.agreeing import figures_of
from tests.exports import LOGS, TODAY

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
VIEW, MONTHS, WHOLE, GRADUATED, COVERED, SETTINGS, FOLLOWED = re.findall(
    r"```sql\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL
)
QUERIES = {"graduations": (GRADUATIONS, GRADUATED), "coverage": (COVERAGE, COVERED), "follow_up": (FOLLOW_UP, FOLLOWED)}
DAYS = FollowUpDays(unconnected_after_days=60, proposal_due_days=7, redirect_due_days=21)


@pytest.fixture(scope="module", params=LOGS)
def exported(
    request: pytest.FixtureRequest, server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Recorder]]:
    folder = tmp_path_factory.mktemp("audit")
    with exports.exported(server, request.param, folder / "export") as log:
        yield folder, log


@pytest.fixture
def duck(exported: tuple[Path, Recorder]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        found.execute(VIEW.replace("'export/", f"'{exported[0]}/export/"))
        found.execute(SETTINGS)
        for name, days in asdict(DAYS).items():
            found.execute(f"SET VARIABLE {name} = {days}")
        yield found


@pytest.mark.parametrize("name", QUERIES)
def test_duckdb_agrees_on_every_figure_at_any_position_and_on_any_day(
    exported: tuple[Path, Recorder], duck: duckdb.DuckDBPyConnection, name: str
) -> None:
    report, query = QUERIES[name]
    log = exported[1]
    seen = 0
    for known in (log.head(), log.head() * 3 // 4, log.head() // 2):
        for day in (TODAY,) if report is COVERAGE else (TODAY, date(2025, 12, 31)):
            duck.execute(f"SET VARIABLE known_at = {known}; SET VARIABLE as_of = DATE '{day}'")
            found = figures_of(duck, report, query)
            assert found == replay.figures(log, report, known, Judging(day, DAYS))
            seen += len(found)
    assert seen


def test_the_whole_log_is_there(exported: tuple[Path, Recorder], duck: duckdb.DuckDBPyConnection) -> None:
    assert duck.execute(WHOLE).fetchall() == [(True,)]
    months = duck.execute(MONTHS).fetchall()
    assert sum(row[-1] for row in months) == exported[1].head()
    assert len({row[2] for row in months}) > 20
