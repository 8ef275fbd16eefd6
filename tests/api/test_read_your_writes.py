"""Reading what was just written, and being told when it is not there yet."""

import pytest

from api import read_your_writes
from api.app import build
from tests.api.rig import MINISTRY, Day, Rig, client_of, registration, services_on


def test_a_read_after_a_command_holds_what_it_wrote(rig: Rig) -> None:
    for _ in range(5):
        done = rig.post("/v1/households", registration()).json()
        found = rig.get(f"/v1/households/{done['id']}", after=done["position"]).json()
        assert found["version"] == done["version"]


def test_a_position_beyond_the_end_of_the_log_is_refused(rig: Rig) -> None:
    household = rig.household()
    beyond = rig.count_events() + 1
    for path in (
        "/v1/households", f"/v1/households/{household}", f"/v1/households/{household}/history",
        f"/v1/households/{household}/actions", "/v1/graduations", "/v1/graduations/proposals", "/v1/referrals",
        "/v1/follow-up", "/v1/facilitators", "/v1/programmes", "/v1/agencies", "/v1/services", "/v1/targets",
    ):  # fmt: skip
        problem = rig.get(path, expect=400, after=beyond).json()
        assert problem["type"] == "/problems/position-beyond-log"


def test_a_projection_that_does_not_come_so_far_is_waited_for_and_then_told(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_your_writes, "LONGEST_WAIT", 0.2)
    with services_on(database, Day()) as services, client_of(build(services)) as client:
        done = client.post("/v1/households", json=registration(), headers=MINISTRY).json()
        path = f"/v1/households/{done['id']}"
        answer = client.get(path, params={"after": done["position"]}, headers=MINISTRY)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/behind")
        assert int(answer.headers["Retry-After"]) > 0
        assert client.get("/v1/graduations", headers=MINISTRY).status_code == 503
        assert client.get(f"{path}/actions", params={"after": done["position"]}, headers=MINISTRY).status_code == 200
