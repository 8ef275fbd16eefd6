"""What an auditor proves and verifies, with the database or without."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from kafka.errors import KafkaError
from psycopg import Connection

from consumers.auditing.kept_notes import KeptNote, counted
from consumers.auditing.proving import NotSignedYet, OtherLog, Prover, write_tiles
from consumers.auditing.verifying_log import Verified, verify
from domain.proof.event_proof import check, proof_text, read_proof
from domain.proof.note import KeyName, read_key
from domain.proof.verifying import Unproven
from infra.attestation.kafka_keeper import Silent, last_kept, place
from infra.attestation.signing_key import PublicKey, signing_key
from infra.bootstrap import Composed
from infra.commands.audit.places import check_place, taken, write_file
from infra.commands.reaching import kafka_reached
from infra.kafka.errors import BrokerError
from infra.printable import printable
from infra.settings import Settings
from infra.terminal import bar, console, fail, warn
from infra.whole_files import replace
from projections.log_tree import Torn


def tell_key(settings: Settings) -> None:
    console.print(signing_key(settings).key.text(), markup=False, soft_wrap=True)


def verify_log(whole: Composed, against: Sequence[Path], key: str | None, *, kafka: bool) -> None:
    """Exits with 1 where something does not follow."""
    mine = signing_key(whole.settings).key
    known = read_known(key) if key is not None else mine
    notes, outside = [*read_notes(against), *_kept_in_topic(whole.settings, kafka)], whole.kept_checkpoint()
    in_file = read_notes([Path(outside.name)], "file") if outside.last() is not None else []
    with whole.attesting_session() as session, bar("Verifying the log") as progress:
        found = verify(session, known, PublicKey(known), [*notes, *in_file], progress)
    inside = found.checkpoints - len(notes) - len(in_file)
    places = [f"{counted(inside, 'checkpoint')} in the database", *(kept.where for kept in [*in_file, *notes])]
    console.print(f"Compared with {'; '.join(places)}.", markup=False, soft_wrap=True)
    if found.checkpoints and not in_file:
        warn(f"The log has been signed, and {outside.name} is not there, where the last checkpoint is kept.")
    if known != mine:
        warn(f"The key in {whole.settings.home} is another than the one that was given: {mine.text()}")
    elif key is None and found.unsigned:
        warn(f"Known by the key in {whole.settings.home}; `--key` takes the one that was kept, if it was replaced.")
    tell_verified(found, "log", known)


def _kept_in_topic(settings: Settings, wanted: bool) -> list[KeptNote]:
    """The checkpoint that Kafka keeps."""
    if not wanted:
        return []
    try:
        with kafka_reached(settings) as access:
            note = last_kept(access)
    except (KafkaError, BrokerError, Silent) as fault:
        fail(f"Kafka gives no checkpoint: {fault}")
    if note is None:
        warn(f"There is no checkpoint in {place()}.")
    return [] if note is None else [KeptNote(note, f"the checkpoint in {place()}", "topic")]


def tell_verified(found: Verified, what: str, known: KeyName) -> None:
    """Exits with 1 where something does not follow."""
    for finding in found.findings:
        console.print(printable(finding.what, "  "), markup=False, soft_wrap=True)
    if found.findings and not any(finding.differs for finding in found.findings):
        fail(f"Not all could be compared. The rest of the checkpoints, {found.checkpoints - found.unsigned:,}, follow.")
    if found.findings:
        first = found.findings[0].position
        fail(f"The {what} is not what was signed." + (f" First position that differs: {first}." if first else ""))
    if not found.checkpoints:
        fail(f"{counted(found.size, 'event')} were read, and no checkpoint was there to compare the {what} with.")
    console.print(
        f"{counted(found.size, 'event')} follow from {counted(found.checkpoints, 'checkpoint')} signed by {known.name}."
    )


def prove_event(whole: Composed, position: int, file: Path | None) -> None:
    if file is not None:
        check_place(file)
    key = signing_key(whole.settings).key
    with whole.attesting_session() as session:
        (text,) = proofs_of(session, [position], key)
    if file is None:
        console.print(text.decode(), markup=False, soft_wrap=True, end="")
    else:
        write_file(file, text)
        console.print(f"The proof of position {position:,} is in {file}.", markup=False)


def proofs_of(session: Connection[Any], positions: Sequence[int], key: KeyName) -> Iterator[bytes]:
    """As they are written to files."""
    try:
        prover = Prover(session, key, PublicKey(key))
        for position in positions:
            yield proof_text(prover.prove(position))
    except (NotSignedYet, OtherLog, Torn) as fault:
        fail(str(fault))


def check_proof(file: Path, key: str) -> None:
    """Needs nothing but the file and the key; exits with 1 where it proves nothing."""
    known = read_known(key)
    try:
        leaf = check(read_proof(read_file(file)), known, PublicKey(known))
    except Unproven as fault:
        fail(f"{file} proves nothing: {fault}")
    console.print(f"{known.name} holds at position {leaf.position:,}, logged at {leaf.logged_at}: {leaf.topic},")
    console.print(f"version {leaf.version} of {leaf.stream}.")


def write_tree(whole: Composed, directory: Path) -> None:
    with (
        taken(directory, "tree", ("checkpoint", "tile")),
        whole.attesting_session() as session,
        bar("Writing tiles") as progress,
    ):
        try:
            key = signing_key(whole.settings).key
            size = write_tiles(session, directory, key, PublicKey(key), replace, progress)
        except (NotSignedYet, OtherLog, Torn) as fault:
            fail(str(fault))
        except (psycopg.Error, OSError) as fault:
            fail(f"The tiles could not be written: {fault}")
    console.print(f"{directory} holds the tree of {counted(size, 'event')}.", markup=False)


def read_known(text: str) -> KeyName:
    """Of the option itself, or of the file that it names."""
    try:
        file = Path(text)
        if "+" not in text and not file.exists():
            fail(f"--key: {text} is no verifier key, and there is no such file.")
        return read_key(file.read_text("utf-8") if file.is_file() else text)
    except UnicodeDecodeError:
        fail(f"--key: {text} holds no text.")
    except (ValueError, OSError) as fault:
        fail(f"--key: {fault}")


def read_notes(files: Sequence[Path], keeper: str = "whoever verifies") -> list[KeptNote]:
    return [KeptNote(read_file(file).decode("utf-8", "replace"), f"the checkpoint in {file}", keeper) for file in files]


def read_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        fail(f"{file} cannot be read: {fault.strerror}.")
