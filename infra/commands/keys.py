"""`rujukan keys`: what an operator does with keys."""

from collections.abc import Iterator

import psycopg

from consumers.erasing import Erasing, Reconciled
from infra.bootstrap import Composed, encryption_of
from infra.keys.encryption import KeyEncryptionError
from infra.keys.index_rotation import rotate_index
from infra.keys.master_key import previous_master_key
from infra.keys.rotation import rotate, rotate_encryption
from infra.keys.wrapping import MasterKey
from infra.settings import Settings
from infra.terminal import bar, console, fail


def reconcile(whole: Composed) -> None:
    """Tells what was still to be destroyed, and what is not known to the log."""
    found = Erasing(whole.recorder, whole.sealer).reconcile()
    for line in told(found):
        console.print(line)
    if not found.destroyed and not found.returned:
        console.print("Every key whose erasure the log records is destroyed.")


def told(found: Reconciled) -> Iterator[str]:
    """What an operator should know of, if anything."""
    if found.destroyed:
        yield f"{len(found.destroyed):,} keys destroyed whose erasure the log records."
    if found.returned:
        yield f"{len(found.returned):,} keys that were there again, as from a backup, are destroyed again."
    if found.unknown:
        yield (
            f"{len(found.unknown):,} keys are destroyed without an erasure in the log, as after a restore of an older"
            " log: what they sealed cannot be opened."
        )


def rotate_intermediate(whole: Composed) -> None:
    """Goes on with one that was cut short."""
    with bar("Wrapping keys anew") as progress:
        count = rotate(whole.settings.keys_url(whole.url), encryption_of(whole.settings), progress)
    console.print(f"{count:,} keys are wrapped under a new intermediate key; the earlier one is gone.")


def rotate_key_encryption_key(settings: Settings, url: str) -> None:
    """Before anything else uses the new one."""
    previous, new = MasterKey(previous_master_key(settings)), encryption_of(settings)
    try:
        count = rotate_encryption(settings.keys_url(url), previous, new)
    except KeyEncryptionError as fault:
        fail(f"RUJUKAN_MASTER_KEY_PREVIOUS is not the key that is in use: {fault}")
    except psycopg.errors.UndefinedTable:
        fail("The keys' database has no schema yet: run rujukan migrate.")
    console.print(
        f"All {count} of the intermediate keys are wrapped under {new.name} now, and open by it alone: keep it."
    )
    console.print(
        "From now on it must be given as RUJUKAN_MASTER_KEY, or stand in the file master.key in place of the"
        " earlier one. RUJUKAN_MASTER_KEY_PREVIOUS can go."
    )


def rotate_index_key(whole: Composed) -> None:
    """Goes on with one that was cut short."""
    settings, url = whole.settings, whole.url
    with bar("Entering numbers anew") as progress:
        entered, lost = rotate_index(
            settings.owner_url(url),
            settings.keys_url(url),
            encryption_of(settings),
            whole.sealer,
            whole.recorder,
            progress,
        )
    console.print(f"{entered:,} numbers were entered under a new index key; the earlier one is gone.")
    if lost:
        console.print(f"{lost:,} could not be opened, as their keys are destroyed, and are found no more.")
