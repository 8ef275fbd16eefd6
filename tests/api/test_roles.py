"""Which role may use which route at all."""

import pytest

from tests.api.rig import ADMINISTRATOR, ANALYST, AUDITOR, MINISTRY, OFFICER, Rig, identity

NOBODY = "2f0cbe30-8d43-4a4e-a6a0-2f3c6d4e5f60"
CALLERS = {
    "facilitator": identity("f", "facilitator", NOBODY),
    "regional_officer": OFFICER,
    "programme_officer": MINISTRY,
    "analyst": ANALYST,
    "agency_officer": identity("a", "agency_officer", NOBODY),
    "agency_system": identity("s", "agency_system", NOBODY),
    "auditor": AUDITOR,
    "administrator": ADMINISTRATOR,
}
SENDERS = {"facilitator", "regional_officer", "programme_officer"}
AGENCIES = {"agency_officer", "agency_system"}
READS = {
    "/v1/households": SENDERS,
    f"/v1/households/{NOBODY}": SENDERS,
    f"/v1/households/{NOBODY}/actions": SENDERS,
    f"/v1/households/{NOBODY}/assistance": SENDERS,
    f"/v1/households/{NOBODY}/history": SENDERS | {"auditor"},
    "/v1/graduations": SENDERS | {"analyst", "auditor"},
    "/v1/graduations/proposals": SENDERS,
    "/v1/referrals": SENDERS | AGENCIES,
    f"/v1/referrals/{NOBODY}": SENDERS | AGENCIES,
    f"/v1/referrals/{NOBODY}/actions": SENDERS | AGENCIES,
    "/v1/follow-up": SENDERS | AGENCIES,
    "/v1/facilitators": SENDERS | {"administrator"},
    f"/v1/facilitators/{NOBODY}": SENDERS | {"administrator"},
    f"/v1/facilitators/{NOBODY}/caseload": SENDERS,
    f"/v1/facilitators/{NOBODY}/candidates": SENDERS,
    "/v1/programmes": set(CALLERS),
    "/v1/agencies": set(CALLERS),
    f"/v1/agencies/{NOBODY}": set(CALLERS),
    "/v1/services": set(CALLERS),
    f"/v1/services/{NOBODY}": set(CALLERS),
    "/v1/targets": set(CALLERS),
    "/v1/refusals": {"auditor"},
    "/v1/audit/log": {"auditor"},
    "/v1/audit/readings": {"auditor"},
    "/v1/feed": AGENCIES,
}


@pytest.mark.parametrize("path", READS, ids=lambda path: path.replace(NOBODY, "ID"))
def test_a_role_that_may_never_read_here_is_told_so(rig: Rig, path: str) -> None:
    for role, who in CALLERS.items():
        answer = rig.get(path, who, None)
        assert (answer.status_code == 403) == (role not in READS[path]), (role, answer.text)
        assert answer.status_code in (200, 403, 404)
    rig.get(path, {}, 401)


def test_every_read_that_there_is_has_its_roles_stated(rig: Rig) -> None:
    described = rig.get("/openapi.json", {}).json()["paths"]
    stated = {path.replace(NOBODY, "{id}") for path in READS} | {"/livez", "/readyz", "/metrics"}
    assert {path for path, methods in described.items() if "get" in methods} == stated | {"/v1/programmes/{code}"}


def test_every_command_says_who_may_not_before_anything_of_the_record(rig: Rig) -> None:
    may_not = {**CALLERS, "clockwise": ANALYST}
    visit = {"purpose": "verification", "result": "done"}
    for role in ("analyst", "auditor", "administrator", "agency_officer"):
        for path, body in (
            (f"/v1/households/{NOBODY}/visits", visit),
            (f"/v1/households/{NOBODY}/graduations/{NOBODY}/approve", {}),
            (f"/v1/referrals/{NOBODY}/settle", {"reason": "other", "note": "x"}),
            (f"/v1/households/{NOBODY}/referrals", {"service": NOBODY, "need": "x", "legal_basis": "consent"}),
        ):
            rig.post(path, body, may_not[role], 403)


def test_a_facilitator_whose_hand_over_was_undone_the_same_day_finds_nothing(rig: Rig) -> None:
    facilitator, _ = rig.facilitator()
    passed_over, joko = rig.facilitator()
    successor, dewi = rig.facilitator()
    household = rig.household(facilitator)
    for following in (passed_over, successor):
        rig.post(f"/v1/households/{household}/assignments", {"facilitator": following})
    path = f"/v1/households/{household}"
    assert rig.latest(path, dewi).json()["id"] == household
    rig.latest(path, joko, 404)
    rig.get(f"{path}/actions", joko, 404)
    assert rig.latest("/v1/households", joko).json()["items"] == []
    assert rig.latest("/v1/households", OFFICER, facilitator=passed_over).json()["items"] == []
