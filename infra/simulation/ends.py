"""How families leave assistance in the simulation, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random

from domain.codes import (
    ConnectionDeclinedReason,
    DiscontinuationReason,
    GraduationKind,
    RejectionReason,
    ReturnReason,
    RevocationReason,
)
from infra.sample import graduating, incidents
from infra.sample.directories import PKH
from infra.sample.family import Family
from infra.sample.making import BOTH
from infra.sample.spans import office_day
from infra.simulation.caseloads import Caseload
from infra.simulation.parameters import LIFE
from infra.simulation.referrals import connect
from infra.simulation.span import moments, years_between

SETTLED_IN = 60
"""Days after its registration from which on a household may leave assistance."""
MOST = 0.95
"""Share of households that an end comes to at most. Below it ends come as often late as early, as caseloads fill up."""
REASONS = (DiscontinuationReason.INELIGIBLE, DiscontinuationReason.DATA_MISMATCH, DiscontinuationReason.DUPLICATE)
HAND_OVER = 60
"""Days before and after one within which no proposal goes back to its proposer."""
CONNECTION = 100
"""The number of a graduate's referral, beyond those of ordinary life."""


@dataclass(frozen=True, slots=True)
class End:
    """`tell` puts it on the family's agenda; `kind` is how a graduation was meant, None for other ends."""

    day: date
    tell: Callable[[Family, Caseload], None]
    kind: GraduationKind | None = None


def end_of(chance: Random, registered: date, today: date) -> End | None:
    """At most one for each household, by the yearly rates; None where it goes on. Proposals may still be open today."""
    rates = (LIFE.independent, LIFE.natural, LIFE.proposal_failed, LIFE.discontinued, LIFE.left)
    if chance.random() >= min(sum(rates) * years_between(registered, today), MOST):
        return None
    (which,) = chance.choices(range(len(rates)), rates)
    first, last = registered + timedelta(days=SETTLED_IN), today + timedelta(days=graduating.FROM_PROPOSAL)
    if last <= first:
        return None
    day = office_day(first + timedelta(days=chance.randint(0, (last - first).days)))
    if which < 2:
        kind = (GraduationKind.INDEPENDENT, GraduationKind.NATURAL)[which]
        return End(day, partial(_graduate, day=day, kind=kind), kind)
    return End(day, partial((_proposal_fails, _discontinued, _leaves)[which - 2], day=day))


def _graduate(family: Family, caseload: Caseload, *, day: date, kind: GraduationKind) -> None:
    chance = family.chance
    programmes = _left_programmes(family, kind)
    returned = chance.choice([*ReturnReason]) if chance.random() < LIFE.returned else None
    if _changes_hands(family, caseload, day):
        returned = None
    own_request = kind is GraduationKind.INDEPENDENT and chance.random() < LIFE.own_request
    graduating.graduate(family, day, programmes, kind, returned=returned, own_request=own_request)
    if chance.random() < LIFE.revoked:
        graduating.revoke(family, day + timedelta(days=45), chance.choice([*RevocationReason]))
        return
    _moved_over(family, caseload.regency, day)
    relapse = next(moments(chance, day + timedelta(days=90), family.today, LIFE.relapsed), None)
    if relapse is not None:
        graduating.come_back(family, relapse, programmes[0])


def _left_programmes(family: Family, kind: GraduationKind) -> tuple[str, ...]:
    """PKH alone by nature; of its own strength often all that can be left."""
    graduable = tuple(programme for programme in family.programmes if programme in BOTH)
    if kind is GraduationKind.NATURAL:
        return (PKH,)
    return graduable if family.chance.random() < 0.6 else graduable[:1]


def _moved_over(family: Family, regency: str, day: date) -> None:
    chance = family.chance
    share, after = chance.random(), day + timedelta(days=chance.randint(3, 20))
    if share < LIFE.connected:
        connect(family, after, CONNECTION, regency)
    elif share < LIFE.connected + LIFE.connection_declined:
        graduating.decline_connection(family, after, chance.choice([*ConnectionDeclinedReason]))


def _changes_hands(family: Family, caseload: Caseload, day: date) -> bool:
    """Whether it goes over to another facilitator about then: a proposal is taken back or made anew by its proposer."""
    return family.pendamping is caseload.predecessor and abs((caseload.handed_over - day).days) < HAND_OVER


def _proposal_fails(family: Family, caseload: Caseload, *, day: date) -> None:
    graduable = tuple(programme for programme in family.programmes if programme in BOTH)
    graduating.propose(family, office_day(day - timedelta(days=15)), graduable[:1])
    if family.chance.random() < 0.6 or _changes_hands(family, caseload, day):
        graduating.reject(family, day, family.chance.choice([*RejectionReason]))
    else:
        graduating.withdraw(family, day)


def _discontinued(family: Family, _: Caseload, *, day: date) -> None:
    incidents.discontinued(family, day, family.chance.choice(REASONS), family.programmes[0])


def _leaves(family: Family, _: Caseload, *, day: date) -> None:
    incidents.leaves(family, day)
