"""The families and identities of the tour: ids and numbers that every sample holds, whatever its seed and day.

Each family waits at its step, and no other part of the sample touches it.
"""

from dataclasses import dataclass
from uuid import UUID

from infra.sample.identities import CURUGSEWU, PAGERSARI, WAHYU, fixed_id


@dataclass(frozen=True, slots=True)
class TourFamily:
    """`graduation` is the id of its proposal or graduation, where it has one; `head` the name of its head."""

    slug: str
    kk: str
    head: str
    village: str
    woman: bool = False

    @property
    def household(self) -> UUID:
        return fixed_id(f"household/{self.slug}")

    @property
    def graduation(self) -> UUID:
        return fixed_id(f"household/{self.slug}/graduation/1")


TO_PROPOSE = TourFamily("to-propose", "3324040101209901", "Ngatinah", CURUGSEWU, woman=True)
"""Enrolled in PKH and Sembako, with a business and rising income: the first of the candidates; nothing is proposed."""

TO_RETURN = TourFamily("to-return", "3324040101209902", "Slamet Riyadi", CURUGSEWU)
"""Proposed for PKH (two steps) days ago, and waiting for the regional officer: to be returned, then verified."""

TO_REFER = TourFamily("to-refer", "3324040101209903", "Siti Muslikah", PAGERSARI, woman=True)
"""Graduated from PKH and Sembako, and unconnected: to be referred to the first agency, then redirected."""

TO_REVOKE = TourFamily("to-revoke", "3324040101209904", "Suparman", PAGERSARI)
"""Graduated from PKH this year: to be revoked, for the count as known before and after."""

TOUR_FAMILIES = (TO_PROPOSE, TO_RETURN, TO_REFER, TO_REVOKE)

FACILITATOR: UUID = WAHYU.id
FIRST_AGENCY = fixed_id("agency/pnm")
FIRST_SERVICE = fixed_id("service/pnm/capital")
"""Business capital of PT Permodalan Nasional Madani, which declines on the tour."""
SECOND_AGENCY = fixed_id("agency/baznas-kendal")
SECOND_SERVICE = fixed_id("service/baznas-kendal/capital")
"""Business capital of BAZNAS Kendal, which accepts."""
