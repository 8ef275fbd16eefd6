"""Whatever is sent, by whomever, the API answers as its own description says, and never with a fault of its own."""

from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import build
from api.services import Services
from tests.api.rig import ADMINISTRATOR, ANALYST, AUDITOR, MINISTRY, OFFICER, Rig

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12
"""For each operation: enough to meet every status that is met often, and short enough to run each time."""


@pytest.fixture(scope="session")
def known(shared_rig: Rig) -> dict[str, Any]:
    """Records that there are, so that requests do not all end at 404."""
    facilitator, sari = shared_rig.facilitator()
    agency, officer = shared_rig.agency()
    service = shared_rig.service(agency)
    household = shared_rig.household(facilitator, enrolled=("sembako",))
    identities = {"administrator": ADMINISTRATOR, "ministry": MINISTRY, "officer": OFFICER, "analyst": ANALYST}
    return {
        "identities": {**identities, "auditor": AUDITOR, "facilitator": sari, "agency": officer},
        "facilitators": facilitator,
        "agencies": agency,
        "services": service,
        "households": household,
        "gid": shared_rig.proposal(household, sari),
        "referrals": shared_rig.referral(household, service, sari),
        "mid": shared_rig.latest(f"/v1/households/{household}").json()["members"][0]["id"],
    }


DESCRIBED = build(cast(Services, None)).openapi()
"""The description needs nothing but the routes."""
ROUTES = sorted(f"{method.upper()} {path}" for path, methods in DESCRIBED["paths"].items() for method in methods)


@pytest.fixture(scope="session")
def schema(shared_rig: Rig) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", shared_rig.app)


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_answers_as_described(route: str, schema: Any, known: dict[str, Any]) -> None:
    method, path = route.split()
    operation = schema[path][method]
    kind = path.split("/")[2] if path.count("/") > 1 else ""
    there = {name: known.get(kind if name == "id" else name) for name in ("id", "gid", "mid") if f"{{{name}}}" in path}
    there = {name: found for name, found in there.items() if found}
    if "{reference}" in path:
        there["reference"] = "SP2D-1"
    well = operation.as_strategy(path_parameters=there or None)
    wild = operation.as_strategy()
    badly = operation.as_strategy(GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(data=st.data(), who=st.sampled_from(sorted(known["identities"])))
    def answers(data: st.DataObject, who: str) -> None:
        sent = data.draw(st.sampled_from([well, well, badly, wild]))
        case = data.draw(sent)
        case.call_and_validate(headers=known["identities"][who], checks=CHECKS)

    answers()
