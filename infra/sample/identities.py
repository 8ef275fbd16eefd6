"""Who acts in the sample, under ids that never change."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from domain.codes import Pillar
from domain.values import Actor, Role

NAMESPACE = UUID("2f6d7b1e-40a8-5f0b-9a63-5b1f2f0e6a31")


def fixed_id(name: str) -> UUID:
    """The id of something that every sample holds, whatever its seed and day."""
    return uuid5(NAMESPACE, name)


@dataclass(frozen=True, slots=True)
class Pendamping:
    """A facilitator of the sample, with the villages of the caseload."""

    slug: str
    name: str
    pillar: Pillar
    region: str
    villages: tuple[str, ...]

    @property
    def id(self) -> UUID:
        return fixed_id(f"facilitator/{self.slug}")

    @property
    def actor(self) -> Actor:
        return Actor(f"facilitator-{self.slug}", Role.FACILITATOR, str(self.id))


KENDAL = "33.24"
PATEAN = "33.24.04"
SUKOREJO = "33.24.03"
CURUGSEWU = "33.24.04.2007"
PAGERSARI = "33.24.04.2005"

WAHYU = Pendamping("patean-1", "Wahyu Prasetyo", Pillar.PKH, PATEAN, (CURUGSEWU, PAGERSARI))
"""The facilitator of 462 households, in two villages."""
LESTARI = Pendamping(
    "patean-2", "Endah Lestari", Pillar.PKH, PATEAN, ("33.24.04.2006", "33.24.04.2012", "33.24.04.2013")
)
SUGENG = Pendamping("sukorejo-1", "Sugeng Widodo", Pillar.TKSK, SUKOREJO, ("33.24.03.2017", "33.24.03.2008"))
MARYONO = Pendamping("patean-3", "Maryono", Pillar.PSM, PATEAN, ("33.24.04.2006",))
"""Retired within the two years; the caseload went to Endah Lestari."""

FACILITATORS = (WAHYU, LESTARI, SUGENG, MARYONO)

REGIONAL_OFFICER = Actor("officer-kendal", Role.REGIONAL_OFFICER, KENDAL)
PROGRAMME_OFFICER = Actor("officer-kemensos", Role.PROGRAMME_OFFICER)
DISBURSEMENT_OFFICER = Actor("officer-disbursement", Role.PROGRAMME_OFFICER)
ADMINISTRATOR = Actor("administrator-kemensos", Role.ADMINISTRATOR)
ANALYST = Actor("analyst-kemensos", Role.ANALYST)
AUDITOR = Actor("auditor-inspectorate", Role.AUDITOR)
CLOCK = Actor("rujukan-clock", Role.CLOCK)


def agency_officer(agency: str) -> Actor:
    """The officer who answers for an agency; `agency` is its slug."""
    return Actor(f"officer-{agency}", Role.AGENCY_OFFICER, str(fixed_id(f"agency/{agency}")))
