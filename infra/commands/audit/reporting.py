"""What the commands about figures share: which report, known when and judged how; shown, and written to a file."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from api.known_at import DATE, JAKARTA, POSITION, Positions, end_of, moment_of, position_known
from api.problems import Refusal
from consumers.auditing.proving import NotSignedYet, OtherLog, newest_signed
from domain.deadlines import Days
from domain.ports import Time
from infra.attestation.signing_key import PublicKey, signing_key
from infra.bootstrap import Composed
from infra.commands.audit.sheets import Cell, sheet_of, write
from infra.terminal import bar, console, fail, table, warn
from projections import log_signing, log_tree, published_reports, replay
from projections.engine.log import Undecodable
from projections.follow_up_order import FollowUpDays
from projections.published_reports import Published
from projections.reports import COUNTRY, REPORTS, Figure, Judging, Report

SIGNED_WITHIN = 15.0
"""Seconds in which `rujukan up` signs what was logged."""
LOOK = 0.2


def named_report(name: str) -> Report:
    if name not in REPORTS:
        fail(f"There is no report {name!r}; there are {', '.join(REPORTS)}.")
    return REPORTS[name]


def position_at(log: Positions, known_at: str | None, time: Time) -> int:
    """Today is its end, though that is to come; nothing later is."""
    try:
        position = position_known(log, known_at)
        if known_at is not None and not POSITION.fullmatch(known_at):
            moment = moment_of(known_at)
            latest = end_of(time.today()) if DATE.fullmatch(known_at) else time.now()
            if moment > latest:
                fail(f"{known_at} is to come: what will be known then is not known yet.")
    except Refusal as fault:
        fail(str(fault.detail))
    if position == 0:
        warn("Nothing had been logged by then." if known_at is not None else "Nothing has been logged.")
    return position


def judging_of(whole: Composed, as_of: date | None) -> Judging:
    return judging_on(whole.services.days, whole.services.time, as_of)


def check_judged(report: Report, as_of: date | None) -> None:
    """Exits where a day is given that nothing hangs on."""
    if as_of is not None and not report.is_judged:
        fail(f"{report.name} is of what is known at a position, whatever the day: --known-at says at which.")


def day_of(whole: Composed, report: Report, position: int, judging: Judging) -> date:
    """The day on which it is judged; of a report that is of what is known alone, when that was known."""
    if report.is_judged or position == 0:
        return judging.as_of
    with whole.attesting_session() as session:
        (event,) = log_tree.stored(session, position - 1, 1)
    return event.logged_at.astimezone(JAKARTA).date()


def judging_on(days: Days, time: Time, as_of: date | None) -> Judging:
    """Today unless given."""
    followed = FollowUpDays(days.unconnected_after_days, days.proposal_due_days, days.redirect_due_days)
    return Judging(as_of or time.today(), followed)


def replayed(whole: Composed, report: Report, until: int, judging: Judging) -> Mapping[Figure, int]:
    try:
        with bar(f"Replaying {report.name}") as progress:
            return replay.figures(whole.recorder, report, until, judging, progress)
    except (Undecodable, replay.LogEnds) as fault:
        fail(str(fault))


def signed(whole: Composed, position: int) -> str:
    """A checkpoint that holds the position, waited for."""
    deadline, key = time.monotonic() + SIGNED_WITHIN, signing_key(whole.settings).key
    with whole.attesting_session() as session:
        while True:
            try:
                note, kept = newest_signed(session, key, PublicKey(key))
                if kept.size >= position:
                    return note
                told = f"The checkpoint signed last is of {kept.size:,} events"
            except NotSignedYet:
                told = "No checkpoint has been signed yet"
            except OtherLog as fault:
                fail(str(fault))
            if time.monotonic() > deadline:
                if (refused := log_signing.standing(session).refused) is not None:
                    fail(f"{told}, and nothing more is signed: {refused}")
                fail(f"{told}, none holds position {position:,}: `rujukan up` signs, and `status` says how far.")
            time.sleep(LOOK)


def show(report: Report, position: int, as_of: date, figures: Mapping[Figure, int]) -> None:
    """Of the whole country; a file has the parts too."""
    rows = sorted({figure[:-1] for figure in figures if COUNTRY in figure})
    judged = f", judged on {as_of}" if report.is_judged else ""
    console.print(f"{report.name}, known at position {position:,}{judged}; of the whole country", style="bold")
    table(
        [
            (*report.keys, *report.columns),
            *((*row, *(f"{figures.get((*row, column), 0):,}" for column in report.columns)) for row in rows),
        ]
    )


def write_report(
    whole: Composed,
    file: Path,
    report: Report,
    position: int,
    as_of: date,
    figures: Mapping[Figure, int],
    kept: Published | None,
) -> None:
    judged = f" --as-of {as_of}" if report.is_judged else ""
    command = f"rujukan audit replay {report.name} --known-at {position}{judged}"
    content = published_reports.content_of(report.name, position, as_of, figures)
    checkpoint = kept.checkpoint if kept is not None else signed(whole, position)
    about: Sequence[tuple[str, Cell]] = [
        ("report", report.name),
        ("known at position", position),
        ("judged on" if report.is_judged else "known on", as_of.isoformat()),
        ("checkpoint", json.dumps(checkpoint, ensure_ascii=False)),
        ("SHA-256", published_reports.digest_of(content)),
        ("reproduced by", command),
    ]
    try:
        write(file, sheet_of(report, figures, about, whole.services.registry))
    except (ValueError, OSError) as fault:
        fail(f"The report could not be written: {fault}")
    console.print(f"{file} holds the report.", markup=False)
