"""The intake: takes an agency's answers into the log, each once, whichever way they come in; none is lost.

An answer that was carried out leaves its receipt in the transaction of its append; one that was refused is kept with
its code and a digest, in a transaction of its own. By either it is known again.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog
from eventsourcing.persistence import InterfaceError, OperationalError
from psycopg import Connection, Error

from consumers.replies import Envelope, Malformed, answer_in, referral_in
from consumers.topics import principal
from domain.answering import Answer, Answering
from domain.errors import Contended, DomainError, KeyReused
from domain.ports import Time
from domain.values import Actor, Command, Receipt, Role

AWAY = (Error, OperationalError, InterfaceError, Contended, KeyReused)
"""What passes: the same answer is tried again."""
CARRIED_OUT = 201

_log = structlog.get_logger("intake")


class Came(StrEnum):
    """What came of an answer: `satisfied` where it was so already, `known` where it had come in before."""

    APPLIED = "applied"
    SATISFIED = "satisfied"
    KNOWN = "known"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Taken:
    """`code`, `field` and `detail` say why an answer was rejected; `position` is where in the log it stands."""

    came: Came
    code: str | None = None
    detail: str | None = None
    field: str | None = None
    position: int | None = None


class TryAgain(Exception):
    """The answer could neither be carried out nor refused: the log is away, or others are at the same referral."""


class Receipts(Protocol):
    """What answers left behind that were carried out."""

    def receipt(self, caller: str, route: str, key: str) -> Receipt | None: ...


Connect = Callable[[], AbstractContextManager[Connection[dict[str, Any]]]]


class Intake:
    """The agency is who owns the way that an answer came by; what an answer says of that is checked, never believed."""

    def __init__(self, answering: Answering, receipts: Receipts, connect: Connect, time: Time) -> None:
        self._answering = answering
        self._receipts = receipts
        self._connect = connect
        self._time = time

    def take(self, agency: UUID, envelope: Envelope, *, anew: bool = False) -> Taken:
        """Raises `TryAgain`, and then nothing of it is stored. With `anew` an answer that was refused before is tried
        again, as what stood in its way may be gone, and where it is refused again that is told again."""
        try:
            return self._known(agency, envelope, anew=anew) or self._take(agency, envelope, anew=anew)
        except AWAY as fault:
            raise TryAgain(type(fault).__name__) from fault

    def refuse(self, agency: UUID, envelope: Envelope, refusal: DomainError, *, anew: bool = False) -> Taken:
        """Keeps it as refused, without trying. Raises `TryAgain`."""
        try:
            return self._reject(agency, envelope, refusal, anew=anew)
        except AWAY as fault:
            raise TryAgain(type(fault).__name__) from fault

    def _take(self, agency: UUID, envelope: Envelope, *, anew: bool) -> Taken:
        try:
            _check_source(agency, envelope)
            answer = answer_in(envelope)
            outcome = self._answering.answer(answer, self._command(agency, envelope, answer))
        except Contended:
            raise
        except KeyReused:
            known = self._known(agency, envelope, anew=anew)
            if known is None:
                raise
            return known
        except DomainError as refusal:
            return self._reject(agency, envelope, refusal, anew=anew)
        return Taken(Came.SATISFIED if outcome.satisfied else Came.APPLIED, position=outcome.position)

    def _command(self, agency: UUID, envelope: Envelope, answer: Answer) -> Command:
        today = self._time.today()
        actor = Actor(principal(agency), Role.AGENCY_SYSTEM, str(agency))
        receipt = Receipt(*_slot(agency, envelope), envelope.digest, CARRIED_OUT)
        return Command(uuid4(), actor, answer.on or today, today, receipt=receipt)

    def _known(self, agency: UUID, envelope: Envelope, *, anew: bool = False) -> Taken | None:
        """What came of the same answer before; another one under its id is refused."""
        earlier = self._receipts.receipt(*_slot(agency, envelope))
        if known := _carried_out(envelope, earlier):
            return known
        if earlier is not None:
            reused = Malformed("id-reused", "Another answer was carried out under this source and id.", "id")
            return self._reject(agency, envelope, reused, anew=anew)
        if anew:
            return None
        with self._connect() as connection:
            row = connection.execute(_REJECTED_BEFORE, self._named(agency, envelope)).fetchone()
        return Taken(Came.KNOWN, row["code"], row["detail"], row["field"]) if row else None

    def _reject(self, agency: UUID, envelope: Envelope, refusal: DomainError, *, anew: bool) -> Taken:
        """Unless it was carried out meanwhile by another process that was at it too."""
        field = getattr(refusal, "field", None)
        place = envelope.place
        row = {
            **self._named(agency, envelope),
            "type": envelope.type,
            "referral": referral_in(envelope.body),
            "code": refusal.code,
            "field": field,
            "detail": refusal.detail,
            "topic": place and place.topic,
            "partition": place and place.partition,
            "offset": place and place.offset,
            "told": place is None,
            **dict(zip(("caller", "route", "key"), _slot(agency, envelope), strict=True)),
            "reused": refusal.code == "id-reused",
        }
        with self._connect() as connection:
            kept = connection.execute(_REJECT, row).rowcount
        if not kept and (known := _carried_out(envelope, self._receipts.receipt(*_slot(agency, envelope)))):
            return known
        if kept:
            _log.warning("reply-rejected", agency=str(agency), code=refusal.code)
        return Taken(Came.REJECTED if kept or anew else Came.KNOWN, refusal.code, refusal.detail, field)

    @staticmethod
    def _named(agency: UUID, envelope: Envelope) -> dict[str, Any]:
        return {"agency": agency, "source": envelope.source, "id": envelope.id, "digest": envelope.digest}


def _slot(agency: UUID, envelope: Envelope) -> tuple[str, str, str]:
    return f"agency {agency}", f"reply {envelope.source}", envelope.id


def _carried_out(envelope: Envelope, earlier: Receipt | None) -> Taken | None:
    if earlier is None or earlier.fingerprint != envelope.digest:
        return None
    return Taken(Came.KNOWN, position=earlier.position)


def _check_source(agency: UUID, envelope: Envelope) -> None:
    own = f"/agencies/{agency}"
    if envelope.source != own and not envelope.source.startswith(f"{own}/"):
        raise Malformed("foreign-source", f"The source of this agency's answers begins with {own}.", "source")


_REJECTED_BEFORE = """
SELECT code, detail, field FROM rejected_replies
WHERE agency = %(agency)s AND source = %(source)s AND id = %(id)s AND digest = %(digest)s
"""
_REJECT = """
INSERT INTO rejected_replies
    (agency, source, id, digest, type, referral, code, field, detail, topic, partition, "offset", told)
SELECT %(agency)s, %(source)s, %(id)s, %(digest)s, %(type)s, %(referral)s, %(code)s, %(field)s, %(detail)s, %(topic)s,
       %(partition)s, %(offset)s, %(told)s
WHERE %(reused)s OR NOT EXISTS (
    SELECT FROM idempotency WHERE caller = %(caller)s AND route = %(route)s AND key = %(key)s
)
ON CONFLICT (agency, source, id, digest) DO NOTHING
"""
