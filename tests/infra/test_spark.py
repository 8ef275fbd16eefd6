"""Spark over an export gives the figures that the log gives here, by the same folds and with no database."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli import app
from infra.event_log.recorder import Recorder
from projections import replay
from projections.follow_up_order import FollowUpDays
from projections.reports import REPORTS, Judging
from tests import exports
from tests.exports import LOGS, TODAY

pytest.importorskip("pyspark", reason="the extra spark is not installed")


def java() -> int:
    """The version that is installed, 0 where there is none."""
    if shutil.which("java") is None:
        return 0
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False, timeout=60).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


pytestmark = pytest.mark.skipif(java() < 17, reason="Spark needs Java 17 or newer, which is not installed")
JUDGING = Judging(TODAY, FollowUpDays(14, 14, 14))


@pytest.fixture(scope="module", params=LOGS)
def exported(
    request: pytest.FixtureRequest, server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Recorder]]:
    folder = tmp_path_factory.mktemp("spark")
    with exports.exported(server, request.param, folder / "export") as log:
        yield folder / "export", log


def test_spark_agrees_on_every_figure_at_any_position(exported: tuple[Path, Recorder]) -> None:
    from infra.engines import spark
    from infra.engines.exported_log import ExportedLog

    directory, log = exported
    for report, known in zip(REPORTS.values(), (log.head(), log.head() // 2, log.head() * 3 // 4), strict=True):
        found = spark.figures(ExportedLog(directory), report, known, JUDGING, "local[2]")
        assert found == replay.figures(log, report, known, JUDGING)


def test_moments_stand_in_an_export_where_they_stand_in_the_log(exported: tuple[Path, Recorder]) -> None:
    from infra.engines.exported_log import ExportedLog

    directory, log = exported
    for position in (1, log.head() // 2, log.head()):
        moment = log.logged_at(position)
        assert moment is not None
        assert ExportedLog(directory).position_at(moment) == log.position_at(moment)


def test_the_command_needs_no_database(
    exported: tuple[Path, Recorder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, log = exported
    monkeypatch.setenv("RUJUKAN_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    words = ["audit", "replay", "coverage", "--engine", "spark", "--input", str(directory), "--master", "local[2]"]
    assert CliRunner().invoke(app, [*words, "--as-of", str(TODAY)]).exit_code == 1
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert f"coverage, known at position {log.head():,};" in " ".join(result.stdout.split())
    result = CliRunner().invoke(app, [*words[:5], "--input", str(tmp_path)])
    assert result.exit_code == 1
    assert "holds no export" in result.stderr
