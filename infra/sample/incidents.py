"""What happens to some families: births, deaths, moves, payments that went wrong, and other ends than graduation."""

from datetime import date, timedelta

from domain.codes import (
    AssignmentRole,
    Channel,
    Component,
    DiscontinuationReason,
    HouseholdLeftReason,
    MemberLeftReason,
    ReversalReason,
)
from infra.sample import names
from infra.sample.directories import PKH, SEMBAKO
from infra.sample.family import Family
from infra.sample.hands import Hands
from infra.sample.identities import LESTARI, SUGENG
from infra.sample.routine import SEMBAKO_AMOUNT
from infra.sample.spans import Quarter, months_before


def child_is_born(family: Family, day: date) -> None:
    """It joins three weeks after, and is assessed then."""
    person = family.people.born(day, woman=family.chance.random() < 0.5)

    def join(hands: Hands, on: date) -> None:
        hands.add_member(on, person)
        hands.assess_member(on, person)

    family.on(day + timedelta(days=21), join)


def member_leaves(family: Family, day: date, reason: MemberLeftReason) -> None:
    """The youngest adult or else the last of the members, never the head."""
    others = [person for person in family.members if not person.head]
    grown = [person for person in others if person.component(day) is Component.NONE]
    gone = (grown or others)[-1]
    family.on(day, lambda hands, on: hands.remove_member(on, gone, reason))


def recorded_twice(family: Family, day: date) -> None:
    """Somebody is added by mistake, and taken out again three days later."""
    person = family.people.person(day, 24, woman=False)
    family.on(day, lambda hands, on: hands.add_member(on, person))
    later = day + timedelta(days=3)
    family.on(later, lambda hands, on: hands.remove_member(on, person, MemberLeftReason.RECORDED_IN_ERROR))


def moves(family: Family, day: date, village: str, village_name: str) -> None:
    address = names.address(family.chance, village_name)
    family.on(day, lambda hands, on: hands.move(on, village, address))


def payment_reversed(family: Family, quarters_ago: int, reason: ReversalReason) -> None:
    """Of a Sembako payment. A wrong amount is paid anew; a duplicate is the second of two."""
    quarter = Quarter.of(family.today).back(quarters_ago)
    period, day = str(quarter), quarter.start + timedelta(days=60)
    suffix = ""
    if reason is ReversalReason.DUPLICATE:
        suffix = "-2"
        family.on(day - timedelta(days=7), lambda hands, on: _pay_again(hands, on, period, suffix))
    family.on(day, lambda hands, on: hands.reverse(on, SEMBAKO, period, reason, suffix))
    if reason is ReversalReason.WRONG_AMOUNT:
        family.on(day + timedelta(days=5), lambda hands, on: _pay_again(hands, on, period, "-K1"))


def _pay_again(hands: Hands, on: date, period: str, suffix: str) -> None:
    hands.pay(on, SEMBAKO, period, SEMBAKO_AMOUNT, Channel.KKS, suffix)


def discontinued(family: Family, day: date, reason: DiscontinuationReason, programme: str = PKH) -> None:
    family.on(day, lambda hands, on: hands.discontinue(on, programme, reason))


def mother_dies(family: Family, day: date) -> None:
    """The only member for whom PKH was paid; it ends two weeks after."""
    member_leaves(family, day - timedelta(days=14), MemberLeftReason.DECEASED)
    discontinued(family, day, DiscontinuationReason.DECEASED)


def leaves(family: Family, day: date) -> None:
    """Abroad for work, with everybody; its programmes are ended first."""
    for programme in family.programmes:
        discontinued(family, day, DiscontinuationReason.MOVED_ABROAD, programme)
    family.on(day, lambda hands, on: hands.leave(on, HouseholdLeftReason.MOVED_ABROAD))


def enrolled_late(family: Family, day: date, programme: str) -> None:
    family.on(day, lambda hands, on: hands.enrol(on, programme))


def handed_over(family: Family) -> None:
    """From Maryono, before retiring, to Endah Lestari."""
    family.on(months_before(family.today, 10), lambda hands, on: hands.assign(on, LESTARI.id))


def helped(family: Family, day: date) -> None:
    """The social worker of the next subdistrict helps with it."""
    family.on(day, lambda hands, on: hands.assign(on, SUGENG.id, AssignmentRole.HELPER))
