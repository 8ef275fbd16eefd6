"""Households with long histories: to load one, and to decide on it.

Each of 20 households of the sample has 400 more payments, as after decades in several programmes. One caller. Ours is
`Rujukan.load`, and the verb `visit` as a whole; theirs is the library's `repository.get` on its default recorder, and
that with the same decision and `save`. The stored events and the mapper are the same.
"""

from collections.abc import Callable
from random import Random
from uuid import UUID, uuid4

from domain.codes import Channel
from domain.household import Household
from domain.values import Command
from infra.bootstrap import Composed, composed
from tests.bench.bench import Bench
from tests.bench.callers import rate
from tests.bench.deciding import OFFICER, library_visit, standing_households, visit
from tests.bench.library import Library, library_environment
from tests.bench.logs import DAY, copy_to_library, load_sample
from tests.bench.measure import Measurement, alternating

ROW = "long_histories"
HOUSEHOLDS, PAYMENTS = 20, 400
SECONDS = 4.0
PROGRAMME = "sembako"


def measure(bench: Bench) -> list[Measurement]:
    with bench.database("bench_long_histories") as url, composed(bench.settings, url) as whole:
        load_sample(url, bench.seed)
        bench.tell(f"{PAYMENTS} payments to {HOUSEHOLDS} households")
        chosen = _paid(whole, standing_households(url))
        library = Library(library_environment(url))
        try:
            copy_to_library(url, "library_events")
            application = whole.services.application

            def loads(load: Callable[[UUID], object]) -> Callable[[Random], int]:
                return lambda chance: (load(chance.choice(chosen)), 1)[1]

            def each(call: Callable[[Random], int]) -> float:
                return rate(call, callers=1, seconds=bench.seconds(SECONDS), seed=f"{bench.seed}")

            bench.tell("loading")
            ours, theirs = loads(lambda h: application.load(Household, h)), loads(library.repository.get)
            loaded = alternating(bench.rounds, lambda _: each(ours), lambda _: each(theirs))
            bench.tell("deciding")
            decided = alternating(
                bench.rounds,
                lambda _: each(lambda chance: visit(application, chance.choice(chosen), chance)),
                lambda _: each(lambda chance: library_visit(library, chance.choice(chosen), chance)),
            )
        finally:
            library.close()
    about = f"households with {PAYMENTS} payments; one caller"
    return [
        Measurement(ROW, f"Load {about}", "households/s", *loaded, "the library's `repository.get`"),
        Measurement(ROW, f"Load, decide, append; {about}", "events/s", *decided, "… and `save`"),
    ]


def _paid(whole: Composed, households: list[UUID]) -> list[UUID]:
    """The first that are in the food programme, with so many payments of this quarter."""
    chosen: list[UUID] = []
    application, _ = whole.bulk()
    with application:
        for household in households:
            if not application.load(Household, household).is_enrolled(PROGRAMME):
                continue
            for number in range(PAYMENTS):
                application.assist(
                    household,
                    Command(uuid4(), OFFICER, DAY, DAY),
                    programme=PROGRAMME,
                    period="2026-Q2",
                    channel=Channel.KKS,
                    amount=200_000,
                    paid_on=DAY,
                    reference=f"LONG-{number}",
                )
            chosen.append(household)
            if len(chosen) == HOUSEHOLDS:
                break
    return chosen
