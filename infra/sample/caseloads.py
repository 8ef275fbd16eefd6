"""The caseloads of the sample's facilitators: which family has which story."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random

from domain.codes import DiscontinuationReason, MemberLeftReason, ReversalReason
from domain.ports import Registry
from infra.sample import chains, graduating, incidents
from infra.sample.chains import Chain
from infra.sample.directories import ATENSI, PENA, PKH, SEMBAKO
from infra.sample.family import Family
from infra.sample.graduates import graduate_stories, proposal_stories, tour_stories
from infra.sample.identities import CURUGSEWU, LESTARI, MARYONO, PAGERSARI, SUGENG, WAHYU, Pendamping
from infra.sample.making import BOTH, Maker, Story, ordinary
from infra.sample.people import Shape
from infra.sample.spans import months_before, office_day

HOUSEHOLDS = {WAHYU: 462, LESTARI: 48, SUGENG: 36}
CANDIDATES = 24
HANDED_OVER = 10


def families(seed: int, today: date, registry: Registry) -> list[Family]:
    """All families, with their agendas, in an order of their own for each caseload."""
    maker = Maker(seed, today, registry)
    chance = Random(f"{seed}/order")
    made: list[Family] = []
    for owner, stories in _stories(today, registry).items():
        wanted = [*stories, *(ordinary(chance) for _ in range(HOUSEHOLDS[owner] - len(stories)))]
        chance.shuffle(wanted)
        made += [maker.make(story, owner) for story in wanted]
    return made


def _stories(today: date, registry: Registry) -> dict[Pendamping, list[Story]]:
    told = [_referred(chain) for chain in (*chains.OPEN, *chains.ENDED)]
    return {
        WAHYU: [
            *tour_stories(today),
            *graduate_stories(today),
            *proposal_stories(today),
            *(Story(prosperous=True, decile_now=5) for _ in range(CANDIDATES)),
            *_incidents(today, registry),
            *told[::2],
        ],
        LESTARI: [*_lestari(today), *told[1::4]],
        SUGENG: [*_sugeng(today), *told[3::4]],
    }


def _referred(chain: Chain) -> Story:
    shape = Shape.ELDERLY if chain.service == "kartini/care" else Shape.CHILDREN
    return Story(partial(chains.tell, chain=chain), shape=shape)


def _incidents(today: date, registry: Registry) -> list[Story]:
    def ago(days: int) -> date:
        return today - timedelta(days=days)

    def moved(family: Family, *, days: int, away: bool) -> None:
        other = PAGERSARI if family.village == CURUGSEWU else CURUGSEWU
        village = other if away else family.village
        incidents.moves(family, ago(days), village, registry.region_name(village) or village)

    left = [*MemberLeftReason][:4] * 2
    tellings: list[Callable[[Family], object]] = [
        *(partial(incidents.child_is_born, day=ago(40 + 95 * place)) for place in range(6)),
        *(partial(incidents.member_leaves, day=ago(25 + 70 * n), reason=reason) for n, reason in enumerate(left)),
        partial(incidents.recorded_twice, day=ago(130)),
        *(partial(moved, days=60 + 110 * place, away=place == 0) for place in range(4)),
        *(
            partial(incidents.payment_reversed, quarters_ago=2 + place % 5, reason=reason)
            for place, reason in enumerate([*ReversalReason] * 2)
        ),
        *(
            partial(incidents.discontinued, day=office_day(ago(30 + 90 * place)), reason=reason)
            for place, reason in enumerate(DiscontinuationReason)
            if reason not in (DiscontinuationReason.MOVED_ABROAD, DiscontinuationReason.DECEASED)
        ),
        *(partial(incidents.helped, day=ago(100 + 80 * place)) for place in range(5)),
    ]
    late = [
        Story(partial(incidents.enrolled_late, day=ago(60 + 50 * n), programme=SEMBAKO), (PKH,), decile=3 + n % 3)
        for n in range(8)
    ]
    return [
        *(Story(tell) for tell in tellings),
        Story(partial(incidents.mother_dies, day=office_day(ago(210))), shape=Shape.WITH_MOTHER),
        *(replace(story, decile_now=story.decile) for story in late),
        *(Story(programmes=(*BOTH, PENA), decile_now=4) for _ in range(8)),
        *(Story(programmes=(SEMBAKO, ATENSI), shape=Shape.ELDERLY, decile=1) for _ in range(6)),
    ]


def _lestari(today: date) -> list[Story]:
    """Graduations of both years, ten families from Maryono, and one that went abroad."""
    days = [months_before(today, months) for months in (19, 10, 4)]
    graduates = [
        Story(partial(graduating.graduate, day=office_day(day)), (PKH,), prosperous=True, decile_now=6) for day in days
    ]
    gone = Story(partial(incidents.leaves, day=office_day(months_before(today, 5))))
    return [*graduates, gone, *(Story(incidents.handed_over, pendamping=MARYONO) for _ in range(HANDED_OVER))]


def _sugeng(today: date) -> list[Story]:
    day = office_day(months_before(today, 13))
    one_step = Story(
        partial(graduating.graduate, day=day, programmes=(SEMBAKO,)), (SEMBAKO,), prosperous=True, decile_now=6
    )
    waiting = Story(partial(graduating.propose, day=office_day(today - timedelta(days=8))), prosperous=True)
    return [one_step, waiting]
