"""The log as Parquet, and that an export is the log."""

from collections.abc import Sequence
from pathlib import Path

from consumers.auditing.exporting import export
from consumers.auditing.exports import MANIFEST, NoExport
from consumers.auditing.kept_notes import counted
from consumers.auditing.proving import NotSignedYet, OtherLog
from consumers.auditing.verifying_export import verify_export
from infra.attestation.signing_key import PublicKey, signing_key
from infra.bootstrap import Composed
from infra.commands.audit.places import taken
from infra.commands.audit.proving import read_known, read_notes, tell_verified
from infra.terminal import bar, console, fail
from infra.whole_files import replace
from projections.log_tree import Torn


def export_log(whole: Composed, directory: Path) -> None:
    with (
        taken(directory, "export", (MANIFEST, "events")),
        whole.attesting_session() as session,
        bar("Exporting events") as progress,
    ):
        try:
            key = signing_key(whole.settings).key
            manifest = export(session, directory, key, PublicKey(key), replace, progress)
        except (NotSignedYet, NoExport, OtherLog, Torn) as fault:
            fail(str(fault))
        except OSError as fault:
            fail(f"The export could not be written: {fault}")
    events, files = counted(manifest.events, "event"), counted(len(manifest.files), "file")
    console.print(f"{directory} holds {events} in {files}.", markup=False)


def verify_directory(directory: Path, against: Sequence[Path], key: str) -> None:
    """Needs nothing but the directory and the key; exits with 1 where something does not follow."""
    known = read_known(key)
    with bar("Verifying the export") as progress:
        try:
            found = verify_export(directory, known, PublicKey(known), read_notes(against), progress)
        except NoExport as fault:
            fail(str(fault))
    tell_verified(found, "export", known)
