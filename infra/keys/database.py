"""Data keys in PostgreSQL, wrapped under intermediate keys, which the key-encryption key alone unwraps."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg

from infra.event_log.combining import Combiner, up_to
from infra.keys.encryption import KeyEncryption
from infra.keys.intermediates import Intermediates
from infra.keys.session import KeySession, keys_session
from infra.keys.store import Secrets
from infra.keys.wrapping import KEY_BYTES

MOST = 2_000
"""Keys in one statement, unless one caller alone asks for more."""
INDEX, FINGERPRINT = "index", "fingerprint"

_MAKE = """
WITH asked AS MATERIALIZED (SELECT * FROM unnest(%s::uuid[], %s::bytea[]) AS a (id, wrapped))
INSERT INTO data_keys (id, intermediate, wrapped)
SELECT a.id, %s, a.wrapped FROM asked a
WHERE NOT EXISTS (SELECT FROM destroyed_keys d WHERE d.id = a.id)
  AND NOT EXISTS (SELECT FROM data_keys k WHERE k.id = a.id)
ON CONFLICT DO NOTHING RETURNING id
"""
_TOMBSTONES = "INSERT INTO destroyed_keys (id) SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING"
_FETCH = """
SELECT id, intermediate, wrapped FROM data_keys k
WHERE id = ANY(%s::uuid[]) AND NOT EXISTS (SELECT FROM destroyed_keys d WHERE d.id = k.id)
"""
_RETURNED = "SELECT id FROM data_keys JOIN destroyed_keys USING (id)"
_SECRETS = "SELECT name, version, intermediate, wrapped FROM secrets"


class KeyDatabase:
    """Implements `infra.keys.store.KeyStore` on two sessions of its own; what many ask for at once is one statement."""

    def __init__(self, url: str, encryption: KeyEncryption) -> None:
        self._url = url
        self._making, self._fetching = KeySession(url), KeySession(url)
        self._intermediates = Intermediates(self._fetching, encryption)
        self._makes: Combiner[Collection[UUID], Mapping[UUID, bytes]] = Combiner(self._make_all, up_to(MOST))
        self._fetches: Combiner[Collection[UUID], Mapping[UUID, bytes]] = Combiner(self._fetch_all, up_to(MOST))

    @property
    def executed(self) -> int:
        """How many statements were carried out."""
        return self._making.executed + self._fetching.executed

    def make(self, ids: Collection[UUID]) -> Mapping[UUID, bytes]:
        return self._makes.submit(ids)

    def fetch(self, ids: Collection[UUID]) -> Mapping[UUID, bytes]:
        return self._fetches.submit(ids)

    def insert(self, new: Mapping[UUID, bytes]) -> set[UUID]:
        """Stores these keys, and returns those that are stored so: not one that was destroyed or has a key already."""
        try:
            return self._insert(new)
        except psycopg.errors.ForeignKeyViolation:  # a rotation has done away with the intermediate key known here
            self._intermediates.forget()
            return self._insert(new)

    def _insert(self, new: Mapping[UUID, bytes]) -> set[UUID]:
        number, wrapping = self._intermediates.current()
        wrapped = [wrapping.wrap(key, id_.bytes) for id_, key in new.items()]
        return {row[0] for row in self._making.rows(_MAKE, [list(new), wrapped, number])}

    def destroy(self, ids: Collection[UUID]) -> None:
        """Those who are making keys meanwhile are waited for, and those who come after see that these are gone."""
        with keys_session(self._url) as session, session.transaction():
            session.execute("LOCK TABLE data_keys IN SHARE ROW EXCLUSIVE MODE")
            session.execute(_TOMBSTONES, [list(ids)])
            session.execute("DELETE FROM data_keys WHERE id = ANY(%s::uuid[])", [list(ids)])

    def destroyed(self) -> set[UUID]:
        return {row[0] for row in self._fetching.rows("SELECT id FROM destroyed_keys")}

    def returned(self) -> set[UUID]:
        return {row[0] for row in self._fetching.rows(_RETURNED)}

    def secrets(self) -> Secrets:
        found = {
            (name, version): self._intermediates[number].unwrap(bytes(wrapped), secret_place(name, version))
            for name, version, number, wrapped in self._fetching.rows(_SECRETS)
        }
        index = {version: key for (name, version), key in found.items() if name == INDEX}
        return Secrets(index, found[(FINGERPRINT, 1)])

    def close(self) -> None:
        self._making.close()
        self._fetching.close()

    def _make_all(self, batch: Sequence[Collection[UUID]]) -> list[Mapping[UUID, bytes]]:
        wanted = {id_: secrets.token_bytes(KEY_BYTES) for ids in batch for id_ in ids}
        stored = self.insert(wanted)
        found = {id_: key for id_, key in wanted.items() if id_ in stored}
        if len(found) < len(wanted):
            found |= self.fetch([id_ for id_ in wanted if id_ not in stored])
        return [_those_of(ids, found) for ids in batch]

    def _fetch_all(self, batch: Sequence[Collection[UUID]]) -> list[Mapping[UUID, bytes]]:
        wanted = {id_ for ids in batch for id_ in ids}
        rows: list[tuple[Any, ...]] = self._fetching.rows(_FETCH, [list(wanted)])
        found = {id_: self._intermediates[number].unwrap(wrapped, id_.bytes) for id_, number, wrapped in rows}
        return [_those_of(ids, found) for ids in batch]


def secret_place(name: str, version: int) -> bytes:
    return f"{name}/{version}".encode()


def _those_of(ids: Collection[UUID], found: Mapping[UUID, bytes]) -> Mapping[UUID, bytes]:
    return {id_: found[id_] for id_ in ids if id_ in found}
