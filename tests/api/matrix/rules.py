"""Who may use which route, on which record; a route without a rule here fails the matrix."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.api.matrix.records import (
    Making,
    Side,
    a_service,
    attested,
    graduated,
    household,
    of_agency,
    of_facilitator,
    of_programme,
    paid,
    proposed,
    proposed_by_caller,
    proposed_in_two_steps,
    referral,
    someone_in_office,
    with_erasure,
    with_member,
)
from tests.api.rig import a_member, need, registration

SENDERS = frozenset({"facilitator", "regional_officer", "programme_officer"})
OFFICERS = frozenset({"regional_officer", "programme_officer"})
MINISTRY = frozenset({"programme_officer"})
AGENCIES = frozenset({"agency_officer", "agency_system"})
ADMINISTRATOR = frozenset({"administrator"})
AUDITOR = frozenset({"auditor"})
ANYONE = SENDERS | AGENCIES | ADMINISTRATOR | AUDITOR | {"analyst"}

Body = Callable[[Side], Mapping[str, Any]]


def says(**content: Any) -> Body:
    return lambda side: content


def nothing(side: Side) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Rule:
    """`may`: the roles that are let in; `record`: how what the path names is made, None where it names nothing.

    Of a `public` record there is no foreign one for the roles in `may`; `unscoped` ones see every record there is.
    """

    may: frozenset[str]
    record: Making | None = None
    body: Body = nothing
    file: str | None = None
    """What is sent instead of a body of JSON."""
    public: bool = False
    unscoped: frozenset[str] = frozenset({"programme_officer", "administrator", "auditor"})
    open: bool = False
    """Needs no identity."""

    def scoped(self, role: str) -> bool:
        return self.record is not None and not self.public and role in self.may - self.unscoped


def sent(side: Side) -> Mapping[str, Any]:
    return need(side.service)


OTHERWISE = {"reason": "other", "note": "Sudah pindah"}
PLAN = {"year": 2026, "measure": "graduations", "planned": 12}
OFFER = {"name": "Modal usaha", "kind": "capital", "response_days": 5}
PROGRAMME = {"name": "Baru", "cluster": "protection", "frequency": "monthly", "graduable": True, "relapse": False}

HOUSEHOLDS = {
    "POST /v1/households": Rule(SENDERS, body=lambda side: registration(region=side.village)),
    "GET /v1/households": Rule(SENDERS),
    "POST /v1/households/lookup": Rule(SENDERS, body=says(kk="3324040101109999")),
    "GET /v1/households/{id}": Rule(SENDERS, household),
    "GET /v1/households/{id}/history": Rule(SENDERS | AUDITOR, household),
    "GET /v1/households/{id}/assistance": Rule(SENDERS, paid),
    "GET /v1/households/{id}/actions": Rule(SENDERS, household),
    "POST /v1/households/{id}/assistance": Rule(
        SENDERS,
        household,
        says(
            programme="sembako", period="2026-Q2", channel="kks", amount=1000, paid_on="2026-05-01", reference="SP2D-9"
        ),
    ),
    "POST /v1/households/{id}/assistance/{reference}/reverse": Rule(
        SENDERS, paid, says(programme="sembako", period="2026-Q1", reason="duplicate")
    ),
    "POST /v1/households/{id}/members": Rule(SENDERS, household, lambda side: a_member(head=False)),
    "POST /v1/households/{id}/members/{mid}/leave": Rule(SENDERS, with_member, says(reason="married")),
    "POST /v1/households/{id}/members/{mid}/assessments": Rule(SENDERS, with_member, says(disability="Tuli")),
    "POST /v1/households/{id}/ranks": Rule(SENDERS, household, says(decile=3, period="2026-Q1")),
    "POST /v1/households/{id}/assessments": Rule(
        SENDERS, household, says(has_business=True, income_band="over_5m", income=6_000_000, note="Warung")
    ),
    "POST /v1/households/{id}/assignments": Rule(SENDERS, household, lambda side: {"facilitator": side.facilitator}),
    "POST /v1/households/{id}/enrolments": Rule(SENDERS, household, says(programme="pbi_jk")),
    "POST /v1/households/{id}/visits": Rule(
        SENDERS, household, says(purpose="verification", result="done", note="Rumah kosong")
    ),
    "POST /v1/households/{id}/discontinuations": Rule(
        SENDERS, household, says(programme="sembako", reason="ineligible")
    ),
    "POST /v1/households/{id}/moves": Rule(
        SENDERS, household, lambda side: {"region": side.village, "address": "Dukuh Sari RT 01"}
    ),
    "POST /v1/households/{id}/leave": Rule(SENDERS, household, says(reason="own_request")),
    "POST /v1/households/{id}/connection-declined": Rule(SENDERS, graduated, says(reason="no_interest")),
    "POST /v1/households/{id}/referrals": Rule(SENDERS, household, sent),
    "POST /v1/households/{id}/erasures": Rule(MINISTRY, household, says(reason="own_request")),
    "POST /v1/households/{id}/erasures/{eid}/confirm": Rule(MINISTRY, with_erasure),
    "POST /v1/households/{id}/erasures/{eid}/withdraw": Rule(MINISTRY, with_erasure),
}
GRADUATIONS = {
    "POST /v1/households/{id}/graduations": Rule(
        SENDERS, household, says(kind="independent", programmes=["sembako"], evidence=["home_visit"], note="Warung")
    ),
    "POST /v1/households/{id}/graduations/{gid}/verify": Rule(frozenset({"regional_officer"}), proposed_in_two_steps),
    "POST /v1/households/{id}/graduations/{gid}/approve": Rule(OFFICERS, proposed),
    "POST /v1/households/{id}/graduations/{gid}/return": Rule(OFFICERS, proposed, says(reason="evidence_unclear")),
    "POST /v1/households/{id}/graduations/{gid}/reject": Rule(OFFICERS, proposed, says(reason="still_eligible")),
    "POST /v1/households/{id}/graduations/{gid}/withdraw": Rule(SENDERS, proposed_by_caller),
    "POST /v1/households/{id}/graduations/{gid}/revoke": Rule(
        OFFICERS, graduated, says(reason="determined_in_error", note="Keliru")
    ),
    "GET /v1/graduations": Rule(SENDERS | AUDITOR | {"analyst"}),
    "GET /v1/graduations/proposals": Rule(SENDERS),
}
ACCEPTED, SCHEDULED, IN_SERVICE = ("accept",), ("accept", "schedule"), ("accept", "start")
REFERRALS = {
    "GET /v1/referrals": Rule(SENDERS | AGENCIES),
    "GET /v1/referrals/{id}": Rule(SENDERS | AGENCIES, referral()),
    "GET /v1/referrals/{id}/actions": Rule(SENDERS | AGENCIES, referral()),
    "POST /v1/referrals/{id}/received": Rule(AGENCIES, referral()),
    "POST /v1/referrals/{id}/request-information": Rule(AGENCIES, referral(), says(information=["other"])),
    "POST /v1/referrals/{id}/supply-information": Rule(SENDERS, referral("request-information"), says(note="KTP")),
    "POST /v1/referrals/{id}/accept": Rule(AGENCIES, referral()),
    "POST /v1/referrals/{id}/decline": Rule(AGENCIES, referral(), says(**OTHERWISE)),
    "POST /v1/referrals/{id}/schedule": Rule(AGENCIES, referral(*ACCEPTED), says(appointment="2026-06-20")),
    "POST /v1/referrals/{id}/attend": Rule(AGENCIES, referral(*SCHEDULED)),
    "POST /v1/referrals/{id}/miss": Rule(AGENCIES, referral(*SCHEDULED)),
    "POST /v1/referrals/{id}/start": Rule(AGENCIES, referral(*ACCEPTED)),
    "POST /v1/referrals/{id}/complete": Rule(AGENCIES, referral(*IN_SERVICE), says(outcome="business_started")),
    "POST /v1/referrals/{id}/fail": Rule(AGENCIES, referral(*ACCEPTED), says(**OTHERWISE)),
    "POST /v1/referrals/{id}/cancel": Rule(SENDERS, referral(), says(**OTHERWISE)),
    "POST /v1/referrals/{id}/confirm-cancellation": Rule(AGENCIES, referral(cancelled=True)),
    "POST /v1/referrals/{id}/refuse-cancellation": Rule(AGENCIES, referral(cancelled=True)),
    "POST /v1/referrals/{id}/redirect": Rule(SENDERS, referral("decline"), sent),
    "POST /v1/referrals/{id}/legal-basis": Rule(
        SENDERS, referral(), says(legal_basis="consent", basis_reference="SP-2026-7")
    ),
    "POST /v1/referrals/{id}/withdraw-basis": Rule(SENDERS, referral()),
    "POST /v1/referrals/{id}/settle": Rule(SENDERS, referral("decline"), says(**OTHERWISE)),
    "GET /v1/follow-up": Rule(SENDERS | AGENCIES),
    "GET /v1/feed": Rule(AGENCIES),
    "GET /v1/feed/referrals.csv": Rule(AGENCIES),
    "POST /v1/feed/replies": Rule(AGENCIES, file=f"referral,action\r\n{uuid4()},accept\r\n"),
}
DIRECTORIES = {
    "POST /v1/facilitators": Rule(ADMINISTRATOR, body=says(name="Budi Santoso", pillar="tksk", region="33.24")),
    "GET /v1/facilitators": Rule(SENDERS | ADMINISTRATOR),
    "GET /v1/facilitators/{id}": Rule(SENDERS | ADMINISTRATOR, of_facilitator),
    "GET /v1/facilitators/{id}/caseload": Rule(SENDERS, of_facilitator),
    "GET /v1/facilitators/{id}/candidates": Rule(SENDERS, of_facilitator),
    "POST /v1/facilitators/{id}/plans": Rule(ADMINISTRATOR | {"facilitator"}, of_facilitator, says(**PLAN)),
    "POST /v1/facilitators/{id}/retire": Rule(ADMINISTRATOR, someone_in_office),
    "POST /v1/programmes": Rule(ADMINISTRATOR, body=lambda side: {**PROGRAMME, "code": f"p{uuid4().hex[:8]}"}),
    "GET /v1/programmes": Rule(ANYONE),
    "GET /v1/programmes/{code}": Rule(ANYONE, of_programme, public=True),
    "POST /v1/agencies": Rule(ADMINISTRATOR, body=says(name="BAZNAS Batang", kind="philanthropy")),
    "GET /v1/agencies": Rule(ANYONE),
    "GET /v1/agencies/{id}": Rule(ANYONE, of_agency, public=True),
    "POST /v1/services": Rule(ADMINISTRATOR, body=lambda side: {**OFFER, "agency": side.agency}),
    "GET /v1/services": Rule(ANYONE),
    "POST /v1/services/{id}": Rule(ADMINISTRATOR, a_service, says(**OFFER)),
    "GET /v1/services/{id}": Rule(ANYONE, a_service, public=True),
    "POST /v1/services/{id}/withdraw": Rule(ADMINISTRATOR, a_service),
    "POST /v1/targets": Rule(ADMINISTRATOR, body=says(year=2027, pillar="pkh", measure="visits", minimum=9)),
    "GET /v1/targets": Rule(ANYONE),
}
AUDIT = {
    "GET /v1/refusals": Rule(AUDITOR),
    "GET /v1/audit/log": Rule(AUDITOR),
    "GET /v1/audit/log/checkpoint": Rule(AUDITOR, attested),
    "GET /v1/audit/log/tile/{path}": Rule(AUDITOR, attested),
    "GET /v1/audit/readings": Rule(AUDITOR),
    "GET /v1/audit/reports": Rule(AUDITOR),
}
HEALTH = {f"GET /{path}": Rule(ANYONE, open=True) for path in ("livez", "readyz", "metrics")}
RULES: dict[str, Rule] = {**HOUSEHOLDS, **GRADUATIONS, **REFERRALS, **DIRECTORIES, **AUDIT, **HEALTH}
