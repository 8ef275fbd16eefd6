"""`rujukan audit`: the words of it."""

from pathlib import Path
from typing import Annotated

import typer

from infra.commands.audit import exporting, proving
from infra.commands.opening import faults_told, given_settings, opened

audit = typer.Typer(no_args_is_help=True, help="Prove that the log is the one that was signed, and verify it.")
Known = Annotated[str, typer.Option("--key", metavar="KEY|FILE", help="The verifier key, as `audit key` prints it.")]
Against = Annotated[list[Path] | None, typer.Option(metavar="CHECKPOINT", help="A checkpoint that was kept elsewhere.")]


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
) -> None:
    """Recompute the tree from all events, and compare it with every checkpoint; names the first that differs."""
    with opened() as whole:
        proving.verify_log(whole, against or [], key)


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
    with opened() as whole:
        exporting.export_log(whole, directory)


@audit.command("verify-export")
def verify_export(
    directory: Annotated[Path, typer.Argument(help="What `audit export` wrote.")], key: Known, against: Against = None
) -> None:
    """Verify an export, with no database and no server; names the first position that differs."""
    exporting.verify_directory(directory, against or [], key)
