"""Load, decide, append: 32 callers at once record visits to households.

The same on both sides: the server, the callers (threads of one process), the households with the same histories (the
sample's, about 37 events each), chosen by the same chance; the aggregate class and its decision; the checks of role,
scope and version before it; that a version taken by another is decided anew; the stored bytes, by the same mapper; and
that a commit waits for the disk.

What differs is what is measured. Ours is the verb `visit` of the application as `infra.bootstrap` composes it, which
also writes look-up rows, receipts and `logged_at` at dense positions. Theirs is what the library's users write:
`repository.get`, decide, `save`, on its default recorder, which replays the whole stream for each decision and appends
under a table lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import IntegrityError

from domain.access import sees_household
from domain.application import Rujukan
from domain.codes import VisitPurpose, VisitResult
from domain.deciding import check_role, check_version
from domain.errors import NotFound
from domain.household import Household
from domain.household_table import TABLE
from domain.values import Actor, Command, Role, Sealed
from infra.bootstrap import composed
from tests.bench.bench import Bench
from tests.bench.callers import Call, rate
from tests.bench.library import Library, library_environment
from tests.bench.logs import DAY, copy_to_library, load_sample
from tests.bench.measure import Kind, Measurement, alternating

ROW = "deciding"
CALLERS = 32
SECONDS = 6.0
OFFICER = Actor("officer-kemensos", Role.PROGRAMME_OFFICER)


def measure(bench: Bench) -> list[Measurement]:
    with bench.database("bench_deciding") as url, both(bench, url) as (ours, theirs):
        seconds = bench.seconds(SECONDS)

        def of(call: Call) -> float:
            return rate(call, callers=CALLERS, seconds=seconds, seed=f"{bench.seed}")

        bench.tell("both sides once, unmeasured")
        rate(ours, callers=CALLERS, seconds=1.0, seed="warm")
        rate(theirs, callers=CALLERS, seconds=1.0, seed="warm")
        found = alternating(bench.rounds, lambda _: of(ours), lambda _: of(theirs))
    return [
        Measurement(
            ROW,
            f"Load, decide, append; {CALLERS} concurrent callers",
            "events/s",
            *found,
            against="the library's `repository.get` and `save`, same callers",
            kind=Kind.RATIO_AT_LEAST,
            bar=4.0,
        )
    ]


@contextmanager
def both(bench: Bench, url: str) -> Iterator[tuple[Call, Call]]:
    """A visit on our side and on theirs, on the same log."""
    load_sample(url, bench.seed)
    with composed(bench.settings, url) as whole:
        library = Library(library_environment(url))
        try:
            copy_to_library(url, "library_events")
            households = standing_households(url)
            yield (
                lambda chance: visit(whole.services.application, chance.choice(households), chance),
                lambda chance: library_visit(library, chance.choice(households), chance),
            )
        finally:
            library.close()


def visit(application: Rujukan, household: UUID, chance: Random) -> int:
    command, note = asked(household, chance)
    application.visit(household, command, purpose=VisitPurpose.USE_OF_AID, result=VisitResult.DONE, note=note)
    return 1


def library_visit(library: Library, household: UUID, chance: Random) -> int:
    """As a user of the library would write it, with the checks that our verb makes."""
    command, note = asked(household, chance)
    check_role(command.actor, "visit", TABLE["visit"].by)
    while True:
        found: Household = library.repository.get(household)
        if not sees_household(command.actor, found, command.today):
            raise NotFound("household")
        check_version(found, command)
        found.visit(command, purpose=VisitPurpose.USE_OF_AID, result=VisitResult.DONE, note=note)
        try:
            library.save(found)
        except IntegrityError:
            continue
        return 1


def asked(household: UUID, chance: Random) -> tuple[Command, Sealed]:
    """Each visit has a note of its own, as long as a sealed sentence, so that none is the repetition of another."""
    return Command(uuid4(), OFFICER, DAY, DAY), Sealed(household, chance.randbytes(93))


def standing_households(url: str) -> list[UUID]:
    """Those that have not left."""
    with psycopg.connect(url) as connection:
        return [
            row[0]
            for row in connection.execute(
                "SELECT originator_id FROM rujukan_events WHERE topic = 'household.registered.v1' EXCEPT"
                " SELECT originator_id FROM rujukan_events WHERE topic = 'household.left.v1' ORDER BY 1"
            )
        ]
