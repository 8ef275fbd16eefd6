"""Rotates the key under which numbers are looked up: every number is found under both keys until all are under the new.

The way there, each step of which is there once and may be taken again: a new key beside the old one; from then on the
door to the log wants both of every claim; all processes hear of the new key; every number that is in the index is
opened where it is sealed, and entered under the new key too; the old entries go, and the door wants the new key alone;
the old key goes.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import psycopg
from psycopg import Connection

from domain.aggregate import Recorded
from domain.household import Household
from domain.ports import Sealer, Unopenable
from domain.values import LookupKey, Sealed
from infra.keys.database import INDEX, secret_place
from infra.keys.encryption import KeyEncryption
from infra.keys.rotating import rotating
from infra.keys.sealer import INDEX_KEPT
from infra.keys.wrapping import KEY_BYTES, Wrapping

BATCH = 500
"""Households entered anew in one transaction."""
HEARD_OF = INDEX_KEPT + 1.0
"""Seconds in which every process has heard of a new key; one that asked just before it may have been slow to."""
DOOR = 0x52554A550003
"""The advisory lock under which the log is appended to."""
Entry = tuple[LookupKey, UUID, UUID | None]
Progress = Callable[[int, int], None]
"""Called with the households done by this run, and how many there were to do."""

_BEHIND = """
SELECT DISTINCT household FROM identity_index i
WHERE key_version < %(new)s AND household > %(after)s AND NOT EXISTS (
    SELECT FROM identity_index n WHERE n.household = i.household AND n.member IS NOT DISTINCT FROM i.member
      AND n.kind = i.kind AND n.key_version = %(new)s)
ORDER BY household LIMIT %(batch)s
"""
_ENTER = """
INSERT INTO identity_index (kind, digest, key_version, household, member)
SELECT e.kind, e.digest, e.version, e.household, e.member
FROM unnest(%s::text[], %s::bytea[], %s::int[], %s::uuid[], %s::uuid[]) AS e (kind, digest, version, household, member)
WHERE EXISTS (
    SELECT FROM identity_index o WHERE o.household = e.household AND o.member IS NOT DISTINCT FROM e.member
      AND o.kind = e.kind AND o.key_version < e.version)
ON CONFLICT DO NOTHING
"""


class Streams(Protocol):
    def records(self, streams: Sequence[UUID]) -> Mapping[UUID, Recorded]: ...


def rotate_index(
    log_url: str, keys_url: str, encryption: KeyEncryption, sealer: Sealer, log: Streams, progress: Progress
) -> tuple[int, int]:
    """How many numbers were entered anew by this run, and how many could not be opened and are found no more.

    `log_url` is the owner's. One that was cut short is gone on with. A command that meets a process which has not heard
    of the new key is told to try again, for a moment. Raises `RotationRunning`.
    """
    with rotating(keys_url) as keys, psycopg.connect(log_url, autocommit=True) as session:
        new = _new_key(keys, encryption)
        _door_wants(session, new)
        time.sleep(HEARD_OF)
        entered = _enter_all(session, sealer, log, new, progress)
        lost = _leave_old(session, new)
        keys.execute("DELETE FROM secrets WHERE name = %s AND version < %s", [INDEX, new])
    return entered, lost


def _new_key(keys: Connection[Any], encryption: KeyEncryption) -> int:
    """The version of a new key, or of one that a rotation which was cut short has made."""
    with keys.transaction():
        keys.execute("LOCK TABLE secrets IN SHARE ROW EXCLUSIVE MODE")
        versions = [row[0] for row in keys.execute("SELECT version FROM secrets WHERE name = %s", [INDEX])]
        if len(versions) > 1:
            return int(max(versions))
        new = int(max(versions)) + 1
        row = keys.execute("SELECT number, wrapped FROM intermediate_keys ORDER BY number DESC LIMIT 1").fetchone()
        assert row is not None
        wrapping = Wrapping(encryption.unwrap(bytes(row[1])))
        wrapped = wrapping.wrap(secrets.token_bytes(KEY_BYTES), secret_place(INDEX, new))
        keys.execute("INSERT INTO secrets VALUES (%s, %s, %s, %s)", [INDEX, new, row[0], wrapped])
        return new


def _door_wants(session: Connection[Any], new: int) -> None:
    """Both of every claim from now on."""
    with session.transaction():
        session.execute("SELECT pg_advisory_xact_lock(%s)", [DOOR])
        old = "SELECT coalesce(max(key_version), 0) FROM identity_index WHERE key_version < %s"
        session.execute(f"INSERT INTO index_keys SELECT v FROM ({old}) o (v) WHERE v > 0 ON CONFLICT DO NOTHING", [new])
        session.execute("INSERT INTO index_keys VALUES (%s) ON CONFLICT DO NOTHING", [new])


def _enter_all(session: Connection[Any], sealer: Sealer, log: Streams, new: int, progress: Progress) -> int:
    entered = done = 0
    row = session.execute("SELECT count(DISTINCT household) FROM identity_index WHERE key_version < %s", [new])
    total = (row.fetchone() or [0])[0]
    after = UUID(int=0)
    while found := _behind(session, new, after):
        entries = [entry for entry in _entries(sealer, log.records(found)) if entry[0].version == new]
        with session.transaction():
            session.execute("SELECT pg_advisory_xact_lock(%s)", [DOOR])
            entered += session.execute(_ENTER, _columns(entries)).rowcount
        after, done = found[-1], done + len(found)
        progress(done, total)
    return entered


def _behind(session: Connection[Any], new: int, after: UUID) -> list[UUID]:
    given = {"new": new, "after": after, "batch": BATCH}
    return [row[0] for row in session.execute(_BEHIND, given)]


def _entries(sealer: Sealer, records: Mapping[UUID, Recorded]) -> Iterator[Entry]:
    """Of each household its family card, of each of its members the number; not of whom was erased."""
    households = [record for record in records.values() if isinstance(record, Household)]
    sealer.fetch_keys(key for h in households for key in (h.id, *h.members))
    for household in households:
        sought: list[tuple[str, Sealed, UUID | None]] = [("kk", household.kk, None)]
        sought += [("nik", member.nik, id_) for id_, member in household.members.items()]
        for kind, box, member in sought:
            try:
                number = sealer.open(box, stream=household.id, field=kind)
            except Unopenable:
                continue
            for key in sealer.digest(kind, number).all:
                yield key, household.id, member


def _columns(entries: Sequence[Entry]) -> list[list[Any]]:
    return [
        [key.kind for key, _, _ in entries],
        [key.digest for key, _, _ in entries],
        [key.version for key, _, _ in entries],
        [household for _, household, _ in entries],
        [member for _, _, member in entries],
    ]


def _leave_old(session: Connection[Any], new: int) -> int:
    """The old entries go at once; how many of them had none under the new key."""
    with session.transaction():
        session.execute("SELECT pg_advisory_xact_lock(%s)", [DOOR])
        row = session.execute(
            "SELECT count(*) FROM identity_index i WHERE key_version < %(new)s AND NOT EXISTS (SELECT FROM"
            " identity_index n WHERE n.household = i.household AND n.member IS NOT DISTINCT FROM i.member"
            " AND n.kind = i.kind AND n.key_version = %(new)s)",
            {"new": new},
        ).fetchone()
        session.execute("DELETE FROM identity_index WHERE key_version < %s", [new])
        session.execute("DELETE FROM index_keys WHERE version < %s", [new])
    return int(row[0]) if row else 0
