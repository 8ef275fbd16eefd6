"""How families of the sample leave assistance, and how some of them come back."""

from datetime import date, timedelta

from domain.codes import (
    ConnectionDeclinedReason,
    Evidence,
    GraduationKind,
    IncomeBand,
    RejectionReason,
    ReturnReason,
    RevocationReason,
    VisitPurpose,
    VisitResult,
)
from domain.values import Actor
from infra.sample.directories import PKH
from infra.sample.family import Family
from infra.sample.hands import Hands
from infra.sample.identities import PROGRAMME_OFFICER
from infra.sample.routine import MET, assess
from infra.sample.spans import months_before, office_day

FROM_PROPOSAL = 21
"""Days from a proposal to its determination."""
EVIDENCE = {
    GraduationKind.INDEPENDENT: (Evidence.HOUSEHOLD_STATEMENT, Evidence.HOME_VISIT, Evidence.DTSEN_PERIOD),
    GraduationKind.NATURAL: (Evidence.HOME_VISIT, Evidence.VILLAGE_LETTER),
}
INDEPENDENT, NATURAL = GraduationKind.INDEPENDENT, GraduationKind.NATURAL


def graduate(
    family: Family,
    day: date,
    programmes: tuple[str, ...] = (PKH,),
    kind: GraduationKind = INDEPENDENT,
    *,
    returned: ReturnReason | None = None,
    own_request: bool = False,
) -> None:
    """Proposed three weeks before and determined on this day, verified between where PKH is left; with aftercare."""
    proposed = office_day(day - timedelta(days=FROM_PROPOSAL))
    propose(family, proposed, programmes, kind, own_request=own_request)
    if returned is not None:
        give_back(family, office_day(proposed + timedelta(days=4)), returned)
        propose_again(family, proposed + timedelta(days=8), programmes, kind, own_request=own_request)
    if PKH in programmes:
        verify(family, office_day(day - timedelta(days=7)))
    family.on(day, lambda hands, on: approve(hands, on, decider_of(family, programmes)))
    _aftercare(family, day)


def decider_of(family: Family, programmes: tuple[str, ...]) -> Actor:
    """Who determines: the ministry after two steps, the social office after one."""
    return PROGRAMME_OFFICER if PKH in programmes else family.officer


def propose(
    family: Family,
    day: date,
    programmes: tuple[str, ...] = (PKH,),
    kind: GraduationKind = INDEPENDENT,
    *,
    own_request: bool = False,
) -> None:
    """With the visit and the assessment that go before."""
    visited = day - timedelta(days=6)
    note = "Keluarga siap mandiri dan mengerti akibatnya." if kind is INDEPENDENT else "Tidak ada lagi komponen PKH."
    family.on(visited, lambda hands, on: hands.visit(on, VisitPurpose.VERIFICATION, VisitResult.CONFIRMED, note))
    if kind is NATURAL:
        family.on(visited, lambda hands, on: hands.assess_again(on))
    if kind is INDEPENDENT:
        assess(family, day - timedelta(days=5), prospering=True)
    family.on(day, lambda hands, on: _propose(hands, on, programmes, kind, own_request=own_request))


def propose_again(
    family: Family, day: date, programmes: tuple[str, ...], kind: GraduationKind, *, own_request: bool = False
) -> None:
    """A returned proposal, with a letter of the village."""
    family.on(day, lambda hands, on: _propose(hands, on, programmes, kind, own_request=own_request, more=True))


def _propose(
    hands: Hands,
    on: date,
    programmes: tuple[str, ...],
    kind: GraduationKind,
    *,
    own_request: bool,
    more: bool = False,
) -> None:
    evidence = (*EVIDENCE[kind], Evidence.VILLAGE_LETTER) if more else EVIDENCE[kind]
    hands.world.application.propose_graduation(
        hands.family.id,
        hands.command(hands.lead(on), on),
        hands.family.graduation,
        kind=kind,
        programmes=programmes,
        evidence=evidence,
        own_request=own_request,
        note=hands.note("Surat keterangan desa dilampirkan." if more else None),
    )


def approve(hands: Hands, on: date, by: Actor) -> None:
    hands.world.application.approve_graduation(hands.family.id, hands.command(by, on), hands.family.graduation)


def verify(family: Family, day: date) -> None:
    family.on(
        day,
        lambda hands, on: hands.world.application.verify_graduation(
            family.id, hands.command(family.officer, on), family.graduation
        ),
    )


def give_back(family: Family, day: date, reason: ReturnReason) -> None:
    family.on(
        day,
        lambda hands, on: hands.world.application.return_graduation(
            family.id,
            hands.command(family.officer, on),
            family.graduation,
            reason=reason,
            note=hands.note("Mohon dilengkapi."),
        ),
    )


def reject(family: Family, day: date, reason: RejectionReason) -> None:
    family.on(
        day,
        lambda hands, on: hands.world.application.reject_graduation(
            family.id,
            hands.command(family.officer, on),
            family.graduation,
            reason=reason,
            note=hands.note("Hasil musyawarah desa."),
        ),
    )


def withdraw(family: Family, day: date) -> None:
    family.on(
        day,
        lambda hands, on: hands.world.application.withdraw_graduation(
            family.id, hands.command(hands.lead(on), on), family.graduation
        ),
    )


def revoke(family: Family, day: date, reason: RevocationReason) -> None:
    family.on(
        day,
        lambda hands, on: hands.world.application.revoke_graduation(
            family.id, hands.command(PROGRAMME_OFFICER, on), family.graduation, reason=reason
        ),
    )


def come_back(family: Family, day: date, programme: str = PKH) -> None:
    """A relapse."""
    family.on(day, lambda hands, on: hands.enrol(on, programme))


def _aftercare(family: Family, day: date) -> None:
    for months in (3, 6, 12):
        result = VisitResult.AT_RISK if family.chance.random() < 0.15 else VisitResult.STABLE
        _look_after(family, months_before(day, -months), result)


def _look_after(family: Family, day: date, result: VisitResult) -> None:
    """Only while the graduation stands."""

    def deed(hands: Hands, on: date) -> None:
        if hands.household.status == "graduated":
            hands.visit(on, VisitPurpose.AFTERCARE, result)

    family.on(day, deed)


def assess_ready(family: Family, day: date) -> None:
    """An assessment that finds every criterion met."""
    family.on(
        day,
        lambda hands, on: hands.assess(
            on,
            has_business=True,
            band=IncomeBand.FROM_3M_TO_5M,
            criteria=MET,
            income=4_200_000,
            note="Usaha keripik singkong, dua karyawan.",
        ),
    )


def decline_connection(family: Family, day: date, reason: ConnectionDeclinedReason) -> None:
    """Only while the graduation stands."""

    def deed(hands: Hands, on: date) -> None:
        if hands.household.graduations:
            hands.decline_connection(on, reason)

    family.on(day, deed)
