"""`rujukan erase`: asks for the erasure of a person or a household, or confirms what another asked for."""

from uuid import UUID, uuid4

from api.actors import LONGEST, is_subject
from domain.codes import ErasureReason
from domain.errors import DomainError
from domain.household import Household
from domain.values import Actor, Command, Role
from infra.bootstrap import Composed
from infra.terminal import console, fail
from projections import subject


def erase(
    whole: Composed, *, person: UUID | None, household: UUID | None, by: str, reason: ErasureReason, confirm: bool
) -> None:
    """Ends with what is wrong on one line; with `confirm` the keys are destroyed when it returns."""
    if not is_subject(by):
        fail(f"--by must be a text of 1 to {LONGEST} characters that can be printed, with no white space around it.")
    found = household if person is None else household or _household_of(whole, person)
    if found is None:
        fail("Say whose data: --person, or --household for all of one.")
    actor = Actor(by, Role.PROGRAMME_OFFICER)
    try:
        if confirm:
            _confirm(whole, found, person, actor)
        else:
            _request(whole, found, person, actor, reason)
    except DomainError as fault:
        fail(fault.detail)


def _request(whole: Composed, household: UUID, person: UUID | None, actor: Actor, reason: ErasureReason) -> None:
    application = whole.services.application
    outcome = application.request_erasure(household, _command(whole, actor), uuid4(), member=person, reason=reason)
    whom = f"--person {person}" if person else f"--household {household}"
    console.print(f"Erasure {outcome.ids['erasure_id']} is requested; nothing is erased yet.")
    console.print("Another programme officer confirms it, for good, by")
    console.print(f"  rujukan erase {whom} --by THEIR-SUB --confirm", soft_wrap=True)


def _confirm(whole: Composed, household: UUID, person: UUID | None, actor: Actor) -> None:
    application = whole.services.application
    erasures = application.load(Household, household).erasures
    asked = [erasure for erasure, e in erasures.items() if e.member == person and (e.open or e.keys)]
    if not asked:
        fail("There is no request for this erasure: `rujukan erase` without --confirm makes one.")
    application.confirm_erasure(household, _command(whole, actor), asked[-1])
    keys = application.load(Household, household).keys_of(asked[-1])
    whole.sealer.destroy_keys(keys)
    console.print(f"Erased: {len(keys)} keys are destroyed. Other processes forget them within a minute.")
    console.print("What notes on the household say of a person stays until the household's own key is destroyed.")


def _command(whole: Composed, actor: Actor) -> Command:
    today = whole.services.time.today()
    return Command(uuid4(), actor, today, today)


def _household_of(whole: Composed, person: UUID) -> UUID:
    """Looked for among all members, present and past: it may take a while in a large log."""
    with whole.services.pool.connection() as connection:
        found = subject.household_of(connection, person)
    if found is None:
        fail(f"No household has, or had, a member {person}; --household tells which, if projections are behind.")
    return found
