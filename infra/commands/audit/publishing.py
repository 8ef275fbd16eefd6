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
    judging_of,
    named_report,
    show,
    signed,
    write_report,
)
from infra.terminal import console, fail
from projections import published_reports
from projections.published_reports import NotEven
from projections.reports import PUBLISHABLE, Figure, Judging, Report


def publish(whole: Composed, name: str, as_of: date | None, to: Path | None) -> None:
    """Keeps a report as the read tables tell it now, with the checkpoint of a log that holds it all."""
    report, judging = named_report(name), judging_of(whole, as_of)
    if report.name not in PUBLISHABLE:
        fail(f"{name} is not published, as settings decide on it; {' and '.join(PUBLISHABLE)} are.")
    if judging.as_of > whole.services.time.today():
        fail(f"{judging.as_of} is to come: what is published is judged on a day that was.")
    if to is not None:
        check_place(to)
    position, figures = _figures_now(whole, report, judging)
    if position == 0:
        fail("Nothing has been logged: there is nothing to publish.")
    checkpoint = signed(whole, position)
    with whole.attesting_session() as session:
        kept = published_reports.keep(session, report.name, position, judging.as_of, figures, checkpoint)
    show(report, position, judging.as_of, kept.figures)
    console.print(f"Published as known at position {position:,}, judged on {judging.as_of}; SHA-256 {kept.sha256}.")
    if to is not None:
        write_report(whole, to, report, position, judging.as_of, kept.figures, kept)


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
