"""What happens to every household of the simulation, by the yearly rates of the table."""

from collections.abc import Callable
from datetime import date, timedelta

from domain.codes import Channel, MemberLeftReason, ReversalReason
from infra.sample import incidents, routine
from infra.sample.directories import PBI_JK, SEMBAKO
from infra.sample.family import Family
from infra.sample.hands import Hands
from infra.sample.people import Shape
from infra.sample.spans import Quarter
from infra.simulation.caseloads import Caseload
from infra.simulation.parameters import LIFE, PURPOSES, RESULTS
from infra.simulation.referrals import refer
from infra.simulation.span import Span, moments

SETTLED_IN = 20
"""Days after its registration from which on things happen to a household."""
LEAVING = (
    MemberLeftReason.DECEASED,
    MemberLeftReason.MARRIED,
    MemberLeftReason.MOVED_OUT,
    MemberLeftReason.OTHER_FAMILY_CARD,
)
REVERSED = 60
"""Days after the beginning of a quarter on which its payments are reversed."""


def lead_life(family: Family, caseload: Caseload, span: Span, village_name: Callable[[str], str]) -> None:
    """Puts all of it on the agenda, but for the end of its assistance."""
    routine.begin(family)
    if family.pendamping is caseload.predecessor:
        family.on(caseload.handed_over, lambda hands, on: hands.assign(on, caseload.facilitator.id))
    _paid_and_ranked(family, span)
    _met(family)
    _changing(family, village_name)
    for number, day in enumerate(_when(family, LIFE.referred), start=1):
        refer(family, day, number, caseload.regency)


def _when(family: Family, rate: float) -> list[date]:
    first = family.registered_on + timedelta(days=SETTLED_IN)
    return [*moments(family.chance, first, family.today, rate)]


def _paid_and_ranked(family: Family, span: Span) -> None:
    quarters = span.quarters()
    for place, quarter in enumerate(quarters):
        if quarter.start + timedelta(days=95) < family.registered_on:
            continue
        routine.rank(family, quarter, _decile(family, place / len(quarters)))
        routine.pay(family, quarter)
        if SEMBAKO in family.programmes and family.chance.random() < LIFE.payments_reversed:
            _reverse(family, quarter)
    if PBI_JK in family.programmes:
        for month in span.months():
            routine.premium(family, month)


def _decile(family: Family, passed: float) -> int | None:
    """The rank goes evenly from the first to today's; `passed` is the share of the time."""
    if family.decile is None or family.decile_now is None:
        return family.decile
    return round(family.decile + (family.decile_now - family.decile) * passed)


def _reverse(family: Family, quarter: Quarter) -> None:
    """Only what was paid; a wrong amount is paid anew."""
    reason = family.chance.choice((ReversalReason.NOT_COLLECTED, ReversalReason.WRONG_AMOUNT))
    period, day = str(quarter), quarter.start + timedelta(days=REVERSED)

    def reverse(hands: Hands, on: date) -> None:
        if (SEMBAKO, period, hands.reference(SEMBAKO, period)) in hands.household.payments:
            hands.reverse(on, SEMBAKO, period, reason)

    def again(hands: Hands, on: date) -> None:
        if (SEMBAKO, period, hands.reference(SEMBAKO, period)) in hands.household.payments:
            hands.pay(on, SEMBAKO, period, routine.SEMBAKO_AMOUNT, Channel.KKS, "-K1")

    family.on(day, reverse)
    if reason is ReversalReason.WRONG_AMOUNT:
        family.on(day + timedelta(days=5), again)


def _met(family: Family) -> None:
    chance = family.chance
    for day in _when(family, LIFE.visits):
        (purpose,) = chance.choices([purpose for purpose, _ in PURPOSES], [weight for _, weight in PURPOSES])
        (result,) = chance.choices([result for result, _ in RESULTS], [weight for _, weight in RESULTS])
        routine.visit(family, day, purpose, result)
    for day in _when(family, LIFE.assessments):
        routine.assess(family, day, prospering=family.prosperous and chance.random() < 0.5)


def _changing(family: Family, village_name: Callable[[str], str]) -> None:
    if family.shape is Shape.CHILDREN:
        for day in _when(family, LIFE.births):
            incidents.child_is_born(family, day)
    if len(family.members) > 2:
        for day in _when(family, LIFE.members_leaving)[:1]:
            incidents.member_leaves(family, day, family.chance.choice(LEAVING))
    for day in _when(family, LIFE.moves):
        village = family.chance.choice(family.pendamping.villages)
        incidents.moves(family, day, village, village_name(village))
