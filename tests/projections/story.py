"""A story in which everything happens that can: told through the application, so that the log holds every topic."""

from collections.abc import Callable

from domain.application import Rujukan
from domain.codes import (
    AgencyKind,
    AssignmentRole,
    Cluster,
    ConnectionDeclinedReason,
    Criterion,
    DiscontinuationReason,
    ErasureReason,
    Frequency,
    GraduationKind,
    HouseholdLeftReason,
    IncomeBand,
    Information,
    LegalBasis,
    Measure,
    MemberLeftReason,
    PasClass,
    Pillar,
    ReferralOutcome,
    ReferralReason,
    RejectionReason,
    ReturnReason,
    ReversalReason,
    RevocationReason,
    ServiceKind,
    VisitPurpose,
    VisitResult,
)
from domain.ports import Sealer
from domain.programme import Terms
from domain.service import Offer
from tests.projections.teller import (
    ADMINISTRATOR,
    ANOTHER_MINISTRY,
    BANK,
    CENTRE,
    CLOCK,
    JOKO,
    MINISTRY,
    OFFICER,
    SARI,
    Teller,
    day,
    due,
    named,
)


def directories(told: Teller) -> None:
    app, by = told.app, told.by

    def terms(name: str, *, limit: int | None, steps: int, every: Frequency = Frequency.QUARTERLY) -> Terms:
        return Terms(name, Cluster.PROTECTION, limit, every, graduable=True, relapse=True, steps=steps)

    app.define_programme(by(ADMINISTRATOR, "2024-01-01"), code="pkh", terms=terms("PKH", limit=4, steps=2))
    sembako = terms("Sembako", limit=None, steps=1, every=Frequency.MONTHLY)
    app.define_programme(by(ADMINISTRATOR, "2024-01-01"), code="sembako", terms=sembako)
    sembako = terms("Sembako", limit=5, steps=1, every=Frequency.MONTHLY)
    app.define_programme(by(ADMINISTRATOR, "2024-06-01"), code="sembako", terms=sembako)
    pena = Terms("PENA", Cluster.EMPOWERMENT, None, Frequency.YEARLY, graduable=False, relapse=False, steps=1)
    app.define_programme(by(ADMINISTRATOR, "2024-01-01"), code="pena", terms=pena)
    for agency, name, kind in (
        ("bank", "Bank Rakyat", AgencyKind.STATE_ENTERPRISE),
        ("centre", "Sentra Terpadu", AgencyKind.SERVICE_UNIT),
    ):
        app.register_agency(by(ADMINISTRATOR, "2024-01-01"), named(agency), name=name, kind=kind)
    for service, agency, offer in (
        ("loan", "bank", Offer("KUR mikro", ServiceKind.CAPITAL, ("33.24",), 10, graduates_only=True)),
        ("savings", "bank", Offer("Tabungan", ServiceKind.MANAGEMENT, (), 5)),
        ("training", "centre", Offer("Pelatihan", ServiceKind.TRAINING, (), 15, max_decile=4)),
    ):
        app.publish_service(by(ADMINISTRATOR, "2024-01-02"), named(service), agency=named(agency), offer=offer)
    changed = Offer("Pelatihan usaha", ServiceKind.TRAINING, ("33",), 10, capacity=20, capacity_period="2026")
    app.change_service(by(ADMINISTRATOR, "2024-05-01"), named("training"), offer=changed)
    app.withdraw_service(by(ADMINISTRATOR, "2024-06-01"), named("savings"))
    for name, region in (("sari", "33.24.04"), ("joko", "33.24"), ("dewi", "33.25")):
        sealed = told.sealed(name.title(), name, name, "name")
        app.appoint_facilitator(
            by(ADMINISTRATOR, "2024-01-02"), named(name), name=sealed, pillar=Pillar.PKH, region=region
        )
    for planned, on in ((12, "2026-01-05"), (14, "2026-02-01")):
        app.plan(by(SARI, on), named("sari"), year=2026, measure=Measure.GRADUATIONS, planned=planned)
    app.plan(by(ADMINISTRATOR, "2026-01-05"), named("sari"), year=2026, measure=Measure.VISITS, planned=900)
    app.retire_facilitator(by(ADMINISTRATOR, "2026-03-01"), named("dewi"))
    for year, minimum in ((2025, 8), (2025, 10), (2026, 10)):
        app.set_target(
            by(ADMINISTRATOR, f"{year}-01-02"),
            year=year,
            pillar=Pillar.PKH,
            measure=Measure.GRADUATIONS,
            minimum=minimum,
        )


def siti(told: Teller) -> None:
    """Followed by two, assessed, paid; graduates in two steps after a return, with a later relapse; then referred."""
    app, by, siti = told.app, told.by, named("siti")
    told.register("siti", "2024-01-10", "siti-head", "siti-child", "siti-mother")
    app.add_member(siti, by(SARI, "2024-02-01"), told.member("siti", "siti-baby"))
    app.remove_member(siti, by(SARI, "2024-03-01"), named("siti-mother"), reason=MemberLeftReason.DECEASED)
    details = told.sealed('{"component":"primary_school"}', "siti-child", "siti", "details")
    app.assess_member(siti, by(SARI, "2024-03-01"), named("siti-child"), details=details, pas_class=PasClass.PROTECTED)
    told.follow("siti", "2024-01-10")
    told.follow("siti", "2024-04-01", JOKO, AssignmentRole.HELPER)
    told.follow("siti", "2026-06-01", JOKO)
    told.enrol("siti", "2024-01-15", "pkh", "sembako")
    for period, decile in (("2024-Q4", 2), ("2025-Q3", 4), ("2025-Q1", 3), ("2025-Q4", 5)):
        told.rank("siti", "2026-01-10", period, decile)
    for on, band, criteria in (
        ("2025-11-01", IncomeBand.FROM_3M_TO_5M, (Criterion.SAVINGS, Criterion.OWN_BUSINESS)),
        ("2025-02-01", IncomeBand.UNDER_1M, ()),
    ):
        app.assess(siti, by(SARI, on), has_business=bool(criteria), income_band=band, criteria=criteria)
    for on, period in (("2025-01-20", "2025-Q1"), ("2025-04-20", "2025-Q2"), ("2025-07-20", "2025-Q3")):
        told.pay("siti", on, period)
    told.pay("siti", "2025-07-05", "2025-07", "sembako", 200_000)
    app.reverse_assistance(
        siti,
        by(OFFICER, "2025-08-01"),
        programme="pkh",
        period="2025-Q3",
        reference="pkh-2025-Q3",
        reason=ReversalReason.WRONG_AMOUNT,
    )
    app.reverse_assistance(
        siti,
        by(OFFICER, "2025-08-01"),
        programme="pkh",
        period="2025-Q2",
        reference="pkh-2025-Q2",
        reason=ReversalReason.NOT_COLLECTED,
    )
    for on, purpose, result in (
        ("2025-05-05", VisitPurpose.FAMILY_SESSION, VisitResult.DONE),
        ("2025-11-01", VisitPurpose.VERIFICATION, VisitResult.CONFIRMED),
        ("2026-02-10", VisitPurpose.AFTERCARE, VisitResult.STABLE),
    ):
        app.visit(siti, by(SARI, on), purpose=purpose, result=result)
    told.propose("siti", "siti-1", "2025-11-02", "pkh")
    app.return_graduation(siti, by(OFFICER, "2025-11-05"), named("siti-1"), reason=ReturnReason.VISIT_NEEDED)
    told.propose("siti", "siti-1", "2025-11-20", "pkh")
    app.verify_graduation(siti, by(OFFICER, "2025-11-25"), named("siti-1"))
    told.graduate("siti", "siti-1", "2025-12-01")
    told.propose("siti", "siti-2", "2026-01-02", "sembako", kind=GraduationKind.NATURAL)
    told.graduate("siti", "siti-2", "2026-01-05")
    told.refer("siti", "siti-loan", "2026-02-01")
    bank, loan = BANK, named("siti-loan")
    app.receive(loan, by(bank, "2026-02-02"))
    app.accept(loan, by(bank, "2026-02-03"), next_by=due("2026-03-03"))
    app.schedule(loan, by(bank, "2026-02-04"), appointment=day("2026-02-10"), next_by=due("2026-03-10"))
    app.miss(loan, by(bank, "2026-02-10"), next_by=due("2026-03-12"))
    app.schedule(loan, by(bank, "2026-02-11"), appointment=day("2026-02-15"), next_by=due("2026-03-15"))
    app.attend(loan, by(bank, "2026-02-15"), next_by=due("2026-03-15"))
    app.start(loan, by(bank, "2026-02-20"), next_by=due("2026-05-20"))
    app.pass_deadline(loan, by(CLOCK, "2026-05-21"))
    app.complete(loan, by(bank, "2026-06-01"), outcome=ReferralOutcome.CAPITAL_DISBURSED, amount=5_000_000)
    told.enrol("siti", "2026-06-10", "pkh")


def wati(told: Teller) -> None:
    """Rejected, withdrawn, graduated, revoked, graduated again, discontinued; declines a connection; moves, leaves."""
    app, by, wati = told.app, told.by, named("wati")
    told.register("wati", "2024-02-10", "wati-head", by=JOKO)
    told.enrol("wati", "2024-02-15", "sembako", "pkh")
    told.rank("wati", "2025-05-01", "2025-Q2", None)
    told.propose("wati", "wati-1", "2025-03-01", "sembako", by=JOKO)
    app.reject_graduation(wati, by(OFFICER, "2025-03-05"), named("wati-1"), reason=RejectionReason.STILL_ELIGIBLE)
    told.propose("wati", "wati-2", "2025-04-01", "sembako", by=JOKO)
    app.withdraw_graduation(wati, by(JOKO, "2025-04-02"), named("wati-2"))
    told.propose("wati", "wati-3", "2025-05-01", "sembako", by=JOKO)
    told.graduate("wati", "wati-3", "2025-05-10")
    app.revoke_graduation(
        wati, by(MINISTRY, "2025-06-01"), named("wati-3"), reason=RevocationReason.DETERMINED_IN_ERROR
    )
    told.follow("wati", "2025-06-05", JOKO)
    told.propose("wati", "wati-4", "2025-09-01", "sembako", by=JOKO)
    told.graduate("wati", "wati-4", "2025-09-05")
    app.decline_connection(wati, by(JOKO, "2025-09-10"), reason=ConnectionDeclinedReason.SELF_SUFFICIENT)
    app.discontinue(wati, by(OFFICER, "2025-10-01"), programme="pkh", reason=DiscontinuationReason.DATA_MISMATCH)
    address = told.sealed("Jalan Baru 2", "wati", "wati", "address")
    app.move(wati, by(JOKO, "2025-11-01"), region="33.24.04.2005", address=address)
    app.leave(wati, by(JOKO, "2026-01-15"), reason=HouseholdLeftReason.MOVED_ABROAD)
    reason, erasure = ErasureReason.OWN_REQUEST, named("wati-erasure")
    app.request_erasure(wati, by(ANOTHER_MINISTRY, "2026-01-31"), erasure, member=None, reason=reason)
    app.confirm_erasure(wati, by(MINISTRY, "2026-02-01"), erasure)


def budi(told: Teller) -> None:
    """Sent from one agency to the next: declined, redirected, refused to be cancelled, failed, settled, expired."""
    app, by = told.app, told.by
    told.register("budi", "2024-05-01", "budi-head", region="33.24.04.2005")
    told.follow("budi", "2024-05-01")
    told.enrol("budi", "2024-05-01", "pkh", "pena")
    told.rank("budi", "2026-04-01", "2026-Q1", 4)
    told.refer("budi", "first", "2026-01-05", respond_by="2026-01-20")
    app.pass_deadline(named("first"), by(CLOCK, "2026-01-21"))
    app.request_information(named("first"), by(BANK, "2026-01-22"), information=(Information.BUSINESS_DETAILS,))
    app.supply_information(named("first"), by(SARI, "2026-01-25"), deadline=due("2026-02-10"))
    app.decline(named("first"), by(BANK, "2026-02-01"), reason=ReferralReason.NOT_ELIGIBLE)
    app.redirect(
        named("first"),
        by(SARI, "2026-02-02"),
        named("second"),
        service=named("training"),
        need=told.sealed("Pelatihan", "budi", "second", "need"),
        legal_basis=LegalBasis.STATUTORY_DUTY,
        respond_by=due("2026-02-20"),
        expires_on=day("2026-03-20"),
    )
    second = named("second")
    app.accept(second, by(CENTRE, "2026-02-10"), next_by=due("2026-03-10"))
    app.cancel(second, by(SARI, "2026-02-15"), reason=ReferralReason.NO_LONGER_NEEDED, cancel_by=due("2026-02-25"))
    app.refuse_cancellation(second, by(CENTRE, "2026-02-16"))
    app.fail(second, by(CENTRE, "2026-03-01"), reason=ReferralReason.NO_CAPACITY)
    app.settle(second, by(SARI, "2026-03-05"), reason=ReferralReason.HOUSEHOLD_REFUSED)
    told.refer("budi", "third", "2026-04-01", respond_by="2026-04-20")
    app.cancel(named("third"), by(SARI, "2026-04-05"), reason=ReferralReason.DUPLICATE, cancel_by=due("2026-04-12"))
    app.pass_deadline(named("third"), by(CLOCK, "2026-04-13"))
    told.refer("budi", "fourth", "2026-05-01", "training", respond_by="2026-05-20")
    app.pass_deadline(named("fourth"), by(CLOCK, "2026-05-21"))
    app.pass_deadline(named("fourth"), by(CLOCK, "2026-06-29"))
    told.refer("budi", "fifth", "2026-06-30", previous="fourth")


def rina(told: Teller) -> None:
    """Registered by Sari and followed by nobody yet; graduates without a lead facilitator."""
    told.register("rina", "2025-01-05", "rina-head")
    told.enrol("rina", "2025-01-06", "sembako")
    told.propose("rina", "rina-1", "2026-03-01", "sembako")
    told.graduate("rina", "rina-1", "2026-03-03")


def yuni(told: Teller) -> None:
    """Her proposal waits for its second step."""
    told.register("yuni", "2025-02-01", "yuni-head")
    told.follow("yuni", "2025-02-01")
    told.enrol("yuni", "2025-02-02", "pkh")
    told.propose("yuni", "yuni-1", "2026-06-10", "pkh")
    told.app.verify_graduation(named("yuni"), told.by(OFFICER, "2026-06-15"), named("yuni-1"))


def second_thoughts(told: Teller) -> None:
    """Budi's consent is recorded and taken back; the erasure of Yuni's data is requested and withdrawn."""
    app, by = told.app, told.by
    reference = told.sealed("Surat 12/2026", "budi", "fifth", "basis_reference")
    app.record_basis(named("fifth"), by(SARI, "2026-07-01"), legal_basis=LegalBasis.CONSENT, basis_reference=reference)
    app.withdraw_basis(named("fifth"), by(SARI, "2026-07-02"))
    erasure = named("yuni-erasure")
    app.request_erasure(
        named("yuni"), by(MINISTRY, "2026-07-01"), erasure, member=None, reason=ErasureReason.OWN_REQUEST
    )
    app.withdraw_erasure(named("yuni"), by(MINISTRY, "2026-07-02"), erasure)


CHAPTERS: tuple[Callable[[Teller], None], ...] = (directories, siti, wati, budi, rina, yuni, second_thoughts)


def tell(application: Rujukan, sealer: Sealer) -> None:
    told = Teller(application, sealer)
    for chapter in CHAPTERS:
        chapter(told)
