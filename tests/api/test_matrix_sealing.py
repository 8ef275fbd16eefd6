"""Nothing is sealed, and so no key made, for a record that the caller may not know of or that there is not."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from api.app import build
from domain.ports import Sealer
from domain.values import Sealed
from tests.api.matrix.records import World, household, referral, world_on
from tests.api.matrix.rules import ANYONE, RULES
from tests.api.rig import MINISTRY, client_of, rig_on
from tests.api.test_matrix import NAMED, missing
from tests.conftest import TEMPLATE
from tests.projections.conftest import fresh

COMMANDS = [route for route in NAMED if route.startswith(("POST /v1/households", "POST /v1/referrals"))]


class Watched:
    """Remembers for whom keys were made, or something sealed."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self.open, self.opener, self.fetch_keys = sealer.open, sealer.opener, sealer.fetch_keys
        self.digest, self.fingerprint = sealer.digest, sealer.fingerprint
        self.made_for: list[UUID] = []

    def make_keys(self, ids: Iterable[UUID]) -> None:
        made = list(ids)
        self.made_for += made
        self._sealer.make_keys(made)

    def seal(self, text: str, *, key: UUID, stream: UUID, field: str) -> Sealed:
        self.made_for.append(key)
        return self._sealer.seal(text, key=key, stream=stream, field=field)


@pytest.fixture(scope="module")
def watched(server: str) -> Iterator[tuple[World, Watched, Any]]:
    with fresh(server, TEMPLATE) as url, rig_on(url) as rig:
        sealer = Watched(rig.services.sealer)
        with client_of(build(replace(rig.services, sealer=sealer))) as client:
            yield world_on(rig), sealer, client


@pytest.mark.parametrize("route", COMMANDS)
def test_nothing_is_sealed_for_what_the_caller_may_not_know_of(watched: tuple[World, Watched, Any], route: str) -> None:
    world, sealer, client = watched
    path, rule = route.split()[1], RULES[route]
    body = {**rule.body(world.own), **({"note": "Warung"} if route.endswith(("/return", "/reject")) else {})}
    for role in sorted(ANYONE):
        records = [missing(route)]
        if rule.scoped(role) or role not in rule.may:
            making = referral() if "/referrals/{id}" in path else household
            records.append({**missing(route), **making(world.rig, world.foreign[role], MINISTRY)})
        sealer.made_for.clear()
        for ids in records:
            answer = client.post(path.format(**ids), json=body, headers=world.callers[role])
            assert answer.status_code in (403, 404), (role, answer.text)
        assert sealer.made_for == [], role
