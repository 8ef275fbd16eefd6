"""Rotates what wraps keys: a new intermediate key, or a new key-encryption key. What was sealed stays as it is."""

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection

from infra.keys.database import secret_place
from infra.keys.encryption import KeyEncryption
from infra.keys.rotating import rotating
from infra.keys.wrapping import KEY_BYTES, Wrapping

BATCH = 2_000
"""Keys wrapped anew in one transaction."""
Progress = Callable[[int, int], None]
"""Called with the keys wrapped anew by this run, and how many there are."""

_OLD = "SELECT id, intermediate, wrapped FROM data_keys WHERE id > %s AND intermediate <> %s ORDER BY id LIMIT %s"
_ANEW = """
UPDATE data_keys k SET intermediate = %s, wrapped = n.wrapped
FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS n (id, old, wrapped)
WHERE k.id = n.id AND k.wrapped = n.old
"""


def rotate(url: str, encryption: KeyEncryption, progress: Progress) -> int:
    """Wraps every key anew under a new intermediate key, does away with the earlier ones, and returns how many it was.

    One that was cut short is gone on with: its intermediate key is taken, and what was wrapped under it is left. Keys
    are made, opened and destroyed meanwhile; a process that still wraps under an earlier one is caught up with.

    Raises `RotationRunning`.
    """
    with rotating(url) as session:
        wrappings = _begun(session, encryption)
        number = max(wrappings)
        done = 0
        while True:
            done += _wrap_data_keys(session, wrappings, number, done, progress)
            _wrap_secrets(session, wrappings, number)
            try:
                session.execute("DELETE FROM intermediate_keys WHERE number <> %s", [number])
            except psycopg.errors.ForeignKeyViolation:
                continue
            return done


def rotate_encryption(url: str, previous: KeyEncryption, new: KeyEncryption) -> int:
    """Wraps the intermediate keys under a new key-encryption key, all or none; those that are already are left.

    Raises `KeyEncryptionError` where `previous` does not unwrap one of them, and `RotationRunning`.
    """
    with rotating(url) as session, session.transaction():
        session.execute("LOCK TABLE intermediate_keys IN SHARE ROW EXCLUSIVE MODE")
        query = "SELECT number, wrapped FROM intermediate_keys WHERE wrapped_by <> %s"
        rows = session.execute(query, [new.name]).fetchall()
        for number, wrapped in rows:
            session.execute(
                "UPDATE intermediate_keys SET wrapped = %s, wrapped_by = %s WHERE number = %s",
                [new.wrap(previous.unwrap(bytes(wrapped))), new.name, number],
            )
    return len(rows)


def _begun(session: Connection[Any], encryption: KeyEncryption) -> dict[int, Wrapping]:
    """All intermediate keys by number, the highest a new one; or that of a rotation that was cut short."""
    with session.transaction():
        session.execute("LOCK TABLE intermediate_keys IN SHARE ROW EXCLUSIVE MODE")
        rows = session.execute("SELECT number, wrapped FROM intermediate_keys").fetchall()
        known = {number: Wrapping(encryption.unwrap(bytes(wrapped))) for number, wrapped in rows}
        if len(known) == 1:
            key, number = secrets.token_bytes(KEY_BYTES), max(known) + 1
            session.execute(
                "INSERT INTO intermediate_keys (number, wrapped, wrapped_by) VALUES (%s, %s, %s)",
                [number, encryption.wrap(key), encryption.name],
            )
            known[number] = Wrapping(key)
    return known


def _wrap_data_keys(
    session: Connection[Any], wrappings: dict[int, Wrapping], number: int, before: int, progress: Progress
) -> int:
    row = session.execute("SELECT count(*) FROM data_keys").fetchone()
    total = row[0] if row else 0
    done, last = 0, UUID(int=0)
    while rows := session.execute(_OLD, [last, number, BATCH]).fetchall():
        last = rows[-1][0]
        anew = [_rewrapped(bytes(w), id_.bytes, wrappings[i], wrappings[number]) for id_, i, w in rows]
        session.execute(_ANEW, [number, [row[0] for row in rows], [bytes(row[2]) for row in rows], anew])
        done += len(rows)
        progress(before + done, total)
    return done


def _wrap_secrets(session: Connection[Any], wrappings: dict[int, Wrapping], number: int) -> None:
    query = "SELECT name, version, intermediate, wrapped FROM secrets WHERE intermediate <> %s"
    for name, version, old, wrapped in session.execute(query, [number]).fetchall():
        anew = _rewrapped(bytes(wrapped), secret_place(name, version), wrappings[old], wrappings[number])
        session.execute(
            "UPDATE secrets SET intermediate = %s, wrapped = %s WHERE name = %s AND version = %s",
            [number, anew, name, version],
        )


def _rewrapped(wrapped: bytes, place: bytes, old: Wrapping, new: Wrapping) -> bytes:
    return new.wrap(old.unwrap(wrapped, place), place)
