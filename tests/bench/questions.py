"""What is asked of the API by those who ask it, of a million households."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from domain.values import Actor, Role
from infra.sample.identities import PROGRAMME_OFFICER
from tests.bench.logs import DAY

EACH = 400
"""Callers of each kind: enough that none is answered from what the one before had read."""
YEAR = f"year={DAY.year}"
Sign = Callable[[Actor], str]
"""The `Authorization` header of an actor."""


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    authorization: str


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of request, as many callers ask it; `barred` where it is held to the bar."""

    name: str
    requests: tuple[Request, ...]
    barred: bool = True


@dataclass(frozen=True, slots=True)
class Callers:
    """Who there is to ask: facilitators with a household that each leads, regencies, and local agencies. `sign` makes
    the header by which each says so."""

    sign: Sign
    led: tuple[tuple[UUID, UUID], ...]
    regencies: tuple[str, ...]
    agencies: tuple[UUID, ...]


def callers(url: str, seed: int, sign: Sign) -> Callers:
    """Chosen by chance: the same for the same seed."""
    chance = Random(f"{seed}/callers")
    with psycopg.connect(url) as connection:

        def some(query: str) -> list[Any]:
            found = connection.execute(query).fetchall()
            return chance.sample(found, min(EACH, len(found)))

        led = some(
            "SELECT facilitator, household FROM read.household_assignments TABLESAMPLE SYSTEM (5) REPEATABLE (1)"
            f" WHERE role = 'lead' AND until IS NULL AND since <= DATE '{DAY}' ORDER BY household"
        )
        regencies = some("SELECT DISTINCT left(region, 5) FROM read.facilitators ORDER BY 1")
        agencies = some("SELECT agency FROM read.agencies WHERE kind <> 'ministry' ORDER BY agency")
    return Callers(sign, tuple(led), tuple(r for (r,) in regencies), tuple(a for (a,) in agencies))


def questions(asking: Callers) -> list[Question]:
    """Of the three routes, as now."""
    return [
        Question("`/v1/households/{id}`, by its facilitator", tuple(
            Request(f"/v1/households/{household}", _facilitator(asking, f)) for f, household in asking.led)),
        Question("`/v1/follow-up`, of a facilitator", _by_facilitators(asking, "/v1/follow-up")),
        Question("`/v1/follow-up`, of an officer's regency", _by_officers(asking, "/v1/follow-up")),
        Question("`/v1/follow-up`, of an agency", tuple(
            Request("/v1/follow-up", _agency(asking, agency)) for agency in asking.agencies)),
        Question("`/v1/follow-up`, of the whole country", (_nation(asking, "/v1/follow-up"),)),
        Question("`/v1/graduations`, of a facilitator", _by_facilitators(asking, f"/v1/graduations?{YEAR}")),
        Question("`/v1/graduations`, of a regency by facilitator",
                 _by_officers(asking, f"/v1/graduations?{YEAR}&by=facilitator")),
        Question("`/v1/graduations`, of the whole country", (_nation(asking, f"/v1/graduations?{YEAR}"),)),
        Question("`/v1/graduations`, of the whole country by province",
                 (_nation(asking, f"/v1/graduations?{YEAR}&by=region&level=province"),)),
        Question("`/v1/graduations`, of the whole country by facilitator, a row for each",
                 (_nation(asking, f"/v1/graduations?{YEAR}&by=facilitator"),), barred=False),
    ]  # fmt: skip


def questions_of_the_past(asking: Callers, moments: Sequence[str]) -> list[Question]:
    """Of graduations, each as known at many past moments."""

    def at(path: str, who: Sequence[str]) -> tuple[Request, ...]:
        return tuple(Request(f"{path}&known_at={m}", who[n % len(who)]) for n, m in enumerate(moments))

    nation = [asking.sign(PROGRAMME_OFFICER)]
    officers = [_officer(asking, regency) for regency in asking.regencies]
    graduations = f"/v1/graduations?{YEAR}"
    return [
        Question("of a facilitator", at(graduations, [_facilitator(asking, f) for f, _ in asking.led])),
        Question("of a regency by facilitator", at(f"{graduations}&by=facilitator", officers)),
        Question("of the whole country", at(graduations, nation)),
        Question("of the whole country by province", at(f"{graduations}&by=region&level=province", nation)),
        Question("of the whole country by month", at(f"{graduations}&by=month", nation)),
        Question("of the whole country by facilitator, a row for each", at(f"{graduations}&by=facilitator", nation),
                 barred=False),
    ]  # fmt: skip


def _by_facilitators(asking: Callers, path: str) -> tuple[Request, ...]:
    return tuple(Request(path, _facilitator(asking, f)) for f, _ in asking.led)


def _by_officers(asking: Callers, path: str) -> tuple[Request, ...]:
    return tuple(Request(path, _officer(asking, regency)) for regency in asking.regencies)


def _nation(asking: Callers, path: str) -> Request:
    return Request(path, asking.sign(PROGRAMME_OFFICER))


def _facilitator(asking: Callers, facilitator: UUID) -> str:
    return asking.sign(Actor(f"facilitator-{facilitator}", Role.FACILITATOR, str(facilitator)))


def _officer(asking: Callers, regency: str) -> str:
    return asking.sign(Actor(f"officer-{regency}", Role.REGIONAL_OFFICER, regency))


def _agency(asking: Callers, agency: UUID) -> str:
    return asking.sign(Actor(f"officer-{agency}", Role.AGENCY_OFFICER, str(agency)))
