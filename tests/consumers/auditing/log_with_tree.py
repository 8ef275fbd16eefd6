"""A log with a tree over it and a key to sign with, and somebody with all rights on its database who changes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consumers.auditing.attesting import Attesting
from consumers.auditing.kept_notes import KeptNote
from consumers.auditing.verifying_log import Verified, verify
from domain.application import Rujukan
from domain.proof.checkpoint import Checkpoint
from domain.proof.note import KeyName
from infra.attestation.signing_key import PublicKey, SigningKey
from infra.persistence import persistence_environment
from tests.faults.work import SEALER
from tests.projections.story import tell
from tests.projections.teller import Teller

ORIGIN = "rujukan.test/log"


class Kept:
    """A place for checkpoints, which is this object."""

    name = "the safe"
    is_near = True

    def __init__(self) -> None:
        self.notes: list[str] = []

    def last(self) -> str | None:
        return self.notes[-1] if self.notes else None

    def keep(self, note: str) -> None:
        self.notes.append(note)


class LogWithTree:
    def __init__(self, url: str, *, empty: bool = False) -> None:
        self.url = url
        self.signs = SigningKey(ORIGIN, Ed25519PrivateKey.generate())
        self.safe = Kept()
        self.application = Rujukan(env=persistence_environment(url))
        if not empty:
            tell(self.application, SEALER)
        self.told = Teller(self.application, SEALER, first_command=1_000_000)

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.url, autocommit=True) as session:
            yield session

    def attesting(self, signs: SigningKey | None = None) -> Attesting:
        with_ = signs or self.signs
        return Attesting(
            lambda: psycopg.connect(self.url, autocommit=True), with_.key, with_, PublicKey(with_.key), [self.safe]
        )

    @property
    def known(self) -> tuple[KeyName, PublicKey]:
        """By which the log is known to be signed."""
        return self.signs.key, PublicKey(self.signs.key)

    def attest(self) -> Checkpoint:
        with self.session() as session:
            return self.attesting().attest(session)

    def verify(self, *against: str) -> Verified:
        notes = [KeptNote(note, f"the checkpoint kept as {at}", "auditor") for at, note in enumerate(against)]
        with self.session() as session:
            return verify(session, *self.known, notes)

    def register(self, family: str) -> None:
        self.told.register(family, "2026-01-05", f"head of {family}")

    def changed(self, *statements: str) -> None:
        """By a superuser, who takes the triggers and checks away first."""
        with psycopg.connect(self.url) as session:
            session.execute("ALTER TABLE rujukan_events DISABLE TRIGGER ALL")
            session.execute("ALTER TABLE checkpoints DROP CONSTRAINT IF EXISTS checkpoints_size")
            for statement in statements:
                session.execute(statement)  # type: ignore[call-overload]

    @property
    def head(self) -> int:
        with self.session() as session:
            row = session.execute("SELECT max(notification_id) FROM rujukan_events").fetchone()
        assert row is not None
        return int(row[0])

    def close(self) -> None:
        self.application.close()
