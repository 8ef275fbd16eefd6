"""The simulation's directories: programmes, agencies of the country and of each regency, facilitators, targets."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid5

from domain.application import Rujukan
from domain.codes import AgencyKind, GraduationKind, Measure, Pillar, ServiceKind
from domain.ports import Registry, Sealer
from domain.service import Offer
from domain.values import Actor, Command
from infra.sample.directories import PROGRAMMES, agency_id, service_id
from infra.sample.identities import ADMINISTRATOR, Pendamping
from infra.simulation.caseloads import Caseload
from infra.simulation.span import Span

NATIONAL = {
    "umkm": ("Kementerian Usaha Mikro, Kecil, dan Menengah", AgencyKind.MINISTRY),
    "kemnaker": ("Kementerian Ketenagakerjaan", AgencyKind.MINISTRY),
    "pnm": ("PT Permodalan Nasional Madani", AgencyKind.STATE_ENTERPRISE),
    "sentra": ("Sentra Terpadu Kementerian Sosial", AgencyKind.SERVICE_UNIT),
    "kopi": ("PT Kopi Rakyat", AgencyKind.PRIVATE),
}
LOCAL = {
    "dinas": ("Dinas Koperasi dan UKM", AgencyKind.LOCAL_GOVERNMENT),
    "dinkes": ("Dinas Kesehatan", AgencyKind.LOCAL_GOVERNMENT),
    "baznas": ("BAZNAS", AgencyKind.PHILANTHROPY),
}
"""In each regency that has a facilitator; its code follows the slug and its name the name."""
SERVICES = {
    "umkm/mentoring": Offer("Pendampingan Usaha Mikro", ServiceKind.MENTORING, (), 10),
    "umkm/management": Offer("Kelas Keuangan Usaha", ServiceKind.MANAGEMENT, (), 5, None, True),
    "kemnaker/training": Offer("Pelatihan Vokasi BLK", ServiceKind.TRAINING, (), 10, 6),
    "kemnaker/employment": Offer("Penempatan Kerja", ServiceKind.EMPLOYMENT, (), 5),
    "pnm/capital": Offer("PNM Mekaar", ServiceKind.CAPITAL, (), 5, 7),
    "sentra/care": Offer("Perawatan Lansia", ServiceKind.CARE, (), 5),
    "sentra/rehabilitation": Offer("Rehabilitasi Penyandang Disabilitas", ServiceKind.REHABILITATION, (), 7),
    "kopi/employment": Offer("Kerja Kebun dan Pengolahan", ServiceKind.EMPLOYMENT, (), 5),
    "dinas/market": Offer("Pasar Rakyat dan Bazar UKM", ServiceKind.MARKET_ACCESS, (), 5),
    "dinas/capital": Offer("Modal Bergulir", ServiceKind.CAPITAL, (), 7, 6, True, 200, "year"),
    "dinkes/health": Offer("Layanan Puskesmas dan Rujukan", ServiceKind.HEALTH, (), 5),
    "baznas/capital": Offer("Zmart: Modal Warung", ServiceKind.CAPITAL, (), 5, 6, False, 40, "quarter"),
    "baznas/housing": Offer("Rumah Layak Huni", ServiceKind.HOUSING, (), 10, 3, False, 25, "year"),
    "baznas/education": Offer("Beasiswa Cendekia", ServiceKind.EDUCATION, (), 5, 5),
}
"""By agency and name; those of local agencies are for their regency."""
MINIMA = {Measure.GRADUATIONS: 10, Measure.CONNECTIONS: 6, Measure.VISITS: 400}
"""Targets of a PKH facilitator for a year; that of graduations is the ministry's (DESIGN.md section 1)."""
PLANS = ((Measure.GRADUATIONS, 12), (Measure.VISITS, 480))


def service_at(service: str, regency: str) -> str:
    """The name of a service as a family of that regency is sent to it."""
    agency, _, kind = service.partition("/")
    return f"{agency}-{regency}/{kind}" if agency in LOCAL else service


def local_agency(regency: str) -> str:
    """The first agency that a regency is given."""
    return f"{next(iter(LOCAL))}-{regency}"


@dataclass(slots=True)
class Office:
    """Fills the directories; every id follows from its place, and the first command's is that of the simulation."""

    application: Rujukan
    sealer: Sealer
    registry: Registry
    span: Span
    simulation: UUID

    def ministry(self) -> None:
        """The programmes, what serves the whole country, and the targets of every year."""
        commands = self._commands(self.span.opened, "ministry")
        for code, terms in PROGRAMMES.items():
            self.application.define_programme(next(commands), code=code, terms=terms)
        for slug, (name, kind) in NATIONAL.items():
            self._agency(commands, slug, name, kind, regions=(), offered_by=slug)
        for year in self.span.calendar_years():
            for measure, minimum in MINIMA.items():
                kinds = (GraduationKind.INDEPENDENT,) if measure is Measure.GRADUATIONS else None
                self.application.set_target(
                    replace(next(commands), on=self._beginning_of(year), today=self._beginning_of(year)),
                    year=year,
                    pillar=Pillar.PKH,
                    measure=measure,
                    minimum=minimum,
                    kinds=kinds,
                )

    def regency(self, code: str) -> None:
        """The agencies of a regency and what they offer."""
        commands = self._commands(self.span.opened, code)
        for slug, (name, kind) in LOCAL.items():
            called = f"{name} {self.registry.region_name(code)}"
            self._agency(commands, f"{slug}-{code}", called, kind, regions=(code,), offered_by=slug)

    def caseload(self, caseload: Caseload) -> None:
        """Its facilitators, with what they plan for each year in office."""
        self.sealer.make_keys(pendamping.id for pendamping in caseload.facilitators)
        for pendamping in caseload.facilitators:
            self.application.appoint_facilitator(
                next(self._commands(self.span.opened, pendamping.slug)),
                pendamping.id,
                name=self.sealer.seal(pendamping.name, key=pendamping.id, stream=pendamping.id, field="name"),
                pillar=pendamping.pillar,
                region=pendamping.region,
            )
            for year in self._years_in_office(caseload, pendamping):
                commands = self._commands(self._beginning_of(year), f"{pendamping.slug}/{year}", pendamping.actor)
                for measure, planned in PLANS:
                    self.application.plan(next(commands), pendamping.id, year=year, measure=measure, planned=planned)
        if caseload.predecessor is not None:
            retired = caseload.handed_over + timedelta(days=2)
            self.application.retire_facilitator(
                next(self._commands(retired, f"{caseload.predecessor.slug}/retired")), caseload.predecessor.id
            )

    def _years_in_office(self, caseload: Caseload, pendamping: Pendamping) -> list[int]:
        years = self.span.calendar_years()
        if caseload.predecessor is None:
            return [*years]
        change = caseload.handed_over.year
        return [year for year in years if (year <= change if pendamping is caseload.predecessor else year > change)]

    def _beginning_of(self, year: int) -> date:
        return max(date(year, 1, 1), self.span.opened)

    def _agency(
        self,
        commands: Iterator[Command],
        slug: str,
        name: str,
        kind: AgencyKind,
        *,
        regions: tuple[str, ...],
        offered_by: str,
    ) -> None:
        self.application.register_agency(next(commands), agency_id(slug), name=name, kind=kind)
        for service, offer in SERVICES.items():
            agency, _, what = service.partition("/")
            if agency == offered_by:
                self.application.publish_service(
                    next(commands),
                    service_id(f"{slug}/{what}"),
                    agency=agency_id(slug),
                    offer=replace(offer, regions=regions),
                )

    def _commands(self, on: date, place: str, actor: Actor = ADMINISTRATOR) -> Iterator[Command]:
        """The simulation's own id for the ministry's first, and ids that follow from the place for all others."""
        count = 0
        while True:
            first = place == "ministry" and count == 0
            yield Command(self.simulation if first else uuid5(self.simulation, f"{place}/{count}"), actor, on, today=on)
            count += 1
