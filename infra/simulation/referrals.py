"""The referrals of the simulation: the ways that they commonly go, and how often."""

from dataclasses import replace
from datetime import date
from random import Random

from domain.codes import Information, ReferralOutcome, ReferralReason
from infra.sample import chains
from infra.sample.chains import (
    ACCEPT,
    ATTEND,
    CAPITAL,
    CARE,
    CONFIRM,
    COURSE,
    DISABILITY,
    HEALTH,
    HOME,
    MARKET,
    MENTORING,
    MISS,
    RECEIVE,
    SCHOOL,
    START,
    SUPPLY,
    WORK,
    Chain,
    Step,
    asked,
    cancelling,
    completed,
    declined,
    failed,
    scheduled,
    settled,
    to,
)
from infra.sample.family import Family
from infra.sample.people import Shape
from infra.simulation.directories import service_at


def _served(outcome: ReferralOutcome, days: int, amount: int | None = None) -> tuple[Step, ...]:
    """Steps by days after the sending, here and below."""
    return (
        (2, RECEIVE),
        (5, ACCEPT),
        (7, scheduled(6)),
        (14, ATTEND),
        (16, START),
        (16 + days, completed(outcome, amount)),
    )


CONNECTIONS = (
    ("pnm/capital", CAPITAL, ReferralOutcome.CAPITAL_DISBURSED, 40, 4_000_000),
    ("umkm/mentoring", MENTORING, ReferralOutcome.BUSINESS_GROWN, 75, None),
    ("dinas/market", MARKET, ReferralOutcome.MARKET_LINKED, 30, None),
    ("dinas/capital", CAPITAL, ReferralOutcome.CAPITAL_DISBURSED, 50, 5_000_000),
    ("kemnaker/training", COURSE, ReferralOutcome.TRAINING_FINISHED, 80, None),
    ("baznas/capital", CAPITAL, ReferralOutcome.BUSINESS_STARTED, 60, None),
)
"""What graduates are connected with."""
NEEDS = (
    ("dinkes/health", HEALTH, ReferralOutcome.RECOVERED, 20, None),
    ("kemnaker/training", COURSE, ReferralOutcome.CERTIFIED, 80, None),
    ("kopi/employment", WORK, ReferralOutcome.EMPLOYED, 60, None),
    ("baznas/education", SCHOOL, ReferralOutcome.SERVICE_DELIVERED, 25, None),
    ("baznas/housing", HOME, ReferralOutcome.HOUSED, 85, None),
    ("sentra/rehabilitation", DISABILITY, ReferralOutcome.PARTLY_DELIVERED, 70, None),
)
FOR_MEMBERS = {"dinkes/health", "baznas/education", "sentra/rehabilitation"}

ENDS: tuple[tuple[tuple[Step, ...] | None, int], ...] = (
    (None, 56),
    (((2, RECEIVE), (5, declined(ReferralReason.NO_CAPACITY)), (12, settled(ReferralReason.NO_LONGER_NEEDED))), 8),
    (((3, declined(ReferralReason.DOCUMENTS_INCOMPLETE)),), 5),
    (((1, RECEIVE), (3, asked(Information.IDENTITY_DOCUMENTS)), (8, SUPPLY), (11, ACCEPT), (14, START)), 7),
    (((4, ACCEPT), (8, START), (60, failed(ReferralReason.UNABLE_TO_CONTACT))), 5),
    (((3, ACCEPT), (5, scheduled(6)), (12, MISS), (25, failed(ReferralReason.HOUSEHOLD_REFUSED))), 4),
    (((2, RECEIVE), (6, cancelling(ReferralReason.HOUSEHOLD_REFUSED)), (8, CONFIRM)), 4),
    (((2, ACCEPT), (9, cancelling(ReferralReason.MOVED_AWAY))), 2),
    ((), 9),
)
"""How referrals go, in parts of a hundred: None is served to the end, and nothing at all is no answer."""


def refer(family: Family, day: date, number: int, regency: str) -> None:
    """Sends the family or a member of it on that day; `number` tells the family's referrals apart."""
    if family.shape is Shape.ELDERLY:
        _send(family, day, number, regency, ("sentra/care", CARE, ReferralOutcome.CARE_IN_PLACE, 40, None))
    else:
        _send(family, day, number, regency, family.chance.choice(NEEDS))


def connect(family: Family, day: date, number: int, regency: str) -> None:
    _send(family, day, number, regency, family.chance.choice(CONNECTIONS))


def _send(
    family: Family, day: date, number: int, regency: str, what: tuple[str, str, ReferralOutcome, int, int | None]
) -> None:
    service, need, outcome, days, amount = what
    steps = _course(family.chance, _served(outcome, days, amount), service_at("baznas/capital", regency), need)
    age = (family.today - day).days
    chain = Chain(age, service_at(service, regency), need, steps, for_member=service in FOR_MEMBERS)
    chains.tell(family, replace(chain, steps=tuple((age - after, move) for after, move in steps)), number)


def _course(chance: Random, served: tuple[Step, ...], elsewhere: str, need: str) -> tuple[Step, ...]:
    """By the table; half of those without capacity go on elsewhere instead."""
    (course,) = chance.choices([steps for steps, _ in ENDS], [weight for _, weight in ENDS])
    if course is None:
        return served
    if course and course[-1][1].action == "settle" and chance.random() < 0.5:
        return *course[:-1], (10, to(elsewhere, need)), *((after + 10, move) for after, move in served)
    return course
