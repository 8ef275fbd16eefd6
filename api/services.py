"""What the API is handed: everything it needs from outside, composed once at start-up."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

from api.at_once import AtOnce
from api.officer_names import OfficerNames
from api.rate_limits import RateLimits
from api.security_log import SecurityLog
from api.streams import Streams
from api.tokens import TokenVerifier
from domain.application import Rujukan
from domain.deadlines import Days
from domain.ports import Calendar, KeyDestroyer, Registry, Sealer, Time
from domain.values import Actor, LookupKey, Receipt
from projections.graduation_memory import CountMemory

Connecting = Callable[[], AbstractContextManager[Connection[Any]]]


class Records(Protocol):
    """The log's recorder, as far as the API looks at it."""

    def head(self) -> int: ...

    def position_at(self, moment: datetime) -> int: ...

    def find_identity(self, key: LookupKey) -> tuple[UUID, UUID | None] | None: ...

    def receipt(self, caller: str, route: str, key: str) -> Receipt | None: ...

    def claiming(self, caller: str, route: str, key: str) -> AbstractContextManager[bool]: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """Who read which fields of a household, or of one member of it, and for what."""

    actor: Actor
    household: UUID
    member: UUID | None
    fields: tuple[str, ...]
    why: str


class Readings(Protocol):
    """Where it is recorded who has read personal data."""

    def record(self, readings: Sequence[Reading]) -> None:
        """Returns when they are recorded, and raises `psycopg.Error` where they cannot be."""
        ...


class Feed(Protocol):
    """What happened to the referrals of each agency, as its messages, whichever way it reads them."""

    def read(self, agency: UUID, after: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Messages behind a position, in the order of the log, each as `api.schemas.referrals.Message` says."""
        ...

    def newest(self, agencies: Collection[UUID]) -> Mapping[UUID, int]:
        """The position of the last message of each; those are left out for whom there is none."""
        ...


class Taken(Protocol):
    """What came of an answer: `applied`, `satisfied`, `known` or `rejected`, by which code, at which field; `position`
    is where in the log it stands."""

    @property
    def came(self) -> str: ...

    @property
    def code(self) -> str | None: ...

    @property
    def field(self) -> str | None: ...

    @property
    def detail(self) -> str | None: ...

    @property
    def position(self) -> int | None: ...


class Replies(Protocol):
    """Takes the answers of agencies in, each once, whichever way they come."""

    def take(self, agency: UUID, own_id: str | None, action: str, content: Mapping[str, object]) -> Taken | None:
        """`own_id` is what the agency calls this answer; without it, it is known by what it says. `content` goes with
        the action. None where it could be neither carried out nor refused now; nothing of it is stored then."""
        ...


class IntakeNumbers(Protocol):
    """What this process has taken in of agencies' answers since it began, and what it has before it; by agency."""

    @property
    def came(self) -> Mapping[tuple[UUID, str], int]:
        """How many came to each end: `applied`, `satisfied`, `known`, `rejected`."""
        ...

    @property
    def rejected(self) -> Mapping[tuple[UUID, str], int]:
        """How many were rejected by each code."""
        ...

    @property
    def waiting(self) -> Mapping[UUID, int]:
        """How many were tried, and wait to be tried again."""
        ...

    @property
    def behind(self) -> Mapping[UUID, int]:
        """How many stand in Kafka and were not taken yet, of the partitions that this process reads."""
        ...

    @property
    def since_polled(self) -> float | None:
        """Seconds since the broker was last asked for more; None where it never was."""
        ...


def _one_file() -> AtOnce:
    return AtOnce("files", 1, "A file that you sent is still being taken; please send the next one after that.")


@dataclass(frozen=True)
class Services:
    """`pool` is for reading, and gives rows as dictionaries."""

    application: Rujukan
    sealer: Sealer
    destroyer: KeyDestroyer
    registry: Registry
    calendar: Calendar
    time: Time
    pool: ConnectionPool[Connection[DictRow]]
    log: Records
    readings: Readings
    limits: RateLimits
    days: Days
    tokens: TokenVerifier
    feed: Feed
    replies: Replies
    intake: IntakeNumbers
    counted: CountMemory = field(default_factory=CountMemory)
    security: SecurityLog = field(default_factory=SecurityLog)
    streams: Streams = field(default_factory=Streams)
    files: AtOnce = field(default_factory=_one_file)
    officers: OfficerNames = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "officers", OfficerNames(self.sealer))
