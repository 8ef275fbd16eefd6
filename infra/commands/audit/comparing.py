"""Whether the reports that were published still follow from the log."""

from consumers.auditing.kept_notes import Finding, counted, signed_checkpoint
from consumers.auditing.verifying_log import verify
from domain.proof.tree import root
from infra.attestation.signing_key import PublicKey, signing_key
from infra.bootstrap import Composed
from infra.commands.audit.reporting import judging_of, named_report
from infra.printable import printable
from infra.terminal import bar, console, fail, table, warn
from projections import log_tree, published_reports, replay
from projections.engine.log import Undecodable
from projections.published_reports import Published
from projections.reports import COUNTRY, REPORTS


class _Fault(Exception):
    """Why a report that is kept does not follow, or cannot be set beside anything."""


def compare(whole: Composed, name: str | None) -> None:
    """Verifies the log, and sets each published report beside the figures that follow from raw events; exits with 1
    where anything differs."""
    if name is not None:
        named_report(name)
    with whole.attesting_session() as session:
        kept = published_reports.published(session, name)
    if not kept:
        warn(f"No report {'' if name is None else f'{name} '}is there that was published: nothing was compared.")
        return
    differing, faults = 0, _of_the_log(whole)
    for each in kept:
        try:
            _check_log(whole, each)
            differing += _compared(whole, each)
        except _Fault as fault:
            faults += 1
            console.print(str(fault), markup=False, soft_wrap=True)
    if differing or faults:
        figures, beside = counted(differing, "published figure"), counted(faults, "fault")
        fail(f"{figures} and {beside} beside do not follow from the log.")
    console.print(f"All figures of {counted(len(kept), 'published report')} follow from the log.")


def _of_the_log(whole: Composed) -> int:
    """How many faults the log has itself: figures that follow from a changed log prove nothing."""
    key = signing_key(whole.settings).key
    with whole.attesting_session() as session, bar("Verifying the log") as progress:
        findings = verify(session, key, PublicKey(key), progress=progress).findings
    for finding in findings:
        console.print(printable(finding.what, "  "), markup=False, soft_wrap=True)
    return len(findings)


def _name(kept: Published) -> str:
    return f"{kept.report} at {kept.position} of {kept.as_of}"


def _check_log(whole: Composed, kept: Published) -> None:
    """Raises `_Fault`."""
    key, name = signing_key(whole.settings).key, _name(kept)
    found = signed_checkpoint(kept.checkpoint, f"the checkpoint of {name}", key, PublicKey(key))
    if isinstance(found, Finding):
        raise _Fault(found.what)
    if kept.position < 1:
        raise _Fault(f"{name} is of no position of the log.")
    if kept.position > found.size:
        raise _Fault(f"The checkpoint of {name} is of {found.size} events.")
    with whole.attesting_session() as session:
        try:
            follows = found.size <= log_tree.size(session) and found.root == root(
                found.size, log_tree.subtrees(session, found.size)
            )
        except LookupError as fault:
            raise _Fault(str(fault)) from None
    if not follows:
        raise _Fault(f"The log is another than when {name} was published.")


def _compared(whole: Composed, kept: Published) -> int:
    """How many figures differ; all of the whole country are shown, and of the parts those that differ. Raises
    `_Fault`."""
    if not kept.is_whole:
        raise _Fault(f"What was kept of {_name(kept)} is not what its digest says.")
    try:
        report, published = REPORTS[kept.report], kept.figures
        with bar(f"Replaying {kept.report}") as progress:
            judging = judging_of(whole, kept.as_of)
            recomputed = replay.figures(whole.recorder, report, kept.position, judging, progress)
    except KeyError:
        raise _Fault(f"There is no report {kept.report!r}, of which one is kept.") from None
    except (ValueError, Undecodable, replay.LogEnds) as fault:
        raise _Fault(f"{_name(kept)} cannot be compared: {fault}") from None
    rows = [(_name(kept), "published", "recomputed", "")]
    differing = 0
    for figure in sorted({*published, *recomputed}):
        differs = published[figure] != recomputed.get(figure, 0)
        differing += differs
        if differs or COUNTRY in figure:
            numbers = f"{published[figure]:,}", f"{recomputed.get(figure, 0):,}"
            rows.append(("/".join(figure), *numbers, "differs" if differs else ""))
    table(rows)
    return differing
