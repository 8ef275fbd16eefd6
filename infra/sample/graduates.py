"""Which family leaves assistance when, for the sample's first facilitator, and which proposals are open now."""

from datetime import date, timedelta
from functools import partial

from domain.codes import (
    ConnectionDeclinedReason,
    RejectionReason,
    ReturnReason,
    RevocationReason,
)
from infra.sample import chains, graduating
from infra.sample.directories import PKH, SEMBAKO, WITHDRAWN, withdrawn_on
from infra.sample.family import Family
from infra.sample.graduating import NATURAL
from infra.sample.making import BOTH, Story
from infra.sample.people import Shape
from infra.sample.spans import beginning, months_before, office_day, spread
from infra.sample.tour import TO_PROPOSE, TO_REFER, TO_RETURN, TO_REVOKE

LAST_YEAR, THIS_YEAR = 11, 7
"""Independent graduations credited to the first facilitator; this year's grow from 1 to 7 by the end of March."""
RISEN = 6
"""The decile that graduates have come to."""
RETURNED = dict(zip((0, 2, 4, 6), ReturnReason, strict=True))
"""Which of last year's graduations were first returned, and why."""
DECLINED = dict(zip((1, 3, 7), [*ConnectionDeclinedReason][1:], strict=True))
"""Which of last year's graduates wanted no connection."""
UNCONNECTED = (5, 22)
"""Which of last year's graduates, and from 20 on this year's, nobody has connected yet."""


def relapses(today: date) -> tuple[tuple[date, date], tuple[date, date]]:
    """Graduated and enrolled again: once within twelve months, once after."""
    return (
        (months_before(today, 20), months_before(today, 12)),
        (months_before(today, 22), months_before(today, 8)),
    )


def last_year(today: date) -> list[date]:
    """Of the independent graduations of last year those that lasted."""
    year = today.year - 1
    relapsed = sum(graduated.year == year for graduated, _ in relapses(today))
    return [office_day(day) for day in spread(date(year, 1, 10), date(year, 12, 20), LAST_YEAR - relapsed)]


def this_year(today: date) -> list[date]:
    first = date(today.year, 1, 1)
    count = min(THIS_YEAR, 1 + (today - first).days // 14)
    return [office_day(day) for day in spread(first, today, count)]


def earlier(today: date) -> list[date]:
    """Before last year, as far as the two years reach."""
    first, last = beginning(today) + timedelta(days=45), date(today.year - 2, 12, 31)
    return [office_day(day) for day in spread(first, last, 3)] if (last - first).days > 30 else []


def tour_stories(today: date) -> list[Story]:
    risen = partial(Story, prosperous=True, decile_now=5)
    days, before = this_year(today), last_year(today)
    referred = days[-1] if len(days) > 1 else before[-1]
    waiting = office_day(today - timedelta(days=3))

    return [
        Story(_about_to_be_proposed, prosperous=True, decile_now=RISEN, tour=TO_PROPOSE),
        risen(lambda family: graduating.propose(family, waiting), tour=TO_RETURN),
        risen(lambda family: graduating.graduate(family, referred, BOTH), tour=TO_REFER),
        risen(lambda family: _on_its_own(family, days[0], (PKH,)), programmes=(PKH,), tour=TO_REVOKE),
    ]


def _about_to_be_proposed(family: Family) -> None:
    """Assessed anew a week ago, with every criterion met."""
    graduating.assess_ready(family, family.today - timedelta(days=7))


def _on_its_own(family: Family, day: date, programmes: tuple[str, ...]) -> None:
    graduating.graduate(family, day, programmes)
    graduating.decline_connection(family, day + timedelta(days=5), ConnectionDeclinedReason.SELF_SUFFICIENT)


def graduate_stories(today: date) -> list[Story]:
    """All but those of the tour; with it, 11 independent graduations last year and up to 7 this year."""
    before, present = last_year(today), this_year(today)[1:-1]
    if len(this_year(today)) == 1:
        before = before[:-1]
    stories = [_graduate(today, place, day) for place, day in enumerate(before)]
    stories += [_graduate(today, 20 + place, day) for place, day in enumerate(present)]
    stories += [_graduate(today, 30 + place, day) for place, day in enumerate(earlier(today))]
    stories += [
        Story(partial(_relapse, graduated=graduated, back=back), decile=3, decile_now=2)
        for graduated, back in relapses(today)
    ]
    return [*stories, *_natural(today), *_revoked(today)]


def _graduate(today: date, place: int, day: date) -> Story:
    programmes = (BOTH, (PKH,), BOTH, (SEMBAKO,))[place % 4]

    def tell(family: Family) -> None:
        graduating.graduate(family, day, programmes, returned=RETURNED.get(place), own_request=place % 3 == 0)
        if place in DECLINED:
            graduating.decline_connection(family, day + timedelta(days=9), DECLINED[place])
        elif place not in UNCONNECTED:
            chains.connect(family, day, place, offered=partial(_offered, today=today))

    return Story(tell, programmes=programmes, prosperous=True, decile_now=RISEN)


def _offered(service: str, on: date, *, today: date) -> bool:
    return service != WITHDRAWN or on < withdrawn_on(today)


def _relapse(family: Family, *, graduated: date, back: date) -> None:
    graduating.graduate(family, graduated, BOTH)
    graduating.decline_connection(family, graduated + timedelta(days=10), ConnectionDeclinedReason.SELF_SUFFICIENT)
    graduating.come_back(family, back)


def _natural(today: date) -> list[Story]:
    year = today.year - 1
    first = date(today.year, 1, 1)
    days = spread(date(year, 2, 1), date(year, 12, 10), 6)
    days += spread(first, today, min(3, (today - first).days // 30)) if (today - first).days >= 30 else []
    return [_left_naturally(today, place, office_day(day)) for place, day in enumerate(days)]


def _left_naturally(today: date, place: int, day: date) -> Story:
    def tell(family: Family) -> None:
        graduating.graduate(family, day, (PKH,), NATURAL)
        if place % 3 == 0:
            chains.connect(family, day, 4, offered=partial(_offered, today=today))
        elif place % 3 == 1:
            reason = ConnectionDeclinedReason.NO_SUITABLE_SERVICE
            graduating.decline_connection(family, day + timedelta(days=12), reason)

    programmes = (PKH,) if place % 2 else BOTH
    school_ends = day - timedelta(days=60)
    return Story(tell, programmes=programmes, shape=Shape.LEAVING_SCHOOL, school_ends=school_ends, decile_now=4)


def _revoked(today: date) -> list[Story]:
    """Three graduations that were taken back, for one reason each."""
    days = (months_before(today, months) for months in (15, 9, 6))
    return [
        Story(partial(_taken_back, day=office_day(day), reason=reason))
        for day, reason in zip(days, RevocationReason, strict=True)
    ]


def _taken_back(family: Family, *, day: date, reason: RevocationReason) -> None:
    graduating.graduate(family, day)
    graduating.revoke(family, office_day(day + timedelta(days=45)), reason)


def proposal_stories(today: date) -> list[Story]:
    """Proposals that wait, some too long, or came to nothing."""

    def ago(days: int) -> date:
        return office_day(today - timedelta(days=days))

    def waiting(family: Family, *, days: int, programmes: tuple[str, ...] = (PKH,)) -> None:
        graduating.propose(family, ago(days), programmes, own_request=days % 2 == 0)

    def verified(family: Family, *, days: int) -> None:
        graduating.propose(family, ago(days), BOTH)
        graduating.verify(family, ago(days - 10))

    def returned(family: Family, *, days: int, reason: ReturnReason) -> None:
        graduating.propose(family, ago(days))
        graduating.give_back(family, ago(days - 6), reason)

    def rejected(family: Family, *, days: int, reason: RejectionReason) -> None:
        graduating.propose(family, ago(days))
        graduating.reject(family, ago(days - 9), reason)

    def withdrawn(family: Family, *, days: int) -> None:
        graduating.propose(family, ago(days))
        graduating.withdraw(family, ago(days - 7))

    tellings = [
        partial(waiting, days=9),
        partial(waiting, days=26),
        partial(waiting, days=5, programmes=(SEMBAKO,)),
        partial(verified, days=17),
        partial(verified, days=44),
        partial(returned, days=13, reason=ReturnReason.EVIDENCE_INCOMPLETE),
        partial(returned, days=38, reason=ReturnReason.VISIT_NEEDED),
        *(partial(rejected, days=50 + 70 * place, reason=reason) for place, reason in enumerate(RejectionReason)),
        partial(withdrawn, days=34),
        partial(withdrawn, days=190),
    ]
    return [Story(tell, prosperous=True, decile_now=5) for tell in tellings]
