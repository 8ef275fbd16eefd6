"""A whole API on a real database, with its projections running, and callers of every role."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

import psycopg
from fastapi import FastAPI
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from starlette.testclient import TestClient

from api.app import build
from api.security_log import SecurityLog
from api.seldom import Seldom
from api.services import Services
from consumers.feed import Feed
from consumers.taking_in.counting import CountedIntake, Numbers
from consumers.taking_in.filed import FiledReplies
from domain.answering import Answering
from domain.application import Rujukan
from domain.deadlines import Days
from infra.event_log.recorder import Recorder
from infra.indonesia import Indonesia
from infra.keys.database import KeyDatabase
from infra.keys.installation import ensure_installed
from infra.keys.sealer import Keys
from infra.keys.wrapping import MasterKey
from infra.oidc.issuer_keys import IssuerKeys
from infra.oidc.verifier import OidcVerifier
from infra.persistence import direct_session, persistence_environment
from infra.postgres.names import beside
from infra.rate_limits.counters import Bounds, Counters
from infra.readings import Readings
from infra.working_days import WorkingDays
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Runner
from tests.issuer import TERMS, Issuer, bearer

TODAY = date(2026, 6, 15)
CURUGSEWU, PAGERSARI, ELSEWHERE = "33.24.04.2007", "33.24.04.2005", "33.74.01.1001"
ISSUER = Issuer()
MASTER_KEY = MasterKey(bytes(range(32)))
CONSENT = {"legal_basis": "consent", "basis_reference": "SP-2026-118"}
ENDLESS = 10**9
UNBOUNDED = Bounds(ENDLESS, ENDLESS, ENDLESS, ENDLESS, ENDLESS)
"""Tests ask for more than anybody may."""
_numbers = count(1)
_keys = count(1)


@dataclass
class Day:
    """The time port; tests move it."""

    day: date = TODAY

    def today(self) -> date:
        return self.day

    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 3, tzinfo=UTC)


@contextmanager
def services_on(url: str, time: Day) -> Iterator[Services]:
    application = Rujukan(env=persistence_environment(url))
    recorder = application.recorder
    ensure_installed(url, beside(url), MASTER_KEY)
    keys = KeyDatabase(beside(url), MASTER_KEY)
    sealer = Keys(keys)
    readings = Readings(lambda: direct_session(url, "rujukan readings"))
    assert isinstance(recorder, Recorder)
    calendar = WorkingDays(None)
    with ConnectionPool(url, min_size=1, max_size=10, kwargs={"row_factory": dict_row}) as pool:
        answering, numbers = Answering(application, calendar, Days()), Numbers()
        intake = CountedIntake(answering, recorder, pool.connection, time, numbers=numbers)
        yield Services(
            application=application,
            sealer=sealer,
            destroyer=sealer,
            registry=Indonesia(),
            calendar=calendar,
            time=time,
            pool=pool,
            log=recorder,
            readings=readings,
            limits=Counters(UNBOUNDED, pool),
            days=Days(),
            tokens=OidcVerifier(TERMS, IssuerKeys(ISSUER.jwks), time),
            feed=Feed(pool.connection),
            replies=FiledReplies(intake),
            intake=numbers,
            security=SecurityLog(Seldom(first=ENDLESS)),
        )
    readings.close()
    application.close()
    keys.close()


@contextmanager
def running_projections(url: str, log: Any) -> Iterator[None]:
    stop = threading.Event()
    runners = [Runner(lambda: psycopg.connect(url), log, projection) for projection in PROJECTIONS]
    threads = [threading.Thread(target=runner.run, args=(stop,), daemon=True) for runner in runners]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)


@contextmanager
def rig_on(url: str) -> Iterator["Rig"]:
    time = Day()
    with services_on(url, time) as services, running_projections(url, services.log):
        app = build(services)
        with client_of(app) as client:
            yield Rig(client, services, time, app, url)


def bounded(rig: "Rig", **few: int) -> "Rig":
    """The rig as if by way of another process, whose callers may do only so much of one thing."""
    endless = dict.fromkeys(Bounds.__dataclass_fields__, ENDLESS)
    counters = Counters(Bounds(**{**endless, **few}), rig.services.pool)
    services = replace(rig.services, limits=counters)
    app = build(services)
    return replace(rig, services=services, app=app, client=client_of(app))


def client_of(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def identity(sub: str, role: str, scope: str = "") -> dict[str, str]:
    """The header of a token that is good on whichever day a test is."""
    return bearer(ISSUER.token(sub=sub, rujukan_role=role, rujukan_scope=scope))


ADMINISTRATOR = identity("administrator-1", "administrator")
MINISTRY = identity("ministry-1", "programme_officer")
OFFICER = identity("officer-1", "regional_officer", "33.24")
FAR_OFFICER = identity("officer-2", "regional_officer", "33.74")
ANALYST = identity("analyst-1", "analyst")
AUDITOR = identity("auditor-1", "auditor")


@dataclass
class Rig:
    """Sends requests, and makes what a test needs to begin with; every household is a new one."""

    client: TestClient
    services: Services
    time: Day
    app: FastAPI
    url: str
    made: dict[str, Any] = field(default_factory=dict)

    def post(
        self, path: str, body: Any = None, who: dict[str, str] = MINISTRY, expect: int | None = 201, **headers: str
    ) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.post(path, json={} if body is None else body, headers={**who, **named})
        if expect is not None:
            assert answer.status_code == expect, (path, answer.status_code, answer.text)
        return answer

    def get(self, path: str, who: dict[str, str] = MINISTRY, expect: int | None = 200, **query: Any) -> Any:
        answer = self.client.get(path, params={k: v for k, v in query.items() if v is not None}, headers=who)
        if expect is not None:
            assert answer.status_code == expect, (path, answer.status_code, answer.text)
        return answer

    def latest(self, path: str, who: dict[str, str] = MINISTRY, expect: int = 200, **query: Any) -> Any:
        """Reads everything that was written so far."""
        return self.get(path, who, expect, after=self.services.log.head(), **query)

    def count_events(self) -> int:
        return self.services.log.head()

    def refusals(self, stream: str) -> list[dict[str, Any]]:
        return list(self.get("/v1/refusals", AUDITOR, stream=stream).json()["items"])

    # What there is

    def programme(self, code: str, **terms: Any) -> str:
        if code not in self.made:
            body = {
                "code": code,
                "name": code.upper(),
                "cluster": "protection",
                "frequency": "quarterly",
                "graduable": True,
                "relapse": True,
                "steps": 1,
                "on": "2020-01-01",
                **terms,
            }
            self.made[code] = self.post("/v1/programmes", body, ADMINISTRATOR, None)
        return code

    def facilitator(self) -> tuple[str, dict[str, str]]:
        """Id and identity of a new one."""
        body = {"name": "Sri Wahyuni", "pillar": "pkh", "region": "33.24.04", "on": "2024-01-01"}
        found = self.post("/v1/facilitators", body, ADMINISTRATOR).json()["id"]
        return found, identity(f"sub-{found[:8]}", "facilitator", found)

    def agency(self) -> tuple[str, dict[str, str]]:
        body = {"name": "BAZNAS Kendal", "kind": "philanthropy", "on": "2024-01-01"}
        found = self.post("/v1/agencies", body, ADMINISTRATOR).json()["id"]
        return found, identity(f"sub-{found[:8]}", "agency_officer", found)

    def service(self, agency: str, **offer: Any) -> str:
        body = {
            "agency": agency,
            "name": "Modal usaha",
            "kind": "capital",
            "regions": ["33.24"],
            "response_days": 5,
            "on": "2024-01-01",
            **offer,
        }
        return str(self.post("/v1/services", body, ADMINISTRATOR).json()["id"])

    def household(self, facilitator: str | None = None, *, enrolled: tuple[str, ...] = (), **changed: Any) -> str:
        found = str(self.post("/v1/households", registration(**changed), MINISTRY).json()["id"])
        if facilitator:
            self.post(f"/v1/households/{found}/assignments", {"facilitator": facilitator, "on": "2025-01-02"})
        for code in enrolled:
            body = {"programme": self.programme(code), "on": "2025-01-02"}
            self.post(f"/v1/households/{found}/enrolments", body)
        return found

    def proposal(self, household: str, who: dict[str, str], code: str = "sembako", **changed: Any) -> str:
        body = {"kind": "independent", "programmes": [code], "evidence": ["home_visit"], **changed}
        return str(self.post(f"/v1/households/{household}/graduations", body, who).json()["graduation_id"])

    def referral(self, household: str, service: str, who: dict[str, str] = MINISTRY, **changed: Any) -> str:
        body = need(service, **changed)
        return str(self.post(f"/v1/households/{household}/referrals", body, who).json()["referral_id"])


def need(service: str, **changed: Any) -> dict[str, Any]:
    return {"service": service, "need": "Modal untuk warung", **CONSENT, **changed}


def new_nik() -> str:
    number = next(_numbers)
    return f"3324040101{90 + number // 9999 % 10:02}{number % 9999 + 1:04}"


def new_kk() -> str:
    return f"332404010110{next(_numbers) % 9999 + 1:04}"


def new_key() -> str:
    return f"key-{next(_keys)}-{uuid4()}"


def a_member(**changed: Any) -> dict[str, Any]:
    nik = new_nik()
    return {"nik": nik, "name": "Suparti", "birth_date": f"19{nik[10:12]}-01-01", "head": True, **changed}


def registration(**changed: Any) -> dict[str, Any]:
    return {
        "kk": new_kk(),
        "address": "Dukuh Krajan RT 02 RW 01",
        "region": CURUGSEWU,
        "members": [a_member()],
        "on": "2025-01-01",
        **changed,
    }
