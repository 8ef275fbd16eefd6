"""Loads the sample: through the verbs that every caller uses, as if each command had been given on its day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.deadlines import Days
from domain.ports import Calendar, Registry, Sealer
from infra.event_log.bulk import Bulk
from infra.sample import directories
from infra.sample.caseloads import families
from infra.sample.family import Family
from infra.sample.hands import Hands, World
from infra.sample.referral_hands import pass_deadlines


@dataclass(frozen=True, slots=True)
class Summary:
    """What this load added; `present` families were there already. `position` is the log's last of this load."""

    households: int
    present: int
    events: int
    position: int


def load(
    application: Bulk,
    sealer: Sealer,
    registry: Registry,
    calendar: Calendar,
    days: Days,
    *,
    seed: int,
    today: date,
    progress: Callable[[int, int], None],
) -> Summary:
    """Loads what is not there yet, and tells `progress` how many parts of how many are done.

    The parts are the directories, and each family with its referrals: a part lands in one append, or not at all. A load
    that was cut short is continued by another with the same seed and day; with others it might give a number twice,
    which is refused. The same seed and day give the same log, but for the moments of recording.
    """
    world = World(application, sealer, registry, calendar, days, today)
    parts = families(seed, today, registry)
    total = len(parts) + 2
    present = 0
    before = application.appended
    if not _there(application, directories.first_record()):
        with application.together():
            directories.set_up(world)
    progress(1, total)
    for done, family in enumerate(parts, start=2):
        if _there(application, family.id):
            present += 1
        else:
            with application.together():
                live(world, family)
        progress(done, total)
    with application.together():
        directories.withdraw(world)
    position = application.flush()
    progress(total, total)
    return Summary(len(parts) - present, present, application.appended - before, position)


def _there(application: Bulk, stream: UUID) -> bool:
    return application.log_reader.position_of(stream) > 0


def live(world: World, family: Family) -> None:
    """The life of one family, day by day, and what the clock wrote between."""
    hands = Hands(world, family)
    for day, deed in family.in_order(world.calendar):
        pass_deadlines(hands, day)
        deed(hands, day)
    pass_deadlines(hands, world.today)
