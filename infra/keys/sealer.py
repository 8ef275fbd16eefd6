"""Seals and opens personal data under the data keys of persons and households."""

import hmac
import re
import time
from collections.abc import Iterable
from uuid import UUID

from domain.errors import Invalid
from domain.ports import Unopenable, Unsealable
from domain.values import LookupKey, Sealed
from infra.keys.boxes import BoxOpener, framed, sealed_box
from infra.keys.cache import UNKNOWN, KeyCache
from infra.keys.store import KeyStore

INDEX_KEPT = 2.0
"""Seconds for which the versions of the index key are remembered: a rotation makes and takes away some."""


class Keys:
    """Implements `domain.ports.Sealer` and `KeyDestroyer` over a store of keys, and remembers what it was asked for."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._cache = KeyCache()
        self._fingerprint = store.secrets().fingerprint
        self._index: list[tuple[int, bytes]] = []
        self._index_since = -INDEX_KEPT

    def make_keys(self, ids: Iterable[UUID]) -> None:
        asked = list(dict.fromkeys(ids))
        wanted = [key for key in asked if not isinstance(self._cache.get(key), bytes)]
        if not wanted:
            return
        made = self._store.make(wanted)
        self._cache.put({key: made.get(key) for key in wanted})
        if len(made) < len(wanted):
            raise Unsealable("A key that was destroyed is not made again.")

    def fetch_keys(self, ids: Iterable[UUID]) -> set[UUID]:
        held = {key: self._cache.get(key) for key in ids}
        wanted = [key for key, data_key in held.items() if data_key is UNKNOWN]
        if wanted:
            stored = self._store.fetch(wanted)
            found = {key: stored.get(key) for key in wanted}
            self._cache.put(found)
            held |= found
        return {key for key, data_key in held.items() if data_key is None}

    def seal(self, text: str, *, key: UUID, stream: UUID, field: str) -> Sealed:
        """Raises `Invalid` (`text-not-unicode`) for a text that UTF-8 cannot hold, such as half a surrogate pair."""
        try:
            plain = text.encode()
        except UnicodeEncodeError:
            raise Invalid("text-not-unicode", "The text holds a character that is not Unicode.", field) from None
        data_key = self._data_key(key)
        if data_key is None:
            raise Unsealable("There is no key to seal under: it was destroyed, or never made.")
        return Sealed(key, sealed_box(data_key, plain, key=key, stream=stream, field=field))

    def opener(self, key: UUID) -> BoxOpener:
        data_key = self._data_key(key)
        if data_key is None:
            raise Unopenable("The key was destroyed.")
        return BoxOpener(data_key, key)

    def open(self, sealed: Sealed, *, stream: UUID, field: str) -> str:
        return self.opener(sealed.key)(sealed.box, stream=stream, field=field)

    def digest(self, kind: str, value: str) -> LookupKey:
        """HMAC-SHA256 under the index key; of a `kk` or `nik` the digits alone count, of other kinds the whole text."""
        if kind in ("kk", "nik"):
            value = re.sub("[^0-9]", "", value)
        text = framed(kind.encode()) + framed(value.encode())
        keys = [LookupKey(kind, hmac.digest(key, text, "sha256"), version) for version, key in self._index_keys()]
        current, *others = keys
        return LookupKey(kind, current.digest, current.version, tuple(others))

    def fingerprint(self, content: bytes) -> bytes:
        return hmac.digest(self._fingerprint, content, "sha256")

    def destroy_keys(self, ids: Iterable[UUID]) -> None:
        gone = list(dict.fromkeys(ids))
        if gone:
            self._store.destroy(gone)
            self._cache.put(dict.fromkeys(gone))

    def destroyed_keys(self) -> set[UUID]:
        return self._store.destroyed()

    def returned_keys(self) -> set[UUID]:
        return self._store.returned()

    def forget_keys(self) -> None:
        """Lets go of all keys in memory: the next time each is asked for anew."""
        self._cache.forget()

    def _index_keys(self) -> list[tuple[int, bytes]]:
        """The current one first."""
        if time.monotonic() - self._index_since >= INDEX_KEPT:
            self._index = sorted(self._store.secrets().index.items(), reverse=True)
            self._index_since = time.monotonic()
        return self._index

    def _data_key(self, key: UUID) -> bytes | None:
        found = self._cache.get(key)
        if found is UNKNOWN:
            self.fetch_keys([key])
            found = self._cache.get(key)
        return found if isinstance(found, bytes) else None
