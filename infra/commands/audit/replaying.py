"""Figures, and what was known of a household, from raw events alone; and the events behind one figure."""

from datetime import date
from pathlib import Path
from uuid import UUID

import msgspec

from infra.attestation.signing_key import signing_key
from infra.bootstrap import Composed, days_of
from infra.commands.audit.places import check_place, write_file
from infra.commands.audit.proving import proofs_of
from infra.commands.audit.reporting import (
    check_judged,
    day_of,
    judging_of,
    judging_on,
    named_report,
    position_at,
    replayed,
    show,
    write_report,
)
from infra.commands.audit.sheets import check_kind
from infra.settings import Settings
from infra.terminal import bar, console, fail, step, table
from infra.time import WallClock
from projections import follow_up_rows, household_rows, replay
from projections.reports import COUNTRY, REPORTS, NoFigure, named_figure


def replay_reports(
    whole: Composed, name: str | None, known_at: str | None, as_of: date | None, to: Path | None
) -> None:
    """Figures as known at a position, from raw events alone."""
    until, judging = position_at(whole.recorder, known_at, whole.services.time), judging_of(whole, as_of)
    reports = [named_report(name)] if name else list(REPORTS.values())
    if to is not None and len(reports) > 1:
        fail("One report is written to one file: say which.")
    if name is not None:
        check_judged(reports[0], as_of)
    if to is not None:
        check_place(to)
        check_kind(to)
    for report in reports:
        found, day = replayed(whole, report, until, judging), day_of(whole, report, until, judging)
        show(report, until, day, found)
        if to is not None:
            write_report(whole, to, report, until, day, found, None)


def replay_export(
    settings: Settings, directory: Path, name: str | None, known_at: str | None, as_of: date | None, master: str
) -> None:
    """The same by Spark over an export, with no database."""
    try:
        from consumers.auditing.exports import NoExport
        from infra.engines import spark  # an extra
        from infra.engines.exported_log import ExportedLog
    except ModuleNotFoundError as fault:
        fail(f"{fault.name} is not installed: the engine is the extra `spark`.")
    if name is not None:
        check_judged(named_report(name), as_of)
    try:
        log = ExportedLog(directory)
        until, judging = position_at(log, known_at, WallClock()), judging_on(days_of(settings), WallClock(), as_of)
        for report in [named_report(name)] if name else REPORTS.values():
            with step(f"Replaying {report.name} by Spark"):
                found = spark.figures(log, report, until, judging, master)
            show(report, until, judging.as_of, found)
    except (NoExport, spark.NoSpark) as fault:
        fail(str(fault))


def replay_household(whole: Composed, household: UUID, known_at: str | None) -> None:
    """What was known of one household, as JSON; personal data is sealed."""
    until = position_at(whole.recorder, known_at, whole.services.time)
    record, last = replay.state_of(whole.recorder, household_rows.PROJECTION, household, until)
    if last is None:
        fail(f"The log knows no household {household} at position {until}.")
    waiting, _ = replay.state_of(whole.recorder, REPORTS["follow_up"].projection, household, until)
    told = {
        "known_at": until,
        "household": household_rows.row(record, last),
        "follow_up": list(follow_up_rows.items(household, waiting).values()),
    }
    console.print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode(), markup=False, soft_wrap=True)


def explain(whole: Composed, name: str, known_at: str | None, as_of: date | None, to: Path | None) -> None:
    """The events that make up one figure, each proved to stand in the log; their proofs are written to `to`."""
    try:
        report, figure = named_figure(name)
    except NoFigure as fault:
        fail(str(fault))
    check_judged(report, as_of)
    until, judging = position_at(whole.recorder, known_at, whole.services.time), judging_of(whole, as_of)
    if to is not None:
        _make(to)
    with bar("Replaying the log") as progress:
        found = replay.events_behind(whole.recorder, report, figure, until, judging, progress)
    region = figure[report.keys.index("region")]
    if not found and region != COUNTRY and whole.services.registry.region_name(region) is None:
        fail(f"There is no region {region}.")
    rows = [("position", "adds", "logged at", "event", "stream", "proof")]
    key = signing_key(whole.settings).key
    with whole.attesting_session() as session:
        proofs = proofs_of(session, [behind.event.position for behind in found], key)
        for behind, proof in zip(found, proofs, strict=True):
            event = behind.event
            file = f"{event.position}.json"
            if to is not None:
                write_file(to / file, proof)
            told = file if to is not None else "in the checkpoint signed last"
            moment = event.logged_at.isoformat(timespec="seconds")
            rows.append((str(event.position), f"{behind.adds:+}", moment, event.topic, str(event.stream), told))
    table(rows)
    total = sum(behind.adds for behind in found)
    judged = f" and judged on {judging.as_of}" if report.is_judged else ""
    console.print(f"{name} is {total:,}, known at position {until:,}{judged}.")


def _make(directory: Path) -> None:
    """Parents of it are not made."""
    try:
        directory.mkdir(exist_ok=True)
    except OSError as fault:
        fail(f"{directory} is no directory to write to: {fault.strerror}.")
