"""Keys for loading much at once: made in memory, and stored in batches before the events that they seal."""

import secrets
from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from infra.keys.sealer import Keys
from infra.keys.store import KeyStore, Secrets
from infra.keys.wrapping import KEY_BYTES


class KeysTaken(Exception):
    """Another process has made or destroyed keys that were gathered here: what was sealed under them is not stored."""


class Inserting(KeyStore, Protocol):
    """A store that takes keys as they were made."""

    def insert(self, new: Mapping[UUID, bytes]) -> set[UUID]: ...


class GatheredKeys(Keys):
    """A sealer for one thread that loads much; `store` is called before what it sealed is."""

    def __init__(self, store: Inserting) -> None:
        self._gathering = _Gathering(store)
        super().__init__(self._gathering)

    def store(self) -> None:
        """Stores what was made since the last time. Raises `KeysTaken`."""
        self._gathering.flush()


class _Gathering:
    """Implements `infra.keys.store.KeyStore`; what was made here is known before it is stored."""

    def __init__(self, store: Inserting) -> None:
        self._store = store
        self._new: dict[UUID, bytes] = {}

    def make(self, ids: Collection[UUID]) -> Mapping[UUID, bytes]:
        there = self.fetch(ids)
        made = {id_: secrets.token_bytes(KEY_BYTES) for id_ in ids if id_ not in there}
        self._new |= made
        return {**there, **made}

    def fetch(self, ids: Collection[UUID]) -> Mapping[UUID, bytes]:
        new = {id_: self._new[id_] for id_ in ids if id_ in self._new}
        others = [id_ for id_ in ids if id_ not in new]
        return {**new, **self._store.fetch(others)} if others else new

    def destroy(self, ids: Collection[UUID]) -> None:
        self._store.destroy(ids)

    def destroyed(self) -> set[UUID]:
        return self._store.destroyed()

    def returned(self) -> set[UUID]:
        return self._store.returned()

    def secrets(self) -> Secrets:
        return self._store.secrets()

    def flush(self) -> None:
        if self._new and len(self._store.insert(self._new)) < len(self._new):
            raise KeysTaken("Another process made or destroyed keys that this load has sealed under; begin it again.")
        self._new = {}
