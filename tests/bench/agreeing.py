"""That engines agree on every figure of the reports, over one simulated log.

PostgreSQL tells them from its read tables; this process folds the events of the log anew; DuckDB runs the queries of
`docs/audit.md` over the export, which share no line with the folds; Spark, where it is installed, runs the folds over
the export. A figure on which two differ is one too many. How long each takes is told beside it.
"""

import re
import time
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import duckdb

from consumers.auditing.exporting import export
from infra.bootstrap import Composed, composed
from infra.whole_files import replace
from projections import replay
from projections.engine.runner import Runner
from projections.follow_up_order import FollowUpDays
from projections.published_reports import figures_now
from projections.reports import COVERAGE, FOLLOW_UP, GRADUATIONS, Figure, Judging, Report
from tests.attested import KNOWN, attest
from tests.bench.bench import Bench
from tests.bench.logs import DAY
from tests.bench.measure import Kind, Measurement
from tests.bench.simulated import simulated_log

ROW = "agreeing"
EVENTS = 1_000_000
JUDGING = Judging(DAY, FollowUpDays(14, 14, 14))
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
REPORTS = (GRADUATIONS, COVERAGE, FOLLOW_UP)
Told = Callable[[Report], Counter[Figure]]
Figures = dict[str, Counter[Figure]]


def measure(bench: Bench) -> list[Measurement]:
    with bench.database("bench_agreeing") as url, composed(bench.settings, url) as whole:
        bench.tell("simulating")
        simulated_log(whole, bench.many(EVENTS, 20_000), bench.seed)
        for report in REPORTS:
            Runner(whole.connect, whole.recorder, report.projection).catch_up()
        attest(url)
        folder = bench.home / "agreeing" / "export"
        with whole.attesting_session() as session:
            export(session, folder, *KNOWN, replace)
        head = whole.recorder.head()
        due, took = _taken(lambda report: replay.figures(whole.recorder, report, head, JUDGING))
        found = [Measurement(ROW, f"Working out {_many(due):,} figures anew, {head:,} events", "s", (took,))]
        for name, told in _engines(whole, folder, head).items():
            bench.tell(name)
            figures, took = _taken(told)
            differing = float(sum(len(_differing(figures[name], due[name])) for name in due))
            found.append(Measurement(ROW, f"… by {name}", "s", (took,)))
            found.append(
                Measurement(ROW, "… figures that differ", "figures", (differing,), kind=Kind.OURS_AT_MOST, bar=0.0)
            )
    return found


def _engines(whole: Composed, folder: Path, head: int) -> dict[str, Told]:
    found = {"PostgreSQL, from the read tables": _tables(whole), "DuckDB, over the export": _duckdb(folder, head)}
    return found | ({"Spark, over the export": _spark(folder, head)} if find_spec("pyspark") else {})


def _tables(whole: Composed) -> Told:
    def told(report: Report) -> Counter[Figure]:
        with whole.attesting_session() as session, session.transaction():
            return figures_now(session, report, JUDGING)[1]

    return told


def _duckdb(folder: Path, head: int) -> Told:
    blocks = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    view, _, _, graduated, covered, days, followed = blocks
    queries = {GRADUATIONS.name: graduated, COVERAGE.name: covered, FOLLOW_UP.name: followed}

    def told(report: Report) -> Counter[Figure]:
        with duckdb.connect() as duck:
            duck.execute(view.replace("'export/", f"'{folder}/"))
            duck.execute(days)
            duck.execute(f"SET VARIABLE known_at = {head}; SET VARIABLE as_of = DATE '{DAY}'")
            return figures_of(duck, report, queries[report.name])

    return told


def figures_of(duck: duckdb.DuckDBPyConnection, report: Report, query: str) -> Counter[Figure]:
    """What a query of the document gives, as the figures of a report."""
    found = duck.execute(query)
    names = [column[0] for column in found.description or ()]
    told: Counter[Figure] = Counter()
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        told.update({(*(str(row[key]) for key in report.keys), name): row[name] for name in report.columns})
    return +told


def _spark(folder: Path, head: int) -> Told:
    from infra.engines import spark
    from infra.engines.exported_log import ExportedLog

    return lambda report: spark.figures(ExportedLog(folder), report, head, JUDGING, "local[*]")


def _taken(told: Told) -> tuple[Figures, float]:
    began = time.perf_counter()
    return {report.name: told(report) for report in REPORTS}, time.perf_counter() - began


def _differing(found: Counter[Figure], due: Counter[Figure]) -> set[Figure]:
    return {figure for figure in {*found, *due} if found[figure] != due[figure]}


def _many(figures: Figures) -> int:
    return sum(map(len, figures.values()))
