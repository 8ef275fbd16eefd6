"""Keeps a report as it is told now."""

import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from psycopg import IsolationLevel

from infra.bootstrap import Composed
from infra.commands.audit.places import check_place
from infra.commands.audit.reporting import (
    LOOK,
    SIGNED_WITHIN,
    check_judged,
    day_of,
    judging_of,
    named_report,
    show,
    signed,
    write_report,
)
from infra.commands.audit.sheets import check_kind
from infra.terminal import console, fail
from projections import published_reports
from projections.published_reports import NotEven
from projections.reports import PUBLISHABLE, Figure, Judging, Report


def publish(whole: Composed, name: str, as_of: date | None, to: Path | None) -> None:
    """Keeps a report as the read tables tell it now, with the checkpoint of a log that holds it all."""
    report, judging = named_report(name), judging_of(whole, as_of)
    if report.name not in PUBLISHABLE:
        fail(f"{name} is not published, as settings decide on it; {' and '.join(PUBLISHABLE)} are.")
    check_judged(report, as_of)
    if judging.as_of > whole.services.time.today():
        fail(f"{judging.as_of} is to come: what is published is judged on a day that was.")
    if to is not None:
        check_place(to)
        check_kind(to)
    position, figures = _figures_now(whole, report, judging)
    if whole.recorder.head() == 0:
        fail("Nothing has been logged: there is nothing to publish.")
    if position == 0:
        fail("The read tables know nothing of the log yet: `rujukan up` folds it, and `status` says how far.")
    checkpoint, day = signed(whole, position), day_of(whole, report, position, judging)
    with whole.attesting_session() as session:
        kept = published_reports.keep(session, report.name, position, day, figures, checkpoint)
    if kept.content != published_reports.content_of(report.name, position, day, figures):
        fail(f"{name} of this position and day was published before, and is kept with other figures: compare them.")
    show(report, position, day, kept.figures)
    judged = f", judged on {day}" if report.is_judged else ""
    console.print(f"Published as known at position {position:,}{judged}; SHA-256 {kept.sha256}.")
    if to is not None:
        write_report(whole, to, report, position, day, kept.figures, kept)


def _figures_now(whole: Composed, report: Report, judging: Judging) -> tuple[int, Mapping[Figure, int]]:
    deadline = time.monotonic() + SIGNED_WITHIN
    while True:
        with whole.attesting_session() as session:
            session.isolation_level = IsolationLevel.REPEATABLE_READ
            try:
                with session.transaction():
                    return published_reports.figures_now(session, report, judging)
            except NotEven as fault:
                if time.monotonic() > deadline:
                    fail(str(fault))
        time.sleep(LOOK)
