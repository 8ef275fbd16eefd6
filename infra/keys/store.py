"""Where data keys are kept, as whoever seals and opens sees it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Secrets:
    """The keys that are nobody's: of the look-up index by version, and of fingerprints; 32 bytes each."""

    index: Mapping[int, bytes]
    """Every live version; the highest is the current one."""
    fingerprint: bytes


class KeyStore(Protocol):
    def make(self, ids: Collection[UUID]) -> Mapping[UUID, bytes]:
        """The data keys of these persons and households, made where there were none; they are stored when it returns.

        One whose key was destroyed is left out: it never gets another.
        """
        ...

    def fetch(self, ids: Collection[UUID]) -> Mapping[UUID, bytes]:
        """The data keys that there are, all of them by one question."""
        ...

    def destroy(self, ids: Collection[UUID]) -> None:
        """For good: nobody makes them again."""
        ...

    def destroyed(self) -> set[UUID]: ...

    def returned(self) -> set[UUID]:
        """Those that were destroyed and are there again; they are not fetched."""
        ...

    def secrets(self) -> Secrets: ...
