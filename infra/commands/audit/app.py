"""`rujukan audit`: the words of it."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from infra.commands.audit import comparing, proving, publishing, replaying
from infra.commands.opening import faults_told, given_settings, opened
from infra.terminal import fail
from projections.reports import PUBLISHABLE, REPORTS

audit = typer.Typer(
    no_args_is_help=True, help="Prove that the log is the one that was signed, and work figures out from it alone."
)
Known = Annotated[str, typer.Option("--key", metavar="KEY|FILE", help="The verifier key, as `audit key` prints it.")]
Against = Annotated[list[Path] | None, typer.Option(metavar="CHECKPOINT", help="A checkpoint that was kept elsewhere.")]
Reported = Annotated[str, typer.Argument(metavar="REPORT", help=f"{' or '.join(PUBLISHABLE)}.")]
KnownAt = Annotated[
    str | None,
    typer.Option(metavar="TIME|POSITION", help="As known then: a position of the log, a day (its end), or a moment."),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="The day on which it is judged; today unless given."),
]


class Engine(StrEnum):
    HERE = "here"
    SPARK = "spark"


ToFile = Annotated[Path | None, typer.Option(metavar="FILE", help="Write it to a file too: .csv or .xlsx.")]


@audit.command("key")
def tell_verifier_key() -> None:
    """Print the verifier key, by which checkpoints are known to be signed by this installation."""
    with faults_told():
        proving.tell_key(given_settings())


@audit.command("verify")
def verify_log(
    against: Against = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY|FILE", help="The verifier key that was kept; else this installation's.")
    ] = None,
    kafka: Annotated[bool, typer.Option("--kafka", help="Take the checkpoint that Kafka keeps, too.")] = False,
) -> None:
    """Recompute the tree from all events, and compare it with every checkpoint; names the first that differs."""
    with opened() as whole:
        proving.verify_log(whole, against or [], key, kafka=kafka)


@audit.command("prove")
def prove_event(
    position: Annotated[int, typer.Argument(min=1, help="The event's position in the log.")],
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the proof to a file.")] = None,
) -> None:
    """Write a proof that an event stands in the log, which needs nothing but the verifier key to be checked."""
    with opened() as whole:
        proving.prove_event(whole, position, to)


@audit.command("check-proof")
def check_proof(file: Annotated[Path, typer.Argument(help="What `audit prove` wrote.")], key: Known) -> None:
    """Check a proof, with no database and no server."""
    proving.check_proof(file, key)


@audit.command("tiles")
def write_tiles(directory: Annotated[Path, typer.Argument(help="Where; what is there already stays.")]) -> None:
    """Write the tree as files that tools for transparency logs read: C2SP tlog-tiles."""
    with opened() as whole:
        proving.write_tree(whole, directory)


@audit.command("export")
def export_log(
    directory: Annotated[Path, typer.Argument(help="Where; what an export left there before is added to.")],
) -> None:
    """Write the events that were signed as Parquet, by year and month, for engines that are not ours."""
    from infra.commands.audit import exporting  # Arrow is large, and nothing else needs it

    with opened() as whole:
        exporting.export_log(whole, directory)


@audit.command("verify-export")
def verify_export(
    directory: Annotated[Path, typer.Argument(help="What `audit export` wrote.")], key: Known, against: Against = None
) -> None:
    """Verify an export, with no database and no server; names the first position that differs."""
    from infra.commands.audit import exporting

    exporting.verify_directory(directory, against or [], key)


@audit.command("replay")
def replay(
    report: Annotated[
        str | None, typer.Argument(metavar="REPORT", help=f"One of {', '.join(REPORTS)}; all unless given.")
    ] = None,
    known_at: KnownAt = None,
    as_of: AsOf = None,
    household: Annotated[UUID | None, typer.Option(help="Tell what was known of this household instead.")] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Set published reports beside what they were.")] = False,
    to: ToFile = None,
    engine: Annotated[Engine, typer.Option(help="`spark` replays over an export, with no database.")] = Engine.HERE,
    input_: Annotated[Path | None, typer.Option("--input", metavar="DIR", help="The export that Spark reads.")] = None,
    master: Annotated[str, typer.Option(help="Spark's cluster; this machine unless given.")] = "local[*]",
) -> None:
    """Work figures out anew from raw events alone, as known at any moment."""
    if (engine is Engine.SPARK) != (input_ is not None) or (input_ and (compare or household or to)):
        fail("--engine spark goes with --input DIR and with neither --compare, --household nor --to.")
    if input_ is not None:
        replaying.replay_export(given_settings(), input_, report, known_at, _day(as_of), master)
        return
    if compare and (known_at or as_of or household or to):
        fail("--compare takes what was published, as it was published: only REPORT goes with it.")
    if household and (report or as_of or to):
        fail("--household goes with --known-at alone.")
    with opened() as whole:
        if compare:
            comparing.compare(whole, report)
        elif household is not None:
            replaying.replay_household(whole, household, known_at)
        else:
            replaying.replay_reports(whole, report, known_at, _day(as_of), to)


@audit.command("publish")
def publish(report: Reported, as_of: AsOf = None, to: ToFile = None) -> None:
    """Keep a report as it is now, with its position, a checkpoint and its digest, for `replay --compare`."""
    with opened() as whole:
        publishing.publish(whole, report, _day(as_of), to)


@audit.command("explain")
def explain(
    figure: Annotated[
        str, typer.Argument(metavar="FIGURE", help="Such as graduations/2026/33.24/count or coverage/all/connected.")
    ],
    known_at: KnownAt = None,
    as_of: AsOf = None,
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the proof of each event there.")] = None,
) -> None:
    """List the events that one figure is made of, each proved to stand in the log."""
    with opened() as whole:
        replaying.explain(whole, figure, known_at, _day(as_of), to)


def _day(given: datetime | None) -> date | None:
    return given.date() if given is not None else None
