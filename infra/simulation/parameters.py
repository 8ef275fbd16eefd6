"""How lives go in the simulation: every rate and share in one table, each with where it comes from.

"Design" is the figures of DESIGN.md section 1, "office" the rule of a programme or of the law, "sample" what the sample
of one subdistrict is made by; "assumed" are plausible figures that no source was at hand for.
"""

from dataclasses import dataclass

from domain.codes import VisitPurpose, VisitResult


@dataclass(frozen=True, slots=True)
class Life:
    """Rates are per household and year, shares are of one."""

    # Caseloads
    caseload: int = 300
    """Households of a facilitator, on average. Design: roughly 300 each, some 33,000 facilitators."""
    caseload_spread: int = 33
    """By how much one is smaller or larger. Assumed; the number of serials that nobody has allows no more."""
    facilitators_replaced: float = 0.03
    """Of the facilitators, in a year; the caseload goes to a successor. Assumed."""
    late: float = 0.2
    """Share registered at any time after the beginning, the others within its first months. Assumed."""

    # Ends
    independent: float = 10 / 300
    """Graduations. Design: each facilitator must graduate at least 10 households a year."""
    natural: float = 0.01
    """Graduations of families with no eligible component left. Sample: about 3 a facilitator and year."""
    proposal_failed: float = 0.008
    """Rejected or withdrawn. Assumed."""
    discontinued: float = 0.012
    """For a coded reason. Assumed."""
    left: float = 0.004
    """The household itself leaves. Assumed."""

    # Graduates
    returned: float = 0.15
    """Share of proposals that come back once. Assumed."""
    own_request: float = 0.3
    """Share of proposals of the independent. Assumed."""
    revoked: float = 0.015
    """Share of graduations. Assumed."""
    relapsed: float = 0.05
    """Of standing graduations, in a year. Assumed."""
    connected: float = 0.65
    connection_declined: float = 0.2
    """Shares of graduates; the others stay unconnected. Assumed. Design: a household must be moved over."""

    # Encounters
    visits: float = 1.6
    """Sample: a facilitator plans 480 for 300 households."""
    assessments: float = 0.4
    """Field assessments beside those of a proposal. Sample."""
    referred: float = 0.05
    """Referrals of households that have not graduated. Assumed."""

    # Events of life
    births: float = 0.05
    """In families with children. Assumed, near the rate of the country."""
    members_leaving: float = 0.03
    """Death, marriage, another card. Assumed."""
    moves: float = 0.02
    """Within the facilitator's villages. Assumed."""
    payments_reversed: float = 0.004
    """Share of Sembako payments. Assumed."""


LIFE = Life()

PURPOSES = (
    (VisitPurpose.FAMILY_SESSION, 45),
    (VisitPurpose.USE_OF_AID, 35),
    (VisitPurpose.VERIFICATION, 20),
)
RESULTS = (
    (VisitResult.DONE, 59),
    (VisitResult.CONFIRMED, 25),
    (VisitResult.NEEDS_FOLLOW_UP, 10),
    (VisitResult.NOT_AT_HOME, 5),
    (VisitResult.REFUSED, 1),
)
"""Parts of all visits. Sample. Aftercare and what precedes a proposal come with the graduation."""

# Paid and ranked as often as the office does: PKH and Sembako by quarter, premiums of PBI JK by month, PENA by year,
# and the welfare rank of each family by quarter (Design).

PEOPLE = {
    "11": 5.5, "12": 15.6, "13": 5.8, "14": 6.7, "15": 3.7, "16": 8.8, "17": 2.1, "18": 9.4, "19": 1.5, "21": 2.2,
    "31": 10.7, "32": 50.3, "33": 37.9, "34": 3.8, "35": 41.8, "36": 12.4, "51": 4.4, "52": 5.6, "53": 5.7,
    "61": 5.7, "62": 2.8, "63": 4.3, "64": 4.0, "65": 0.7, "71": 2.7, "72": 3.1, "73": 9.5, "74": 2.8, "75": 1.2,
    "76": 1.5, "81": 1.9, "82": 1.4, "91": 1.1, "92": 0.6, "93": 0.5, "94": 1.5, "95": 1.5, "96": 0.6,
}  # fmt: skip
"""Millions of people by province, about; households are spread in their proportion. BPS's projections, rounded."""
