"""What the domain's edges need from outside, as narrow as the need."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from domain.values import Deadline, LookupKey, Sealed


class Sealer(Protocol):
    """Seals personal data under the key of a person or a household, and opens it in memory."""

    def make_keys(self, ids: Iterable[UUID]) -> None:
        """Makes the keys of these persons and households where there are none; they are stored when it returns, so that
        no event can be stored before the key that it was sealed under.

        Raises `Unsealable` where one was destroyed: it is never made again.
        """
        ...

    def fetch_keys(self, ids: Iterable[UUID]) -> set[UUID]:
        """Brings at once what many calls of `open` or `seal` are about to need. Returns those that are not there:
        destroyed, or never made."""
        ...

    def seal(self, text: str, *, key: UUID, stream: UUID, field: str) -> Sealed:
        """Equal text under the same key, stream and field gives equal boxes, so a repeated command is recognised.

        Raises `Unsealable` where there is no such key.
        """
        ...

    def open(self, sealed: Sealed, *, stream: UUID, field: str) -> str:
        """Raises `Unopenable` where the key is gone or the box was sealed for another place."""
        ...

    def opener(self, key: UUID) -> "Opener":
        """For several boxes of one key, opened at once: it is not kept, as it opens after the key is gone, too.

        Raises `Unopenable` where the key is gone.
        """
        ...

    def digest(self, kind: str, value: str) -> LookupKey:
        """The keyed digest of a KK or NIK under the current index key, and under any other that still lives."""
        ...

    def fingerprint(self, content: bytes) -> bytes:
        """A keyed digest of a canonical body, for idempotency."""
        ...


class Opener(Protocol):
    """Opens the boxes of one key."""

    def __call__(self, box: bytes, *, stream: UUID, field: str) -> str:
        """Raises `Unopenable` where the box was sealed for another place."""
        ...


class KeyDestroyer(Protocol):
    """Destroys the keys of persons and households."""

    def destroy_keys(self, ids: Iterable[UUID]) -> None:
        """For good, whether there was a key or not; it is done when this returns, and may be done again."""
        ...

    def destroyed_keys(self) -> set[UUID]:
        """All that ever were, as far as the keys' database knows."""
        ...

    def returned_keys(self) -> set[UUID]:
        """Those that were destroyed and are there again, as where a backup was put back; nothing opens by them."""
        ...


class Unsealable(Exception):
    """There is no key to seal under: it was destroyed, or was never made."""


class Unopenable(Exception):
    """A sealed value whose key was destroyed, or that does not belong where it was found."""


class Registry(Protocol):
    """What is known of regions, identity numbers and family cards outside Rujukan."""

    def region_name(self, code: str) -> str | None:
        """Name of the region with this Kemendagri code at any level, or None."""
        ...

    def nik_faults(self, nik: str, today: date) -> Sequence[str]:
        """Codes of structural faults; empty where the number can be a NIK."""
        ...

    def nik_warnings(self, nik: str, *, birth_date: date, region: str, today: date) -> Sequence[str]:
        """Codes of mismatches with other data, which do occur in real records: never an error."""
        ...

    def kk_faults(self, kk: str) -> Sequence[str]:
        """Codes of structural faults of a family card number."""
        ...


class Calendar(Protocol):
    """Working days with Indonesian holidays."""

    def after(self, start: date, working_days: int) -> Deadline:
        """The date so many working days after `start`; `provisional` where a year's holidays are not known."""
        ...


class Time(Protocol):
    """The only clock there is."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        ...

    def today(self) -> date:
        """The present date in Asia/Jakarta."""
        ...
