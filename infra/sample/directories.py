"""The sample's directories: programmes, agencies and services, facilitators, targets."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid5

from domain.codes import AgencyKind, Cluster, Frequency, GraduationKind, Measure, Pillar, ServiceKind
from domain.programme import Terms, programme_id
from domain.service import Offer
from domain.values import Actor, Command
from infra.sample.hands import World
from infra.sample.identities import ADMINISTRATOR, FACILITATORS, KENDAL, MARYONO, NAMESPACE, PATEAN, SUKOREJO, fixed_id
from infra.sample.spans import beginning, months_before

PKH, SEMBAKO, PBI_JK, ATENSI, PENA = "pkh", "sembako", "pbi_jk", "atensi", "pena"
JAVA = "33"

PROGRAMMES = {
    PKH: Terms("Program Keluarga Harapan", Cluster.PROTECTION, 4, Frequency.QUARTERLY, True, True, 2),
    SEMBAKO: Terms("Program Sembako", Cluster.PROTECTION, 4, Frequency.QUARTERLY, True, True, 1),
    PBI_JK: Terms(
        "Penerima Bantuan Iuran Jaminan Kesehatan", Cluster.PROTECTION, 5, Frequency.MONTHLY, False, False, 1
    ),
    ATENSI: Terms("Asistensi Rehabilitasi Sosial", Cluster.REHABILITATION, None, Frequency.QUARTERLY, False, False, 1),
    PENA: Terms("Pahlawan Ekonomi Nusantara", Cluster.EMPOWERMENT, 4, Frequency.YEARLY, False, False, 1),
}
"""Sembako is 200,000 rupiah a month, paid by quarter. PENA's decile limit is raised to 5 within the two years."""

AGENCIES = {
    "umkm": ("Kementerian Usaha Mikro, Kecil, dan Menengah", AgencyKind.MINISTRY),
    "kemnaker": ("Kementerian Ketenagakerjaan", AgencyKind.MINISTRY),
    "dinas-kendal": ("Dinas Perdagangan, Koperasi, dan UKM Kabupaten Kendal", AgencyKind.LOCAL_GOVERNMENT),
    "dinkes-kendal": ("Dinas Kesehatan Kabupaten Kendal", AgencyKind.LOCAL_GOVERNMENT),
    "pnm": ("PT Permodalan Nasional Madani, Unit Patean", AgencyKind.STATE_ENTERPRISE),
    "kopi-medini": ("PT Kopi Lereng Medini", AgencyKind.PRIVATE),
    "baznas-kendal": ("BAZNAS Kabupaten Kendal", AgencyKind.PHILANTHROPY),
    "kartini": ("Sentra Terpadu Kartini Temanggung", AgencyKind.SERVICE_UNIT),
}
"""By slug. All but the coffee company are real; what they do here is made up."""

SERVICES = {
    "umkm/mentoring": Offer("Pendampingan Usaha Mikro", ServiceKind.MENTORING, (), 10),
    "umkm/management": Offer("Kelas Keuangan Usaha", ServiceKind.MANAGEMENT, (JAVA,), 5, None, True),
    "kemnaker/training": Offer("Pelatihan Vokasi BLK", ServiceKind.TRAINING, (KENDAL,), 10, 6, False, 20, "quarter"),
    "kemnaker/employment": Offer("Penempatan Kerja", ServiceKind.EMPLOYMENT, (), 5),
    "dinas-kendal/market": Offer("Pasar Rakyat dan Bazar UKM", ServiceKind.MARKET_ACCESS, (KENDAL,), 5),
    "dinas-kendal/capital": Offer("Modal Bergulir Kendal", ServiceKind.CAPITAL, (KENDAL,), 7, 6, True, 15, "year"),
    "dinkes-kendal/health": Offer("Layanan Puskesmas dan Rujukan", ServiceKind.HEALTH, (KENDAL,), 5),
    "pnm/capital": Offer("PNM Mekaar", ServiceKind.CAPITAL, (KENDAL,), 5, 7, False, 30, "quarter"),
    "pnm/mentoring": Offer("Pengembangan Kapasitas Usaha", ServiceKind.MENTORING, (JAVA,), 7),
    "kopi-medini/employment": Offer("Kerja Kebun dan Pengolahan", ServiceKind.EMPLOYMENT, (PATEAN, SUKOREJO), 5),
    "baznas-kendal/capital": Offer("Zmart: Modal Warung", ServiceKind.CAPITAL, (KENDAL,), 5, 6, False, 10, "quarter"),
    "baznas-kendal/housing": Offer("Rumah Layak Huni", ServiceKind.HOUSING, (KENDAL,), 10, 3, False, 5, "year"),
    "baznas-kendal/education": Offer("Beasiswa Cendekia", ServiceKind.EDUCATION, (KENDAL,), 5, 5),
    "kartini/rehabilitation": Offer("Rehabilitasi Penyandang Disabilitas", ServiceKind.REHABILITATION, (JAVA,), 7),
    "kartini/care": Offer("Perawatan Lansia", ServiceKind.CARE, (JAVA,), 5),
}
WITHDRAWN = "dinas-kendal/capital"
"""Withdrawn four months ago."""
CHANGED = "pnm/capital"
"""Its capacity was 20 until a year ago."""


def agency_id(agency: str) -> UUID:
    return fixed_id(f"agency/{agency}")


def service_id(service: str) -> UUID:
    """`service` is agency and name, such as `pnm/capital`."""
    return fixed_id(f"service/{service}")


@dataclass(slots=True)
class _Office:
    """Gives the administrator's commands; each id follows from its place."""

    world: World
    count: int = 0

    def command(self, on: date, actor: Actor = ADMINISTRATOR) -> Command:
        self.count += 1
        return Command(uuid5(NAMESPACE, f"directories/{on}/{self.count}"), actor, on, today=on)


def first_record() -> UUID:
    """The stream by whose presence the directories are known to be loaded."""
    return programme_id(PKH)


def set_up(world: World) -> None:
    """All directories, in one append."""
    office = _Office(world)
    opened = months_before(beginning(world.today), 12)
    _programmes(office, opened)
    _agencies(office, opened)
    _facilitators(office, opened)
    _targets(office)


def withdraw(world: World) -> None:
    """Comes after the families, who were referred to the service while it was offered; again it changes nothing."""
    on = withdrawn_on(world.today)
    command = Command(fixed_id("directories/withdrawal"), ADMINISTRATOR, on, today=on)
    world.application.withdraw_service(command, service_id(WITHDRAWN))


def withdrawn_on(today: date) -> date:
    return months_before(today, 4)


def _programmes(office: _Office, opened: date) -> None:
    application, today = office.world.application, office.world.today
    for code, terms in PROGRAMMES.items():
        application.define_programme(office.command(opened), code=code, terms=terms)
    raised = replace(PROGRAMMES[PENA], decile_limit=5)
    application.define_programme(office.command(months_before(today, 14)), code=PENA, terms=raised)


def _agencies(office: _Office, opened: date) -> None:
    application, today = office.world.application, office.world.today
    for slug, (name, kind) in AGENCIES.items():
        application.register_agency(office.command(opened), agency_id(slug), name=name, kind=kind)
    for slug, offer in SERVICES.items():
        earlier = replace(offer, capacity=20) if slug == CHANGED else offer
        agency = agency_id(slug.partition("/")[0])
        application.publish_service(
            office.command(opened + timedelta(days=7)), service_id(slug), agency=agency, offer=earlier
        )
    application.change_service(office.command(months_before(today, 12)), service_id(CHANGED), offer=SERVICES[CHANGED])


def _facilitators(office: _Office, opened: date) -> None:
    application, sealer, today = office.world.application, office.world.sealer, office.world.today
    sealer.make_keys(pendamping.id for pendamping in FACILITATORS)
    for pendamping in FACILITATORS:
        application.appoint_facilitator(
            office.command(opened + timedelta(days=14)),
            pendamping.id,
            name=sealer.seal(pendamping.name, key=pendamping.id, stream=pendamping.id, field="name"),
            pillar=pendamping.pillar,
            region=pendamping.region,
        )
        if pendamping is MARYONO:
            continue
        for year in (today.year - 1, today.year):
            planned = date(year, 1, 1)
            for measure, number in ((Measure.GRADUATIONS, 12), (Measure.VISITS, 480)):
                application.plan(
                    office.command(planned, pendamping.actor), pendamping.id, year=year, measure=measure, planned=number
                )
    application.retire_facilitator(office.command(retired_on(today)), MARYONO.id)


def retired_on(today: date) -> date:
    """When Maryono retired; the households were handed over before."""
    return months_before(today, 9)


def _targets(office: _Office) -> None:
    """Last year's target for graduations was first set at 8, and soon put at 10."""
    application, today = office.world.application, office.world.today
    before, present = today.year - 1, today.year

    def target(on: date, year: int, pillar: Pillar, measure: Measure, minimum: int) -> None:
        kinds = (GraduationKind.INDEPENDENT,) if measure is Measure.GRADUATIONS else None
        application.set_target(
            office.command(on), year=year, pillar=pillar, measure=measure, minimum=minimum, kinds=kinds
        )

    target(date(before, 1, 1), before, Pillar.PKH, Measure.GRADUATIONS, 8)
    target(min(date(before, 1, 20), today), before, Pillar.PKH, Measure.GRADUATIONS, 10)
    for year in (before, present):
        first = date(year, 1, 1)
        target(first, year, Pillar.PKH, Measure.GRADUATIONS, 10)
        target(first, year, Pillar.PKH, Measure.CONNECTIONS, 6)
        target(first, year, Pillar.PKH, Measure.VISITS, 400)
        target(first, year, Pillar.TKSK, Measure.ASSESSMENTS, 24)
