"""`rujukan keys`: what an operator does with keys."""

from collections.abc import Iterator

from consumers.erasing import Erasing, Reconciled
from infra.bootstrap import Composed
from infra.terminal import console


def reconcile(whole: Composed) -> None:
    """Tells what was still to be destroyed, and what is not known to the log."""
    found = Erasing(whole.recorder, whole.sealer).reconcile()
    for line in told(found):
        console.print(line)
    if not found.destroyed:
        console.print("Every key whose erasure the log records is destroyed.")


def told(found: Reconciled) -> Iterator[str]:
    """What an operator should know of, if anything."""
    if found.destroyed:
        yield f"{len(found.destroyed):,} keys destroyed whose erasure the log records."
    if found.unknown:
        yield (
            f"{len(found.unknown):,} keys are destroyed without an erasure in the log, as after a restore of an older"
            " log: what they sealed cannot be opened."
        )
