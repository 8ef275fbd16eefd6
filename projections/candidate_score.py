"""How near a household seems to living without assistance: a score, and the reasons that make it up.

The score is the sum of the points of its reasons, which come from the latest field assessment and the DTSEN ranks.
It orders a facilitator's conversations; it decides nothing, and the graduation still needs its evidence.
"""

from collections.abc import Collection
from dataclasses import dataclass

from domain.codes import Criterion, IncomeBand


@dataclass(frozen=True, slots=True)
class Reason:
    """Points and words for one reason."""

    points: int
    id: str
    en: str


REASONS: dict[str, Reason] = {
    "has_business": Reason(30, "Memiliki usaha", "Runs a business"),
    "decile_5_or_above": Reason(30, "Peringkat DTSEN desil 5 ke atas", "DTSEN rank at decile 5 or above"),
    "decile_4": Reason(15, "Peringkat DTSEN desil 4", "DTSEN rank at decile 4"),
    "decile_risen": Reason(
        10, "Peringkat DTSEN naik sejak periode sebelumnya", "DTSEN rank has risen since the earlier period"
    ),
    "income_over_5m": Reason(30, "Penghasilan di atas Rp5 juta sebulan", "Income above Rp5 million a month"),
    "income_3m_to_5m": Reason(20, "Penghasilan Rp3 sampai 5 juta sebulan", "Income of Rp3 to 5 million a month"),
    "income_2m_to_3m": Reason(10, "Penghasilan Rp2 sampai 3 juta sebulan", "Income of Rp2 to 3 million a month"),
    "steady_income": Reason(10, "Penghasilan tetap", "Steady income"),
    "savings": Reason(5, "Memiliki tabungan", "Has savings"),
    "decent_housing": Reason(5, "Rumah layak huni", "Decent housing"),
    "children_in_school": Reason(5, "Anak-anak bersekolah", "Children are in school"),
    "no_debt_arrears": Reason(5, "Tidak menunggak utang", "No debts in arrears"),
    "health_insured": Reason(5, "Memiliki jaminan kesehatan", "Has health insurance"),
}
"""By code, in the order in which they are told."""

BANDS = {
    IncomeBand.OVER_5M: "income_over_5m",
    IncomeBand.FROM_3M_TO_5M: "income_3m_to_5m",
    IncomeBand.FROM_2M_TO_3M: "income_2m_to_3m",
}


def reasons_for(
    *,
    has_business: bool | None,
    decile: int | None,
    earlier_decile: int | None,
    income_band: IncomeBand | None,
    criteria: Collection[Criterion],
) -> list[str]:
    """Codes of the reasons that hold, in the order of `REASONS`; a household never assessed or ranked has none.

    The criterion `own_business` is the same reason as the finding that there is a business.
    """
    found = {str(criterion) for criterion in criteria if criterion is not Criterion.OWN_BUSINESS}
    if has_business or Criterion.OWN_BUSINESS in criteria:
        found.add("has_business")
    if decile is not None and decile >= 4:
        found.add("decile_4" if decile == 4 else "decile_5_or_above")
    if decile is not None and earlier_decile is not None and decile > earlier_decile:
        found.add("decile_risen")
    if income_band in BANDS:
        found.add(BANDS[income_band])
    return [code for code in REASONS if code in found]


def score(reasons: Collection[str]) -> int:
    return sum(REASONS[code].points for code in reasons)
