"""The values that commands and events are made of."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    FACILITATOR = "facilitator"
    REGIONAL_OFFICER = "regional_officer"
    PROGRAMME_OFFICER = "programme_officer"
    ANALYST = "analyst"
    AGENCY_OFFICER = "agency_officer"
    AGENCY_SYSTEM = "agency_system"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    CLOCK = "clock"
    """Rujukan itself, when a deadline passes; no caller can hold this role."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an opaque id, a role, and a scope whose meaning depends on the role.

    `scope` is a facilitator id, a region prefix, an agency id, or empty for a nation-wide role.
    """

    sub: str
    role: Role
    scope: str = ""

    @property
    def facilitator(self) -> UUID | None:
        """The facilitator this actor is: `scope` where it holds a UUID, else `sub`."""
        for text in (self.scope, self.sub):
            try:
                return UUID(text)
            except ValueError:
                continue
        return None

    @property
    def agency(self) -> UUID | None:
        try:
            return UUID(self.scope)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Sealed:
    """Personal data as ciphertext: the id of the data key, and nonce, ciphertext and tag in one box.

    The associated data is `stream/field/key`, so a box opens only in the place it was sealed for.
    """

    key: UUID
    box: bytes


@dataclass(frozen=True, slots=True)
class LookupKey:
    """A keyed digest by which a family card (`kk`) or identity number (`nik`) is found without being stored.

    `others` are the same number's under other versions of the index key, while a rotation is under way: a number is
    looked up and claimed under all of them.
    """

    kind: str
    digest: bytes
    version: int
    others: tuple["LookupKey", ...] = ()

    @property
    def all(self) -> tuple["LookupKey", ...]:
        return (self, *self.others)


@dataclass(frozen=True, slots=True)
class Claim:
    """A look-up row to be written with the append: `key` belongs to `household` (and `member`) alone."""

    key: LookupKey
    household: UUID
    member: UUID | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an idempotent command leaves behind, so that its repetition is answered without being carried out.

    `fingerprint` is the keyed digest of the canonical body; nothing personal is kept. `position` and `version` are
    filled in when the command is stored.
    """

    caller: str
    route: str
    key: str
    fingerprint: bytes
    status: int
    location: str | None = None
    ids: dict[str, str] = field(default_factory=dict)
    position: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """Everything about a command but its content.

    `on` is the date it happened and `today` the date at the edge (both Asia/Jakarta); `expected_version` comes from
    `If-Match`; `receipt` from `Idempotency-Key`.
    """

    id: UUID
    actor: Actor
    on: date
    today: date
    expected_version: int | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date frozen into an event; its `calendar` is `official`, or `provisional` where holidays were not known."""

    date: date
    calendar: str


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member about to join: everything personal already sealed under the member's own key."""

    id: UUID
    nik: Sealed
    name: Sealed
    birth_date: Sealed
    head: bool
    claim: Claim
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to.

    `position` is the log position of its last event (or the stream's last where none was needed), `version` the
    stream's version, `satisfied` whether the state asked for had been brought about before, `ids` the records that
    it made or meant.
    """

    position: int
    version: int
    satisfied: bool
    ids: dict[str, str]
