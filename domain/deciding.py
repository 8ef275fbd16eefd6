"""How every command is carried out: load, check the caller, decide, store, and decide again where others were first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import CanMutateAggregate
from eventsourcing.persistence import IntegrityError
from eventsourcing.utils import Environment, EnvType

from domain import household_table, referral_table
from domain.access import sees_household, sees_referral
from domain.aggregate import Recorded
from domain.errors import Contended, Forbidden, NotFound, Refused, StaleVersion
from domain.household import Household
from domain.referral import Referral
from domain.transitions import AGENCIES
from domain.values import Actor, Claim, Command, Outcome, Role

ATTEMPTS = 20
"""How often a command is decided when others change the same record meanwhile: more than bad luck is ever long."""
KEPT_REFUSALS = ("household", "referral")

Kind = TypeVar("Kind", bound=Recorded)
Release = tuple[UUID, UUID | None]
"""The look-up rows of a household, or of one member of it, that an append gives up."""


class Log(Protocol):
    """What the application asks of its recorder beyond the library's interface."""

    def position_of(self, stream: UUID) -> int: ...

    def records(self, streams: Sequence[UUID]) -> Mapping[UUID, Recorded]: ...

    def record_refusal(self, actor: Actor, stream: UUID, kind: str, refused: Refused) -> None: ...


class Deciding(Application[UUID]):
    """The base of the application's verbs."""

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Takes what it is given and nothing else: the process environment could switch the log's guarantees off."""
        return Environment(name, {**type(self).env, **(env or {})})

    @property
    def log_reader(self) -> Log:
        return cast(Log, self.recorder)

    # Reading

    def load(self, kind: type[Kind], record: UUID) -> Kind:
        """The aggregate of this kind; raises `NotFound`, also where the id belongs to another kind."""
        found = self.log_reader.records([record]).get(record)
        if not isinstance(found, kind):
            raise NotFound(kind.TOPIC)
        return found

    def visible_household(self, household: UUID, command: Command) -> Household:
        found = self.load(Household, household)
        if not sees_household(command.actor, found, command.today):
            raise NotFound("household")
        return found

    def visible_referral(self, referral: UUID, command: Command) -> Referral:
        found = self.load(Referral, referral)
        if command.actor.role in AGENCIES:
            seen = command.actor.agency == found.agency
        else:
            seen = sees_referral(command.actor, found, self.load(Household, found.household), command.today)
        if not seen:
            raise NotFound("referral")
        return found

    # Carrying out

    def on_household(
        self,
        household: UUID,
        action: str,
        command: Command,
        decide: Callable[[Household], object],
        *,
        ids: dict[str, str] | None = None,
        claims: Sequence[Claim] = (),
        releases: Sequence[Release] = (),
    ) -> Outcome:
        """Decides on a household that the caller may know of and act on."""
        check_role(command.actor, action, household_table.TABLE[action].by)

        def attempt() -> Outcome:
            found = self.visible_household(household, command)
            check_version(found, command)
            decide(found)
            return self.store(
                command, found, ids={"id": str(household), **(ids or {})}, claims=claims, releases=releases
            )

        return self.persist(attempt, command, "household", household)

    def on_referral(
        self,
        referral: UUID,
        action: str,
        command: Command,
        decide: Callable[[Referral], object],
        *,
        by: Sequence[Role] | None = None,
    ) -> Outcome:
        """Decides on a referral that the caller may know of and act on; `by` whom, where the table does not say."""
        check_role(command.actor, action, referral_table.TABLE[action].by if by is None else by)

        def attempt() -> Outcome:
            found = self.visible_referral(referral, command)
            check_version(found, command)
            decide(found)
            if found.adds_text:
                found.check_data(self.load(Household, found.household).erased, action, command.actor)
            return self.store(command, found, ids={"id": str(referral)})

        return self.persist(attempt, command, "referral", referral)

    def persist(self, attempt: Callable[[], Outcome], command: Command, kind: str, stream: UUID) -> Outcome:
        """Tries until no one else was first; a refusal by one of the two tables is kept before it is raised."""
        for _ in range(ATTEMPTS):
            try:
                return attempt()
            except IntegrityError:
                continue
            except Refused as refused:
                if kind in KEPT_REFUSALS:
                    self.log_reader.record_refusal(command.actor, stream, kind, refused)
                raise
        raise Contended

    def store(
        self,
        command: Command,
        primary: Recorded,
        *others: Recorded,
        ids: dict[str, str],
        claims: Sequence[Claim] = (),
        releases: Sequence[Release] = (),
    ) -> Outcome:
        """Stores what was decided, with its look-up rows and receipt, in one transaction."""
        satisfied = not primary.pending_events and not any(o.pending_events for o in others)
        position = self.log_reader.position_of(primary.id) if satisfied else 0
        receipt = command.receipt and replace(
            command.receipt,
            ids=ids,
            version=primary.version,
            position=position,
            status=200 if satisfied else command.receipt.status,
        )
        if not satisfied or receipt is not None:
            rows = {
                "claims": () if satisfied else claims,
                "releases": () if satisfied else releases,
                "receipt": receipt,
                "decided": (primary, *others),
            }
            position = (
                self.put([e for record in (primary, *others) for e in record.collect_events()], **rows) or position
            )
        return Outcome(position, primary.version, satisfied, ids)

    def put(self, events: Sequence[CanMutateAggregate[UUID]], **rows: object) -> int:
        """Appends events with the rows that go with them, and returns the last position, 0 where there are no events.

        Not by the library's `save`, which asks of each thing saved whether it is an event or an aggregate: in Python
        3.11 those questions take longer than the decision.
        """
        recordings = self.events.put(events, **rows)
        return recordings[-1].notification.id if recordings else 0


def check_role(actor: Actor, action: str, by: Sequence[Role]) -> None:
    """A role is told that it may not before anything is said of the record."""
    if actor.role not in by:
        raise Forbidden(actor.role, action)


def check_version(record: Recorded, command: Command) -> None:
    if command.expected_version is not None and command.expected_version != record.version:
        raise StaleVersion(command.expected_version, record.version)
