"""How every command is carried out and answered: its date, the version it expects, its receipt, and its outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, Request
from fastapi.responses import JSONResponse, Response

from api.etags import Expected, etag
from api.faults import of_domain
from api.handed import Handed
from api.idempotency import IdempotencyKey, Slot, in_progress, route_of, slot
from api.identity import Caller
from api.problems import COMMANDING, Refusal, documented, merged
from api.rate_limits import note_look_up
from api.schemas.done import Dated, Done
from api.sealing import Sealing
from api.services import Services
from domain.answering import Answering
from domain.application import Rujukan
from domain.deciding import check_role
from domain.errors import AlreadyRegistered, KeyReused, NotFound
from domain.household import Household
from domain.household_table import TABLE
from domain.ports import Unsealable
from domain.referral import Referral
from domain.values import Actor, Command, Outcome, Receipt

Do = Callable[[Command], Outcome]
Seen = Callable[[Command], object]
"""Raises `NotFound` where the caller may not know of the record."""
Again = Callable[[UUID, Command], object]
"""Raises `NotFound` where the caller may no longer know of the record of this id, which an earlier command made."""
ERASED = "The personal data was erased; nothing personal can be added to it."
WRITTEN = 201
"""The status of a receipt whose command wrote an event, on routes that answer 200 too; 200 where none was needed."""


@dataclass(frozen=True)
class Asked:
    """A command as it came in, before its body is looked at."""

    services: Services
    actor: Actor
    route: str
    expected: int | None
    key: str | None
    today: date

    @property
    def application(self) -> Rujukan:
        return self.services.application

    @property
    def answering(self) -> Answering:
        return Answering(self.application, self.services.calendar, self.services.days)

    @property
    def sealing(self) -> Sealing:
        return Sealing(self.services.sealer, self.services.registry, self.today)

    def household(self, household: UUID, command: Command) -> Household:
        return self.application.visible_household(household, command)

    def sealing_for(self, action: str, household: UUID, command: Command) -> Sealing:
        """Only for a household that the caller may know of and act on: no key is made for any other."""
        self.household_for(action, household, command)
        return self.sealing

    def household_for(self, action: str, household: UUID, command: Command) -> Household:
        check_role(command.actor, action, TABLE[action].by)
        return self.household(household, command)

    def referral(self, referral: UUID, command: Command) -> Referral:
        return self.application.visible_referral(referral, command)

    def to_household(
        self, household: UUID, body: Dated, do: Do, *, status: int = 201, location: str | None = None
    ) -> Response:
        return self.answer(
            body,
            do,
            status=status,
            location=location or f"/v1/households/{household}",
            seen=lambda command: self.household(household, command),
        )

    def to_referral(self, referral: UUID, body: Dated, do: Do) -> Response:
        return self.answer(body, do, status=200, seen=lambda command: self.referral(referral, command))

    def to_new(self, location: str, body: Dated, do: Do, *, again: Again | None = None) -> Response:
        """Makes a record that no version could be expected of."""
        if self.expected is not None:
            raise Refusal(412, "stale-version", "If-Match cannot speak of a record that is yet to be made.")
        return self.answer(body, do, location=location, again=again)

    def answer(
        self,
        body: Dated,
        do: Do,
        *,
        status: int = 201,
        location: str | None = None,
        seen: Seen | None = None,
        again: Again | None = None,
    ) -> Response:
        """Carries the command out once and answers with `status`, or 200 where no event was needed.

        An earlier command under the same idempotency key is answered from its receipt, if the caller may still see
        (`seen`) the record, or (`again`) the one that it made.
        """
        place = slot(self.key, self.actor, self.route, body, self.services.sealer.fingerprint)
        if place is None:
            return self._done(body, do, status, location, seen)
        with place.claimed(self.services.log):
            earlier = place.earlier(self.services.log)
            if earlier is None:
                try:
                    return self._done(body, do, status, location, seen, place)
                except KeyReused:
                    earlier = place.earlier(self.services.log)
                    if earlier is None:
                        raise in_progress() from None
        if seen is not None:
            seen(self.command(body))
        if again is not None:
            again(UUID(earlier.ids["id"]), self.command(body))
        return replayed(earlier, status)

    def command(self, body: Dated, receipt: Receipt | None = None) -> Command:
        return Command(uuid4(), self.actor, body.on or self.today, self.today, self.expected, receipt)

    def _done(
        self, body: Dated, do: Do, status: int, location: str | None, seen: Seen | None, place: Slot | None = None
    ) -> Response:
        command = self.command(body, place.receipt(WRITTEN, location) if place else None)
        try:
            outcome = do(command)
        except AlreadyRegistered as error:
            note_look_up(self.services.limits, self.actor)
            return of_domain(error, household=self._if_seen(error.household, command))
        except Unsealable:
            if seen is not None:
                seen(command)
            raise Refusal(409, "personal-data-erased", ERASED) from None
        return rendered(outcome, 200 if outcome.satisfied else status, location)

    def _if_seen(self, household: UUID, command: Command) -> UUID | None:
        try:
            return self.household(household, command).id
        except NotFound:
            return None


def rendered(outcome: Outcome, status: int, location: str | None) -> Response:
    headers = {"Rujukan-Position": str(outcome.position), "ETag": etag(outcome.version)}
    if status == 201 and location is not None:
        headers["Location"] = location
    content = {
        **outcome.ids,
        "position": outcome.position,
        "version": outcome.version,
        "satisfied": outcome.satisfied,
    }
    return JSONResponse(content, status, headers)


def replayed(receipt: Receipt, status: int) -> Response:
    """The same answer again; `status` is the route's for a command that wrote something."""
    satisfied = receipt.status != WRITTEN
    outcome = Outcome(receipt.position, receipt.version, satisfied, receipt.ids)
    return rendered(outcome, 200 if satisfied else status, receipt.location)


async def asked(
    request: Request, services: Handed, actor: Caller, expected: Expected, idempotency_key: IdempotencyKey = None
) -> Asked:
    route = route_of(request.method, request.url.path)
    return Asked(services, actor, route, expected, idempotency_key, services.time.today())


Commanding = Annotated[Asked, Depends(asked)]

HEADERS = {
    "Rujukan-Position": {"description": "For `?after=` of later reads.", "schema": {"type": "string"}},
    "ETag": {"description": "The record's version.", "schema": {"type": "string"}},
}


def command(status: int = 201) -> dict[str, Any]:
    """What the documentation says of a command's route."""
    fresh: dict[int | str, dict[str, Any]] = {status: {"model": Done, "headers": HEADERS}}
    satisfied: dict[int | str, dict[str, Any]] = {
        200: {"model": Done, "headers": HEADERS, "description": "Done; or no event was needed, as it was so already."}
    }
    return {"status_code": status, "responses": merged(documented(*COMMANDING), satisfied, fresh)}
