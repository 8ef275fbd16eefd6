"""Reports that are kept as they were published, and whether they still follow from the log."""

import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection, IsolationLevel

from consumers.kept_notes import Finding, counted, signed_checkpoint
from domain.proof.tree import root
from infra.attestation.signing_key import PublicKey, signing_key
from infra.bootstrap import Composed
from infra.commands.audit.places import check_place
from infra.commands.audit.reporting import (
    LOOK,
    SIGNED_WITHIN,
    judging_of,
    named_report,
    replayed,
    show,
    signed,
    write_report,
)
from infra.settings import Settings
from infra.terminal import console, fail, table, warn
from projections import log_tree, published_reports
from projections.published_reports import NotEven, Published
from projections.reports import COUNTRY, PUBLISHABLE, Figure, Judging, Report


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
    checkpoint = signed(whole, position)
    content = published_reports.content_of(figures)
    with whole.attesting_session() as session:
        kept = published_reports.keep(session, report.name, position, judging.as_of, content, checkpoint)
    show(report, position, judging.as_of, kept.figures)
    console.print(f"Published as known at position {position:,}, judged on {judging.as_of}; SHA-256 {kept.sha256}.")
    if to is not None:
        write_report(whole, to, report, position, judging.as_of, kept.figures, kept)


def compare(whole: Composed, name: str | None) -> None:
    """Each published report beside the figures that follow from raw events; exits with 1 where anything differs."""
    if name is not None:
        named_report(name)
    with whole.attesting_session() as session:
        kept = published_reports.published(session, name)
        faults = [fault for each in kept if (fault := _fault(session, whole.settings, each)) is not None]
    if not kept:
        warn(f"No report {'' if name is None else f'{name} '}is there that was published: nothing was compared.")
        return
    for fault in faults:
        console.print(fault, markup=False)
    differing = sum(_compared(whole, each) for each in kept)
    if differing or faults:
        published, checkpoints = counted(differing, "published figure"), counted(len(faults), "checkpoint")
        fail(f"{published} and {checkpoints} do not follow from the log.")
    console.print(f"All figures of {counted(len(kept), 'published report')} follow from the log.")


def _fault(session: Connection[Any], settings: Settings, kept: Published) -> str | None:
    """Why it was not published of this log, if it was of another."""
    key, name = signing_key(settings).key, f"{kept.report} at {kept.position}"
    found = signed_checkpoint(kept.checkpoint, f"the checkpoint of {name}", key, PublicKey(key))
    if isinstance(found, Finding):
        return found.what
    if not kept.is_whole:
        return f"What was kept of {name} is not what its digest says."
    if kept.position > found.size:
        return f"The checkpoint of {name} is of {found.size} events."
    if found.size > log_tree.size(session) or root(found.size, log_tree.subtrees(session, found.size)) != found.root:
        return f"The log is another than when {name} was published."
    return None


def _compared(whole: Composed, kept: Published) -> int:
    """How many figures differ; all of the whole country are shown, and of the parts those that differ."""
    recomputed = replayed(whole, named_report(kept.report), kept.position, judging_of(whole, kept.as_of))
    published = kept.figures
    rows = [(f"{kept.report} at {kept.position}", "published", "recomputed", "")]
    differing = 0
    for figure in sorted({*published, *recomputed}):
        differs = published[figure] != recomputed.get(figure, 0)
        differing += differs
        if differs or COUNTRY in figure:
            numbers = f"{published[figure]:,}", f"{recomputed.get(figure, 0):,}"
            rows.append(("/".join(figure), *numbers, "differs" if differs else ""))
    table(rows)
    return differing


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
