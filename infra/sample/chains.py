"""The referrals of the sample: each a chain of steps, by days before the day of loading.

Between them they stand in every state of the table. What lies beyond a deadline was left so long that it passed,
whatever holidays lie between; the clock's events are not written here, but by the deadlines themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from domain.codes import Information, ReferralOutcome, ReferralReason
from infra.sample.family import Family
from infra.sample.hands import Hands
from infra.sample.people import SCHOOL_ENDS
from infra.sample.referral_hands import ReferralHands as R
from infra.sample.spans import office_day


@dataclass(frozen=True, slots=True)
class Move:
    """A transition of a referral, by its action in the table."""

    action: str
    run: Callable[[R, date], None]


Step = tuple[int, Move]
OVERDUE = 32
"""Days after which every service's answer is overdue, before the referral expires."""


@dataclass(frozen=True, slots=True)
class Chain:
    """`for_member` names the eldest child or the head."""

    sent: int
    service: str
    need: str
    steps: tuple[Step, ...] = ()
    for_member: bool = False
    duty: bool = False


RECEIVE = Move("received", R.receive)
ACCEPT = Move("accept", R.accept)
ATTEND = Move("attend", R.attend)
MISS = Move("miss", R.miss)
START = Move("start", R.start)
SUPPLY = Move("supply-information", R.supply)
CONFIRM = Move("confirm-cancellation", R.confirm_cancellation)
REFUSE = Move("refuse-cancellation", R.refuse_cancellation)


def to(service: str, need: str) -> Move:
    return Move("redirect", lambda referral, on: referral.redirect(on, service, need))


def scheduled(days: int) -> Move:
    return Move("schedule", lambda referral, on: referral.schedule(on, days))


def completed(outcome: ReferralOutcome, amount: int | None = None) -> Move:
    return Move("complete", lambda referral, on: referral.complete(on, outcome, amount))


def declined(reason: ReferralReason) -> Move:
    return Move("decline", lambda referral, on: referral.decline(on, reason))


def failed(reason: ReferralReason) -> Move:
    return Move("fail", lambda referral, on: referral.fail(on, reason))


def cancelling(reason: ReferralReason) -> Move:
    return Move("cancel", lambda referral, on: referral.cancel(on, reason))


def settled(reason: ReferralReason) -> Move:
    return Move("settle", lambda referral, on: referral.settle(on, reason))


def asked(*information: Information) -> Move:
    return Move("request-information", lambda referral, on: referral.request(on, *information))


def tell(family: Family, chain: Chain, number: int = 1) -> None:
    """Puts the chain on the family's agenda."""
    begun: list[R] = []

    def send(hands: Hands, on: date) -> None:
        begun[:] = [R(hands, number)]
        member = _concerned(hands, on) if chain.for_member else None
        begun[0].send(on, chain.service, chain.need, member=member, duty=chain.duty)

    family.on(_day(family, chain.sent), send)
    for days, move in chain.steps:
        _put(family, _day(family, days), begun, move)


def _put(family: Family, day: date, begun: list[R], move: Move) -> None:
    """Where a deadline of other settings than usual came first, the chain ends there."""

    def step(_: Hands, on: date) -> None:
        if begun and begun[0].may(move.action):
            move.run(begun[0], on)
        else:
            begun.clear()

    family.on(day, step)


def _day(family: Family, days_ago: int) -> date:
    return office_day(family.today - timedelta(days=days_ago))


CAPITAL, MENTORING = "Modal untuk memperbesar warung.", "Pendampingan pembukuan dan kemasan."
HEALTH, CARE = "Pemeriksaan lanjutan di rumah sakit.", "Perawatan harian bagi lansia yang tinggal sendiri."
WORK, COURSE = "Pekerjaan tetap bagi anak yang lulus sekolah.", "Kursus menjahit tiga bulan."
HOME, SCHOOL, DISABILITY = "Atap dan lantai rumah rusak.", "Biaya masuk SMA.", "Terapi dan alat bantu jalan."
MARKET = "Tempat di bazar kabupaten."

OPEN = (
    Chain(0, "pnm/mentoring", MENTORING),
    Chain(2, "dinkes-kendal/health", HEALTH, for_member=True),
    Chain(OVERDUE, "kemnaker/employment", WORK),
    Chain(4, "kartini/care", CARE, ((2, RECEIVE),), duty=True),
    Chain(OVERDUE, "baznas-kendal/education", SCHOOL, ((OVERDUE - 3, RECEIVE),), for_member=True),
    Chain(6, "pnm/capital", CAPITAL, ((5, RECEIVE), (3, asked(Information.BUSINESS_DETAILS)))),
    Chain(OVERDUE, "pnm/capital", CAPITAL, ((OVERDUE - 2, asked(Information.IDENTITY_DOCUMENTS)),)),
    Chain(9, "kartini/rehabilitation", DISABILITY, (
        (8, RECEIVE), (7, asked(Information.HEALTH_DETAILS, Information.CONSENT_LETTER)), (2, SUPPLY),
    ), for_member=True),
    Chain(12, "umkm/mentoring", MENTORING, ((11, RECEIVE), (9, ACCEPT))),
    Chain(80, "baznas-kendal/housing", HOME, ((79, RECEIVE), (76, ACCEPT))),
    Chain(15, "kemnaker/training", COURSE, ((12, ACCEPT), (10, scheduled(15)))),
    Chain(20, "dinkes-kendal/health", HEALTH, ((18, ACCEPT), (17, scheduled(5)), (13, scheduled(16))), for_member=True),
    Chain(24, "dinas-kendal/market", MARKET, ((22, ACCEPT), (20, scheduled(8)), (11, ATTEND))),
    Chain(26, "kartini/rehabilitation", DISABILITY, ((24, ACCEPT), (22, scheduled(8)), (13, MISS)), duty=True),
    Chain(60, "kemnaker/training", COURSE, (
        (59, RECEIVE), (56, ACCEPT), (54, scheduled(7)), (47, ATTEND), (45, START),
    )),
    Chain(150, "kopi-medini/employment", WORK, ((148, ACCEPT), (140, START))),
    Chain(8, "kopi-medini/employment", WORK, ((6, RECEIVE), (1, cancelling(ReferralReason.NO_LONGER_NEEDED)))),
)  # fmt: skip
"""On which the agency has a part to play; some overdue."""

ENDED = (
    Chain(50, "umkm/management", MENTORING, (
        (48, RECEIVE), (46, cancelling(ReferralReason.HOUSEHOLD_REFUSED)), (44, CONFIRM),
    )),
    Chain(70, "kemnaker/employment", WORK, ((68, ACCEPT), (62, cancelling(ReferralReason.MOVED_AWAY)))),
    Chain(45, "kemnaker/training", COURSE, (
        (43, ACCEPT), (30, cancelling(ReferralReason.NO_LONGER_NEEDED)), (28, REFUSE), (27, START),
    )),
    Chain(14, "pnm/capital", CAPITAL, ((13, RECEIVE), (9, declined(ReferralReason.DOCUMENTS_INCOMPLETE)))),
    Chain(40, "baznas-kendal/housing", HOME, ((38, RECEIVE), (33, declined(ReferralReason.NO_BUDGET)))),
    Chain(120, "pnm/capital", CAPITAL, (
        (118, RECEIVE), (115, declined(ReferralReason.NOT_ELIGIBLE)), (110, to("baznas-kendal/capital", CAPITAL)),
        (109, RECEIVE), (107, ACCEPT), (105, scheduled(5)), (100, ATTEND), (98, START),
        (40, completed(ReferralOutcome.CAPITAL_DISBURSED, 3_000_000)),
    )),
    Chain(75, "kopi-medini/employment", WORK, (
        (73, ACCEPT), (70, START), (6, failed(ReferralReason.UNABLE_TO_CONTACT)),
    )),
    Chain(210, "kemnaker/training", COURSE, (
        (208, ACCEPT), (205, scheduled(4)), (200, MISS), (190, failed(ReferralReason.HOUSEHOLD_REFUSED)),
        (180, settled(ReferralReason.NO_LONGER_NEEDED)),
    )),
    Chain(95, "dinas-kendal/market", MARKET),
    Chain(160, "kemnaker/employment", WORK, (
        (80, to("kopi-medini/employment", WORK)), (79, RECEIVE), (77, ACCEPT), (72, START),
    )),
    Chain(130, "umkm/mentoring", MENTORING, (
        (129, RECEIVE), (126, declined(ReferralReason.OTHER)), (119, settled(ReferralReason.OTHER)),
    )),
    Chain(720, "dinkes-kendal/health", HEALTH, (
        (718, RECEIVE), (717, ACCEPT), (715, scheduled(3)), (711, ATTEND), (710, START),
        (690, completed(ReferralOutcome.RECOVERED)),
    ), for_member=True),
    Chain(400, "kartini/care", CARE, (
        (399, RECEIVE), (396, ACCEPT), (390, START), (350, completed(ReferralOutcome.CARE_IN_PLACE)),
    ), duty=True),
    Chain(330, "baznas-kendal/housing", HOME, (
        (328, ACCEPT), (320, scheduled(6)), (313, ATTEND), (310, START), (230, completed(ReferralOutcome.HOUSED)),
    )),
    Chain(300, "baznas-kendal/education", SCHOOL, (
        (299, RECEIVE), (297, ACCEPT), (294, START), (270, completed(ReferralOutcome.SERVICE_DELIVERED)),
    ), for_member=True),
    Chain(260, "kemnaker/training", COURSE, (
        (258, ACCEPT), (254, scheduled(5)), (248, ATTEND), (247, START), (170, completed(ReferralOutcome.CERTIFIED)),
    ), for_member=True),
    Chain(240, "kartini/rehabilitation", DISABILITY, (
        (238, RECEIVE), (236, ACCEPT), (231, START), (160, completed(ReferralOutcome.PARTLY_DELIVERED)),
    ), for_member=True),
    Chain(190, "kopi-medini/employment", WORK, (
        (189, RECEIVE), (187, ACCEPT), (180, START), (110, completed(ReferralOutcome.EMPLOYED)),
    )),
)  # fmt: skip
"""On which the agency's part has ended, or began again elsewhere."""

CONNECTIONS = (
    ("dinas-kendal/capital", CAPITAL, ReferralOutcome.CAPITAL_DISBURSED, 5_000_000),
    ("umkm/mentoring", MENTORING, ReferralOutcome.BUSINESS_GROWN, None),
    ("dinas-kendal/market", MARKET, ReferralOutcome.MARKET_LINKED, None),
    ("pnm/capital", CAPITAL, ReferralOutcome.CAPITAL_DISBURSED, 4_000_000),
    ("kemnaker/training", COURSE, ReferralOutcome.TRAINING_FINISHED, None),
    ("pnm/mentoring", MENTORING, ReferralOutcome.BUSINESS_STARTED, None),
)
"""What graduates are connected with in turn; the first only while that service was offered."""


def connect(family: Family, graduated: date, turn: int, *, offered: Callable[[str, date], bool]) -> None:
    """Sends a graduate on a week after, to be served within some months."""
    age = (family.today - graduated).days - 7
    kinds = CONNECTIONS[turn % len(CONNECTIONS) :] + CONNECTIONS
    service, need, outcome, amount = next(
        kind for kind in kinds if offered(kind[0], family.today - timedelta(days=max(age, 0)))
    )
    steps = (
        (age - 2, RECEIVE),
        (age - 4, ACCEPT),
        (age - 6, scheduled(6)),
        (age - 13, ATTEND),
        (age - 15, START),
        (age - 70, completed(outcome, amount)),
    )
    tell(family, Chain(age, service, need, steps))


def _concerned(hands: Hands, on: date) -> UUID:
    """The eldest child, else the head of the family."""
    family = hands.family
    children = [p for p in family.members if not p.head and p.age(on) < SCHOOL_ENDS and hands.is_member(p)]
    return (children[0] if children else family.head).id
