"""Marked personal data goes through every route that takes a body; none stands in clear anywhere afterwards: neither in
the database, its backups and logs, nor in what is answered to those who may not know of it."""

import base64
import re
import stat
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from psycopg import sql

from domain.values import Actor, Role
from tests.end_to_end.erasing import connected, dumps, erase

VILLAGE = "33.24.04.2007"
OTHER_VILLAGE = "33.24.04.2005"
CANARIES = {
    "kk": "3324040102207731",
    "nik": "3324041111909173",
    "second nik": "3324045512909175",
    "name": "Kanari Nama Qx7f3a",
    "address": "Jalan Kanari Alamat Qx7f3a",
    "birth date": "1990-11-11",
    "PAS group": "drug_abuse_and_hiv",
    "disability": "Kanari Disabilitas Qx7f3a",
    "income": "76543210987",
    "note": "Kanari Catatan Qx7f3a",
    "need": "Kanari Kebutuhan Qx7f3a",
    "basis": "Kanari Dasar Qx7f3a",
    "officer": "Kanari Pendamping Qx7f3a",
}
NOTE = CANARIES["note"]


class Caller:
    """Sends commands and remembers through which routes."""

    def __init__(self, whole: Any) -> None:
        self.home = whole.home
        self.client = httpx.Client(base_url=whole.url, timeout=30)
        self.sent: set[str] = set()
        self.refused: list[str] = []
        """Answers that are errors, headers included."""
        self._keys = count(1)
        self._authorization = whole.authorization
        self.identities: dict[str, str] = {}
        self.introduce("administrator", Actor("adm", Role.ADMINISTRATOR))
        self.introduce("facilitator", Actor("fac", Role.FACILITATOR))
        self.introduce("officer", Actor("off", Role.REGIONAL_OFFICER, "33.24"))
        self.introduce("programme", Actor("prog", Role.PROGRAMME_OFFICER))
        self.introduce("second", Actor("prog-2", Role.PROGRAMME_OFFICER))
        self.introduce("analyst", Actor("ana", Role.ANALYST))
        self.introduce("auditor", Actor("aud", Role.AUDITOR))

    def introduce(self, who: str, actor: Actor) -> None:
        self.identities[who] = self._authorization(actor)

    def post(self, who: str, template: str, body: dict[str, Any], expect: int = 201, **ids: str) -> dict[str, Any]:
        path = template.format(**ids)
        self.sent.add(template)
        headers = {"Authorization": self.identities[who], "Idempotency-Key": f"key-{next(self._keys)}"}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code == expect, (path, answer.status_code, answer.text)
        self._spoil(path, body, who)
        return dict(answer.json())

    def _spoil(self, path: str, body: dict[str, Any], who: str) -> None:
        """The same data in a body that is refused for its form, or a query string that is none of ours."""
        headers = {"Authorization": self.identities[who]}
        for wrong in ({**body, "on": NOTE}, {**body, NOTE: CANARIES["nik"]}, [CANARIES["kk"], body]):
            assert self.refuse(path, wrong, headers) == 422, (path, wrong)
        self.refuse(path, body, {**headers, "If-Match": '"999999"'})
        self.refuse(path, body, {**headers, "Authorization": self.identities["analyst"]})

    def upload(self, who: str, path: str, text: str) -> None:
        """A file whose rows are all refused."""
        self.sent.add(path)
        headers = {"Authorization": self.identities[who], "Content-Type": "text/csv"}
        answer = self.client.post(path, content=text, headers=headers)
        assert (answer.status_code, '"rejected"' in answer.text) == (200, True), answer.text
        self.refused.append(f"{answer.headers} {answer.text}")

    def refuse(self, path: str, body: Any, headers: dict[str, str]) -> int:
        answer = self.client.post(path, json=body, headers=headers)
        if answer.status_code >= 400:
            self.refused.append(f"{answer.headers} {answer.text}")
        return answer.status_code


def live_a_whole_life(call: Caller) -> str:
    """The id of the household whose life it was."""
    for code, steps in (("pkh", 2), ("sembako", 1)):
        call.post("administrator", "/v1/programmes", programme(code, steps))
    agency = call.post("administrator", "/v1/agencies", {"name": "BAZNAS Kendal", "kind": "philanthropy"})["id"]
    call.introduce("agency", Actor("agent", Role.AGENCY_OFFICER, agency))
    rows = f"{CANARIES['nik']},decline,{NOTE}\n{agency},accept,{CANARIES['kk']}\n"
    call.upload("agency", "/v1/feed/replies", f"referral,action,reason\n{rows}")
    service = call.post("administrator", "/v1/services", {"agency": agency, **offer()})["id"]
    call.post("administrator", "/v1/services/{service_id}", offer(response_days=4), 200, service_id=service)
    spare = call.post("administrator", "/v1/services", {"agency": agency, **offer()})["id"]
    call.post("administrator", "/v1/services/{service_id}/withdraw", {}, 200, service_id=spare)
    officer = {"name": CANARIES["officer"], "pillar": "pkh", "region": "33.24.04"}
    facilitator = call.post("administrator", "/v1/facilitators", officer)["id"]
    plan = {"year": 2026, "measure": "graduations", "planned": 10}
    call.post("administrator", "/v1/facilitators/{facilitator_id}/plans", plan, facilitator_id=facilitator)
    spare = call.post("administrator", "/v1/facilitators", officer)["id"]
    call.post("administrator", "/v1/facilitators/{facilitator_id}/retire", {}, 200, facilitator_id=spare)
    call.post("administrator", "/v1/targets", {"year": 2026, "pillar": "pkh", "measure": "graduations", "minimum": 10})
    home = call.post(
        "facilitator",
        "/v1/households",
        {"kk": CANARIES["kk"], "address": CANARIES["address"], "region": VILLAGE, "members": [member("nik", True)]},
    )["id"]
    call.introduce("facilitator", Actor("fac", Role.FACILITATOR, facilitator))
    household = {"household_id": home}
    call.post(
        "officer",
        "/v1/households/{household_id}/assignments",
        {"facilitator": facilitator, "role": "lead"},
        **household,
    )
    call.post("facilitator", "/v1/households/lookup", {"kk": CANARIES["kk"]}, 200)
    call.post("facilitator", "/v1/households/lookup", {"nik": CANARIES["nik"]}, 200)
    person = call.post(
        "facilitator", "/v1/households/{household_id}/members", member("second nik", False), **household
    )["member_id"]
    details = {
        "component": "none",
        "pas_group": CANARIES["PAS group"],
        "disability": CANARIES["disability"],
        "pas_class": "protected",
    }
    one = {**household, "member_id": person}
    call.post("facilitator", "/v1/households/{household_id}/members/{member_id}/assessments", details, **one)
    call.post("facilitator", "/v1/households/{household_id}/members/{member_id}/leave", {"reason": "married"}, **one)
    call.post(
        "officer",
        "/v1/households/{household_id}/ranks",
        {"decile": 4, "period": "2026-Q1", "source": "dtsen"},
        **household,
    )
    assessment = {
        "has_business": True,
        "income_band": "over_5m",
        "criteria": ["savings"],
        "income": int(CANARIES["income"]),
        "note": NOTE,
    }
    call.post("facilitator", "/v1/households/{household_id}/assessments", assessment, **household)
    for code in ("pkh", "sembako"):
        call.post("officer", "/v1/households/{household_id}/enrolments", {"programme": code}, **household)
    paid = {
        "programme": "pkh",
        "period": "2026-Q1",
        "channel": "kks",
        "amount": 225000,
        "paid_on": today(call),
        "reference": "SP2D-1",
    }
    call.post("officer", "/v1/households/{household_id}/assistance", paid, **household)
    reversal = {"programme": "pkh", "period": "2026-Q1", "reason": "duplicate"}
    call.post(
        "officer",
        "/v1/households/{household_id}/assistance/{reference}/reverse",
        reversal,
        reference="SP2D-1",
        **household,
    )
    call.post(
        "facilitator",
        "/v1/households/{household_id}/visits",
        {"purpose": "verification", "result": "done", "note": NOTE},
        **household,
    )
    graduate(call, household)
    refer(call, household, service)
    call.post(
        "facilitator", "/v1/households/{household_id}/connection-declined", {"reason": "no_interest"}, **household
    )
    call.post(
        "officer",
        "/v1/households/{household_id}/discontinuations",
        {"programme": "sembako", "reason": "ineligible"},
        **household,
    )
    moved = {"region": OTHER_VILLAGE, "address": CANARIES["address"]}
    call.post("facilitator", "/v1/households/{household_id}/moves", moved, **household)
    call.post("facilitator", "/v1/households/{household_id}/leave", {"reason": "own_request"}, **household)
    return str(home)


def graduate(call: Caller, household: dict[str, str]) -> None:
    proposal = {
        "kind": "independent",
        "programmes": ["pkh"],
        "evidence": ["home_visit"],
        "note": NOTE,
    }
    base = "/v1/households/{household_id}/graduations"

    def propose() -> dict[str, str]:
        made = call.post("facilitator", base, proposal, **household)["graduation_id"]
        return {**household, "graduation_id": made}

    def answer(who: str, verb: str, ids: dict[str, str], **body: str) -> None:
        call.post(who, base + "/{graduation_id}/" + verb, body, 200, **ids)

    answer("officer", "reject", propose(), reason="still_eligible", note=NOTE)
    answer("facilitator", "withdraw", propose())
    first = propose()
    answer("officer", "return", first, reason="evidence_unclear", note=NOTE)
    proposal["evidence"] = ["home_visit", "village_letter"]
    again = propose()
    assert again == first
    answer("officer", "verify", again)
    answer("programme", "approve", again)
    answer("programme", "revoke", again, reason="determined_in_error", note=NOTE)
    last = propose()
    answer("officer", "verify", last)
    answer("programme", "approve", last)


def refer(call: Caller, household: dict[str, str], service: str) -> None:
    base = "/v1/referrals/{referral_id}/"

    def body() -> dict[str, str]:
        basis = {"legal_basis": "consent", "basis_reference": CANARIES["basis"]}
        return {"service": service, "need": CANARIES["need"], **basis}

    def send() -> dict[str, str]:
        sent = call.post("facilitator", "/v1/households/{household_id}/referrals", body(), **household)
        return {"referral_id": sent["referral_id"]}

    def step(who: str, verb: str, ids: dict[str, str], **content: Any) -> dict[str, Any]:
        return call.post(who, base + verb, content, 200, **ids)

    one = send()
    basis = {"legal_basis": "consent", "basis_reference": CANARIES["basis"]}
    step("facilitator", "legal-basis", one, **basis)
    step("agency", "received", one)
    step("agency", "request-information", one, information=["other"], note=NOTE)
    step("facilitator", "supply-information", one, note=NOTE)
    step("agency", "accept", one)
    step("agency", "schedule", one, appointment=today(call))
    step("agency", "miss", one)
    step("agency", "schedule", one, appointment=today(call))
    step("agency", "attend", one)
    step("agency", "start", one)
    step("agency", "complete", one, outcome="capital_disbursed", amount=2_000_000, note=NOTE)
    late = {"reason": "other", "note": NOTE}
    assert call.refuse(base.format(**one) + "decline", late, {"Authorization": call.identities["agency"]}) == 409
    two = send()
    step("agency", "decline", two, reason="other", note=NOTE)
    three = {"referral_id": step("facilitator", "redirect", two, **body())["referral_id"]}
    step("facilitator", "cancel", three, reason="other", note=NOTE)
    step("agency", "refuse-cancellation", three)
    step("facilitator", "cancel", three, reason="no_longer_needed", note=NOTE)
    step("agency", "confirm-cancellation", three)
    four = send()
    step("agency", "accept", four)
    step("agency", "fail", four, reason="other", note=NOTE)
    step("facilitator", "settle", four, reason="other", note=NOTE)
    step("facilitator", "withdraw-basis", four)


def programme(code: str, steps: int) -> dict[str, Any]:
    return {
        "code": code,
        "name": code.upper(),
        "cluster": "protection",
        "decile_limit": 4,
        "frequency": "quarterly",
        "graduable": True,
        "relapse": True,
        "steps": steps,
    }


def offer(**changed: Any) -> dict[str, Any]:
    return {"name": "Modal usaha", "kind": "capital", "regions": ["33.24"], "response_days": 5, **changed}


def member(nik: str, head: bool) -> dict[str, Any]:
    return {"nik": CANARIES[nik], "name": CANARIES["name"], "birth_date": CANARIES["birth date"], "head": head}


def today(call: Caller) -> str:
    """The server's date in Asia/Jakarta."""
    answer = call.client.get("/v1/graduations", headers={"Authorization": call.identities["programme"]})
    return str(answer.json()["as_of"])


def everything_read(call: Caller) -> dict[str, str]:
    """Reads may log and cache too. Returns what may hold nothing personal: errors, the feed, what is exported."""
    told = {"error": "\n".join(call.refused)}
    for who in call.identities:
        for path in call.client.get("/openapi.json").json()["paths"]:
            if "{" not in path:
                call.client.get(path, headers={"Authorization": call.identities[who]})
    for secret in CANARIES.values():
        answer = call.client.get(f"/v1/households/{secret}", headers={"Authorization": call.identities["officer"]})
        told["error"] += f"{answer.headers} {answer.text}"
    for place, who, path in (
        ("feed", "agency", "/v1/feed?limit=500"),
        ("an agency's list", "agency", "/v1/referrals"),
        ("an analyst's counts", "analyst", "/v1/graduations?by=region&level=village"),
        ("exported log", "auditor", "/v1/audit/log?limit=1000"),
        ("readings", "auditor", "/v1/audit/readings?limit=500"),
        ("refusals", "auditor", "/v1/refusals?limit=500"),
    ):
        answer = call.client.get(path, headers={"Authorization": call.identities[who]})
        assert answer.status_code == 200, (path, answer.text)
        assert len(answer.content) > 50, path
        told[place] = answer.text
    return told


def dump(home: Path) -> str:
    """Both databases of the embedded server, of which the log's holds a life."""
    with connected(home) as log:
        row = log.execute("SELECT count(*) FROM rujukan_events").fetchone()
        assert row is not None and row[0] > 40
    return dumps(home)


def copies(home: Path) -> dict[str, str]:
    """Every table as a backup copies it, as text and in PostgreSQL's binary form; snapshots are among them."""
    found = {}
    with connected(home) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert {"rujukan_events", "snapshots", "readings", "idempotency", "referrals"} <= {name for _, name in tables}
        for table in tables:
            for form in ("text", "binary"):
                statement = sql.SQL("COPY {} TO STDOUT (FORMAT {})").format(sql.Identifier(*table), sql.SQL(form))
                with connection.cursor().copy(statement) as copy:
                    found[f"{'.'.join(table)} as {form}"] = b"".join(map(bytes, copy)).decode("latin-1")
    return found


def reported(whole: Any, household: str) -> dict[str, str]:
    """What the subject report leaves behind beside its file, which holds everything and is its owner's alone."""
    file = whole.home.parent / "report.json"
    named = ("--household", household, "--by", "dpo", "--reason", "own_request", "--json", str(file))
    ran = whole.run("subject-report", *named)
    assert ran.returncode == 0, ran.stderr
    text = file.read_text()
    missing = [name for name, secret in CANARIES.items() if secret not in text and name != "officer"]
    assert not missing, "the report tells everything"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    return {"the subject report's output": ran.stdout + ran.stderr}


def forms(secret: str) -> list[str]:
    """The ways in which a text may stand in a dump: plain, as bytes in hexadecimal, and in base64 at any offset."""
    raw = secret.encode()
    encoded = [base64.b64encode(b"x" * offset + raw)[4 if offset else 0 : -4].decode() for offset in range(3)]
    hexed = [e.encode().hex() for e in encoded]
    return [secret, raw.hex(), *encoded, *hexed]


def unnamed(path: str) -> str:
    """A route's path whatever its parameters are called."""
    return re.sub(r"\{\w+\}", "{}", path)


@pytest.fixture
def lived(whole: Any) -> Any:
    whole.start()
    call = Caller(whole)
    home = live_a_whole_life(call)
    told = {**everything_read(call), **reported(whole, home), "database before the erasure": dump(whole.home)}
    erase(call, home)
    return whole, call, told


def test_no_marked_value_stands_in_clear_in_the_database_or_a_log(lived: Any) -> None:
    whole, call, told = lived
    document = call.client.get("/openapi.json").json()
    taking = {unnamed(path) for path, verbs in document["paths"].items() if "post" in verbs}
    sent = {unnamed(path) for path in call.sent}
    assert taking <= sent, f"routes without a marked value: {sorted(taking - sent)}"
    stored = dump(whole.home)
    assert all(form in stored for form in (VILLAGE, VILLAGE.encode().hex())), "what is in the clear would be found"
    assert (whole.home / "log" / "postgres.log").stat().st_size
    logs = "\n".join(p.read_text(errors="replace") for p in (whole.home / "log").rglob("*") if p.is_file())
    found = [
        (name, place)
        for name, secret in CANARIES.items()
        for place, text in (
            ("database", stored),
            ("log", logs),
            ("output", whole.output.read_text()),
            *copies(whole.home).items(),
            *told.items(),
        )
        for form in forms(secret)
        if form in text
    ]
    assert not found
