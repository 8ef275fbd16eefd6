"""What is asked of the API by those who ask it, of a million households."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from domain.values import Role
from infra.sample.identities import dev_header
from tests.bench.logs import DAY

EACH = 400
"""Callers of each kind: enough that none is answered from what the one before had read."""
YEAR = f"year={DAY.year}"


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
    """Who there is to ask: facilitators with a household that each leads, regencies, and local agencies."""

    led: tuple[tuple[UUID, UUID], ...]
    regencies: tuple[str, ...]
    agencies: tuple[UUID, ...]


def callers(url: str, seed: int) -> Callers:
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
    return Callers(tuple(led), tuple(r for (r,) in regencies), tuple(a for (a,) in agencies))


def questions(asking: Callers) -> list[Question]:
    """Of the three routes, as now."""
    return [
        Question("`/v1/households/{id}`, by its facilitator", tuple(
            Request(f"/v1/households/{household}", _facilitator(f)) for f, household in asking.led)),
        Question("`/v1/follow-up`, of a facilitator", _by_facilitators(asking, "/v1/follow-up")),
        Question("`/v1/follow-up`, of an officer's regency", _by_officers(asking, "/v1/follow-up")),
        Question("`/v1/follow-up`, of an agency", tuple(
            Request("/v1/follow-up", dev_header("officer", Role.AGENCY_OFFICER, str(a))) for a in asking.agencies)),
        Question("`/v1/follow-up`, of the whole country", (_nation("/v1/follow-up"),)),
        Question("`/v1/graduations`, of a facilitator", _by_facilitators(asking, f"/v1/graduations?{YEAR}")),
        Question("`/v1/graduations`, of a regency by facilitator",
                 _by_officers(asking, f"/v1/graduations?{YEAR}&by=facilitator")),
        Question("`/v1/graduations`, of the whole country", (_nation(f"/v1/graduations?{YEAR}"),)),
        Question("`/v1/graduations`, of the whole country by province",
                 (_nation(f"/v1/graduations?{YEAR}&by=region&level=province"),)),
        Question("`/v1/graduations`, of the whole country by facilitator, a row for each",
                 (_nation(f"/v1/graduations?{YEAR}&by=facilitator"),), barred=False),
    ]  # fmt: skip


def questions_of_the_past(asking: Callers, moments: Sequence[str]) -> list[Question]:
    """Of graduations, each as known at many past moments."""

    def at(path: str, who: Sequence[str]) -> tuple[Request, ...]:
        return tuple(Request(f"{path}&known_at={m}", who[n % len(who)]) for n, m in enumerate(moments))

    nation = [dev_header("officer-kemensos", Role.PROGRAMME_OFFICER)]
    officers = [_officer(regency) for regency in asking.regencies]
    graduations = f"/v1/graduations?{YEAR}"
    return [
        Question("of a facilitator", at(graduations, [_facilitator(f) for f, _ in asking.led])),
        Question("of a regency by facilitator", at(f"{graduations}&by=facilitator", officers)),
        Question("of the whole country", at(graduations, nation)),
        Question("of the whole country by province", at(f"{graduations}&by=region&level=province", nation)),
        Question("of the whole country by month", at(f"{graduations}&by=month", nation)),
        Question("of the whole country by facilitator, a row for each", at(f"{graduations}&by=facilitator", nation),
                 barred=False),
    ]  # fmt: skip


def _by_facilitators(asking: Callers, path: str) -> tuple[Request, ...]:
    return tuple(Request(path, _facilitator(f)) for f, _ in asking.led)


def _by_officers(asking: Callers, path: str) -> tuple[Request, ...]:
    return tuple(Request(path, _officer(regency)) for regency in asking.regencies)


def _nation(path: str) -> Request:
    return Request(path, dev_header("officer-kemensos", Role.PROGRAMME_OFFICER))


def _facilitator(facilitator: UUID) -> str:
    return dev_header(f"facilitator-{facilitator}", Role.FACILITATOR, str(facilitator))


def _officer(regency: str) -> str:
    return dev_header(f"officer-{regency}", Role.REGIONAL_OFFICER, regency)
