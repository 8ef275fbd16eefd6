"""One event of each topic, every field filled: what the golden files must load as, for as long as Rujukan lives.

A topic that is new gets its line here and its file with `python -m tests.golden.examples`, which never changes a file
that exists: a stored form is a promise.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import JSONTranscoder

from domain.aggregate import Initial, RecordedEvent
from domain.codes import (
    AgencyKind,
    AssignmentRole,
    Channel,
    Cluster,
    ConnectionDeclinedReason,
    Criterion,
    DiscontinuationReason,
    ErasureReason,
    ErasureScope,
    Evidence,
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
from domain.events import AGGREGATES, event_classes
from domain.programme import Terms
from domain.referral_table import State
from domain.service import Offer
from domain.values import Sealed
from infra.event_log.mapper import EventMapper

FOLDER = Path(__file__).parent


def uid(number: int) -> UUID:
    return UUID(f"00000000-0000-4000-8000-{number:012d}")


def box(key: UUID, text: str) -> Sealed:
    return Sealed(key, b"\x01" + text.encode())


STREAM, MEMBER, GRADUATION, FACILITATOR, AGENCY, SERVICE, REFERRAL, PREVIOUS = (uid(n) for n in range(1, 9))
HOUSEHOLD = uid(9)
DAY, LATER = date(2026, 3, 31), date(2026, 4, 15)
NOTE = box(STREAM, "note")
PKH = Terms("Program Keluarga Harapan", Cluster.PROTECTION, 4, Frequency.QUARTERLY, True, True, 2)
OFFER = Offer("Modal usaha", ServiceKind.CAPITAL, ("33.24", "33.25"), 5, 5, True, 20, "2026")
PROGRESS = {"next_by": LATER, "calendar": "official"}

CONTENT: dict[str, dict[str, Any]] = {
    "household.registered.v1": {
        "region": "33.24.04.2007",
        "kk": box(STREAM, "kk"),
        "address": box(STREAM, "address"),
    },
    "household.member_joined.v1": {
        "member": MEMBER,
        "nik": box(MEMBER, "nik"),
        "name": box(MEMBER, "name"),
        "birth_date": box(MEMBER, "birth_date"),
        "head": True,
        "warnings": ("birth-date-mismatch",),
    },
    "household.member_left.v1": {"member": MEMBER, "reason": MemberLeftReason.MARRIED},
    "household.member_assessed.v1": {
        "member": MEMBER,
        "details": box(MEMBER, "details"),
        "pas_class": PasClass.PROTECTED,
    },
    "household.ranked.v1": {"decile": 3, "period": "2026-Q1", "source": "dtsen"},
    "household.assessed.v1": {
        "has_business": True,
        "income_band": IncomeBand.FROM_2M_TO_3M,
        "criteria": (Criterion.OWN_BUSINESS, Criterion.SAVINGS),
        "income": box(STREAM, "income"),
        "note": NOTE,
    },
    "household.assigned.v1": {"facilitator": FACILITATOR, "role": AssignmentRole.LEAD, "effective": LATER},
    "household.enrolled.v1": {"programme": "pkh", "rule_version": 2, "warnings": ("decile-above-limit",)},
    "household.re_enrolled.v1": {
        "programme": "sembako",
        "rule_version": 1,
        "graduation": GRADUATION,
        "warnings": ("decile-above-limit",),
    },
    "household.assisted.v1": {
        "programme": "pkh",
        "period": "2026-Q1",
        "channel": Channel.KKS,
        "amount": 600000,
        "paid_on": DAY,
        "reference": "SP2D-0001",
    },
    "household.assistance_reversed.v1": {
        "programme": "pkh",
        "period": "2026-Q1",
        "reference": "SP2D-0001",
        "reason": ReversalReason.NOT_COLLECTED,
    },
    "household.visited.v1": {"purpose": VisitPurpose.AFTERCARE, "result": VisitResult.STABLE, "note": NOTE},
    "household.graduation_proposed.v1": {
        "graduation": GRADUATION,
        "kind": GraduationKind.INDEPENDENT,
        "programmes": ("pkh", "sembako"),
        "evidence": (Evidence.HOME_VISIT, Evidence.HOUSEHOLD_STATEMENT),
        "own_request": True,
        "steps": 2,
        "note": NOTE,
    },
    "household.graduation_returned.v1": {
        "graduation": GRADUATION,
        "reason": ReturnReason.EVIDENCE_UNCLEAR,
        "note": NOTE,
    },
    "household.graduation_rejected.v1": {
        "graduation": GRADUATION,
        "reason": RejectionReason.STILL_ELIGIBLE,
        "note": NOTE,
    },
    "household.graduation_withdrawn.v1": {"graduation": GRADUATION},
    "household.graduation_verified.v1": {"graduation": GRADUATION},
    "household.graduated.v1": {
        "graduation": GRADUATION,
        "kind": GraduationKind.NATURAL,
        "programmes": ("pkh",),
        "facilitator": FACILITATOR,
        "region": "33.24.04.2007",
    },
    "household.graduation_revoked.v1": {
        "graduation": GRADUATION,
        "reason": RevocationReason.APPEAL_UPHELD,
        "note": NOTE,
    },
    "household.discontinued.v1": {"programme": "pkh", "reason": DiscontinuationReason.MOVED_ABROAD},
    "household.referred.v1": {"referral": REFERRAL, "agency": AGENCY, "service": SERVICE, "member": MEMBER},
    "household.connection_declined.v1": {"reason": ConnectionDeclinedReason.SELF_SUFFICIENT},
    "household.moved.v1": {"region": "33.24.04.2005", "address": box(STREAM, "address")},
    "household.left.v1": {"reason": HouseholdLeftReason.MERGED},
    "household.erasure_requested.v1": {
        "erasure": GRADUATION,
        "scope": ErasureScope.PERSON,
        "reason": ErasureReason.COURT_ORDER,
        "member": MEMBER,
    },
    "household.erasure_withdrawn.v1": {"erasure": GRADUATION, "scope": ErasureScope.PERSON, "member": MEMBER},
    "household.personal_data_erased.v1": {"scope": ErasureScope.HOUSEHOLD, "keys": (STREAM, MEMBER)},
    "referral.sent.v1": {
        "agency": AGENCY,
        "service": SERVICE,
        "need": box(HOUSEHOLD, "need"),
        "legal_basis": LegalBasis.CONSENT,
        "respond_by": LATER,
        "expires_on": date(2026, 5, 15),
        "calendar": "provisional",
        "region": "33.24.04.2007",
        "member": MEMBER,
        "basis_reference": box(HOUSEHOLD, "basis_reference"),
        "previous": PREVIOUS,
        "warnings": ("not-graduated",),
    },
    "referral.basis_recorded.v1": {
        "legal_basis": LegalBasis.STATUTORY_DUTY,
        "basis_reference": box(HOUSEHOLD, "basis_reference"),
        "legal_rule": "UU 13/2011 pasal 7",
    },
    "referral.basis_withdrawn.v1": {},
    "referral.received.v1": {},
    "referral.information_requested.v1": {
        "information": (Information.BUSINESS_DETAILS, Information.CONSENT_LETTER),
        "note": NOTE,
    },
    "referral.information_supplied.v1": {"respond_by": LATER, "calendar": "official", "note": NOTE},
    "referral.accepted.v1": PROGRESS,
    "referral.declined.v1": {"reason": ReferralReason.NO_BUDGET, "note": NOTE},
    "referral.scheduled.v1": {**PROGRESS, "appointment": date(2026, 4, 7)},
    "referral.attended.v1": PROGRESS,
    "referral.missed.v1": PROGRESS,
    "referral.service_started.v1": PROGRESS,
    "referral.completed.v1": {"outcome": ReferralOutcome.CAPITAL_DISBURSED, "amount": 5000000, "note": NOTE},
    "referral.failed.v1": {"reason": ReferralReason.UNABLE_TO_CONTACT, "note": NOTE},
    "referral.cancellation_requested.v1": {
        "reason": ReferralReason.NO_LONGER_NEEDED,
        "before": State.SCHEDULED,
        "cancel_by": LATER,
        "calendar": "official",
        "note": NOTE,
    },
    "referral.cancelled.v1": {},
    "referral.cancellation_refused.v1": {"back_to": State.SCHEDULED},
    "referral.redirected.v1": {"to": PREVIOUS},
    "referral.settled.v1": {"reason": ReferralReason.HOUSEHOLD_REFUSED, "note": NOTE},
    "referral.response_overdue.v1": {"respond_by": LATER},
    "referral.progress_overdue.v1": {"next_by": LATER},
    "referral.expired.v1": {},
    "programme.defined.v1": {"code": "pkh", "terms": PKH},
    "programme.changed.v1": {"code": "pkh", "terms": PKH, "rule_version": 2},
    "agency.registered.v1": {"name": "Bank Rakyat Indonesia", "kind": AgencyKind.STATE_ENTERPRISE},
    "service.published.v1": {"agency": AGENCY, "offer": OFFER},
    "service.changed.v1": {"agency": AGENCY, "offer": OFFER},
    "service.withdrawn.v1": {"agency": AGENCY},
    "facilitator.appointed.v1": {"name": box(STREAM, "name"), "pillar": Pillar.PKH, "region": "33.24.04"},
    "facilitator.planned.v1": {"year": 2026, "measure": Measure.GRADUATIONS, "planned": 12},
    "facilitator.retired.v1": {},
    "target.set.v1": {
        "year": 2026,
        "pillar": Pillar.PKH,
        "measure": Measure.GRADUATIONS,
        "minimum": 10,
        "kinds": (GraduationKind.INDEPENDENT,),
        "revision": 1,
    },
}


def example(topic: str) -> RecordedEvent:
    """The event of this topic with the content above and the same circumstances as all others."""
    cls = event_classes()[topic]
    content = dict(CONTENT[topic])
    if topic.startswith("referral."):
        content["household"] = HOUSEHOLD
    if issubclass(cls, Initial):
        content["originator_topic"] = topic.partition(".")[0]
    return cls(
        originator_id=STREAM,
        originator_version=1 if issubclass(cls, Initial) else 7,
        timestamp=datetime(2026, 3, 31, 3, 4, 5, 678901, tzinfo=UTC),
        on=DAY,
        by="actor-1",
        caused_by=uid(10),
        **content,
    )


def golden_file(topic: str) -> Path:
    return FOLDER / f"{topic}.json"


def write_missing() -> None:
    assert {a.TOPIC for a in AGGREGATES} == {t.partition(".")[0] for t in CONTENT}
    for topic in CONTENT:
        if not golden_file(topic).exists():
            golden_file(topic).write_bytes(EventMapper(JSONTranscoder()).to_stored_event(example(topic)).state)


if __name__ == "__main__":
    write_missing()
