"""What happens to every family: registered, assigned, enrolled; ranked and paid by quarter; visited and assessed."""

from collections.abc import Iterable
from datetime import date, timedelta

from domain.codes import Channel, Component, Criterion, IncomeBand, VisitPurpose, VisitResult
from infra.sample.directories import ATENSI, PBI_JK, PENA, PKH, SEMBAKO
from infra.sample.family import Family
from infra.sample.hands import Hands
from infra.sample.people import Person, Shape
from infra.sample.spans import QUARTERS_BACK, Quarter, months_before, quarters_until

PKH_AMOUNTS = {
    Component.PREGNANT: 750_000,
    Component.EARLY_CHILDHOOD: 750_000,
    Component.PRIMARY_SCHOOL: 225_000,
    Component.JUNIOR_SECONDARY: 375_000,
    Component.SENIOR_SECONDARY: 500_000,
    Component.ELDERLY: 600_000,
    Component.SEVERE_DISABILITY: 600_000,
    Component.NONE: 0,
}
"""Rupiah a quarter for each member; four members count."""
PKH_MEMBERS = 4
SEMBAKO_AMOUNT = 3 * 200_000
PREMIUM = 42_000
"""Rupiah a month for each member, paid to the health insurance."""
PENA_AMOUNT = 6_000_000

MODEST = (Criterion.CHILDREN_IN_SCHOOL, Criterion.HEALTH_INSURED)
MET = (
    Criterion.STEADY_INCOME,
    Criterion.OWN_BUSINESS,
    Criterion.SAVINGS,
    Criterion.DECENT_HOUSING,
    Criterion.CHILDREN_IN_SCHOOL,
    Criterion.NO_DEBT_ARREARS,
    Criterion.HEALTH_INSURED,
)
BANDS = (
    (1_000_000, IncomeBand.UNDER_1M),
    (2_000_000, IncomeBand.FROM_1M_TO_2M),
    (3_000_000, IncomeBand.FROM_2M_TO_3M),
    (5_000_000, IncomeBand.FROM_3M_TO_5M),
)
BUSINESSES = ("warung kelontong", "ternak kambing", "keripik singkong", "kebun kopi", "jahitan", "gula aren", "bakso")


def lead_life(family: Family) -> None:
    """Puts the routine on the agenda."""
    begin(family)
    for place, quarter in enumerate(quarters_until(family.today)):
        rank(family, quarter, _decile(family, place))
        pay(family, quarter)
    _premiums(family)
    _visits(family)
    _assessments(family)


def begin(family: Family) -> None:
    """Registers it with all its members, assigns it and enrols it in its programmes."""
    start, chance = family.registered_on, family.chance
    family.on(start, lambda hands, on: hands.register(on))
    family.on(start, lambda hands, on: hands.assign(on, family.pendamping.id))
    assessed = start + timedelta(days=chance.randint(1, 6))
    for person in family.members:
        if person.component(assessed) is not Component.NONE or (person.head and family.shape is Shape.CHILDLESS):
            _assess_member(family, assessed, person)
    for year in range(start.year, family.today.year + 1):
        school_begins = date(year, 7, chance.randint(8, 15))
        if school_begins > assessed:
            family.on(school_begins, lambda hands, on: hands.assess_again(on))
    for programme in family.programmes:
        _enrol(family, start + timedelta(days=8), programme)


def _enrol(family: Family, day: date, programme: str) -> None:
    family.on(day, lambda hands, on: hands.enrol(on, programme))


def _assess_member(family: Family, day: date, person: Person) -> None:
    def assess(hands: Hands, on: date) -> None:
        if hands.household.left_on is None and hands.is_member(person):
            hands.assess_member(on, person)

    family.on(day, assess)


def _decile(family: Family, place: int) -> int | None:
    """The rank goes in even steps from the first to today's."""
    if family.decile is None or family.decile_now is None:
        return family.decile
    return round(family.decile + (family.decile_now - family.decile) * place / QUARTERS_BACK)


def rank(family: Family, quarter: Quarter, decile: int | None) -> None:
    """`decile` is None where the family has no rank in the quarter."""

    def deed(hands: Hands, on: date) -> None:
        if hands.household.left_on is None:
            hands.rank(on, str(quarter), decile)

    family.on(quarter.start + timedelta(days=9), deed)


def pkh_amount(components: Iterable[Component]) -> int:
    """Rupiah a quarter for the recorded components of a family's members; nothing where there is none."""
    return sum(sorted((PKH_AMOUNTS[component] for component in components), reverse=True)[:PKH_MEMBERS])


def _pay_pkh(hands: Hands, on: date, period: str, channel: Channel) -> None:
    if amount := pkh_amount(hands.recorded.values()):
        hands.pay(on, PKH, period, amount, channel)


def pay(family: Family, quarter: Quarter) -> None:
    """What its programmes pay in a quarter, for those it is enrolled in then."""
    chance = family.chance
    channel = Channel.POST if chance.random() < 0.06 else Channel.KKS
    pkh_day = quarter.start + timedelta(days=chance.randint(18, 40))
    sembako_day = quarter.start + timedelta(days=chance.randint(12, 45))
    period = str(quarter)
    if PKH in family.programmes:
        family.on(pkh_day, lambda hands, on: _pay_pkh(hands, on, period, channel))
    if SEMBAKO in family.programmes:
        family.on(sembako_day, lambda hands, on: hands.pay(on, SEMBAKO, period, SEMBAKO_AMOUNT, channel))
    if ATENSI in family.programmes:
        family.on(sembako_day, lambda hands, on: hands.pay(on, ATENSI, period, None, Channel.IN_KIND))
    if PENA in family.programmes and quarter.number == 2:
        year = str(quarter.year)
        family.on(pkh_day, lambda hands, on: hands.pay(on, PENA, year, PENA_AMOUNT, Channel.KKS))


def _premiums(family: Family) -> None:
    """Recorded here since three months ago."""
    if PBI_JK not in family.programmes:
        return
    for months in (3, 2, 1):
        premium(family, months_before(family.today, months))


def premium(family: Family, month: date) -> None:
    """Of a month, by any day of it."""
    day, period, amount = month.replace(day=20), f"{month:%Y-%m}", PREMIUM * len(family.members)
    family.on(day, lambda hands, on: hands.pay(on, PBI_JK, period, amount, Channel.PREMIUM))


def _visits(family: Family) -> None:
    chance, span = family.chance, (family.today - family.registered_on).days
    purposes = [VisitPurpose.VERIFICATION] if chance.random() < 0.3 else []
    purposes += [VisitPurpose.USE_OF_AID] if chance.random() < 0.7 else []
    purposes += [VisitPurpose.FAMILY_SESSION] if chance.random() < 0.5 else []
    if family.prosperous:
        purposes.append(VisitPurpose.BUSINESS_COACHING)
    for purpose in purposes:
        result = chance.choices(
            (VisitResult.DONE, VisitResult.CONFIRMED, VisitResult.NEEDS_FOLLOW_UP, VisitResult.NOT_AT_HOME),
            (60, 25, 10, 5),
        )[0]
        if chance.random() < 0.01:
            result = VisitResult.REFUSED
        visit(family, family.registered_on + timedelta(days=chance.randint(20, span)), purpose, result)


def visit(family: Family, day: date, purpose: VisitPurpose, result: VisitResult) -> None:
    note = "Perlu kunjungan ulang bulan depan." if result is VisitResult.NEEDS_FOLLOW_UP else None

    def deed(hands: Hands, on: date) -> None:
        if hands.household.left_on is None:
            hands.visit(on, purpose, result, note)

    family.on(day, deed)


def _assessments(family: Family) -> None:
    """One at the beginning for every other family, and one within the last months for many, the prosperous all."""
    chance, today = family.chance, family.today
    if chance.random() < 0.5:
        assess(family, family.registered_on + timedelta(days=chance.randint(30, 120)), prospering=False)
    if family.prosperous or chance.random() < 0.35:
        assess(family, today - timedelta(days=chance.randint(15, 200)), prospering=family.prosperous)


def assess(family: Family, day: date, *, prospering: bool) -> None:
    """Puts an assessment on the agenda; a prospering family has a business and meets most criteria."""
    chance = family.chance
    if prospering:
        income = chance.randrange(2_800_000, 4_900_000, 50_000)
        criteria = sorted(chance.sample(MET[2:], chance.randint(2, 5)) + list(MET[:2]))
        note = f"Usaha {chance.choice(BUSINESSES)}."
    else:
        income = chance.randrange(600_000, 1_900_000, 50_000)
        criteria = sorted(chance.sample(MODEST, chance.randint(0, 2)))
        note = None

    def deed(hands: Hands, on: date) -> None:
        if hands.household.left_on is None:
            hands.assess(on, has_business=prospering, band=band(income), criteria=criteria, income=income, note=note)

    family.on(day, deed)


def band(income: int) -> IncomeBand:
    """`income` in rupiah a month."""
    return next((found for limit, found in BANDS if income < limit), IncomeBand.OVER_5M)
