"""From a command over HTTP to an agency by Kafka and back: log, broker, agency, broker, log, follow-up list."""

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx

from infra.kafka.processes import broker_process
from infra.sample.identities import REGIONAL_OFFICER
from tests.docs.partners_page import files
from tests.end_to_end.conftest import Whole
from tests.program import PROGRAM

MANY = 6
WITHIN = 180.0


def until(holds: Callable[[], Any], told: Callable[[], str]) -> Any:
    deadline = time.monotonic() + WITHIN
    while not (found := _tried(holds)):
        assert time.monotonic() < deadline, told()
        time.sleep(0.2)
    return found


def _tried(holds: Callable[[], Any]) -> Any:
    """While the database is away, requests fail, and are made again."""
    try:
        return holds()
    except httpx.HTTPError:
        return None


class Officer:
    def __init__(self, whole: Whole) -> None:
        headers = {"Authorization": whole.authorization(REGIONAL_OFFICER)}
        self.client = httpx.Client(base_url=whole.url, headers=headers, timeout=30)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    def refer(self, household: str, service: str) -> str | None:
        """None for one that cannot be referred, such as a family that has left."""
        body = {"service": service, "need": "Pelatihan menjahit", "legal_basis": "consent"}
        headers = {"Idempotency-Key": f"refer-{household}"}
        answer = self.client.post(f"/v1/households/{household}/referrals", json=body, headers=headers)
        if answer.status_code == 409:
            return None
        answer.raise_for_status()
        return str(answer.json()["referral_id"])

    def state(self, referral: str) -> str:
        return str(self.get(f"/v1/referrals/{referral}")["state"])

    def followed_up(self) -> dict[str, str]:
        """Of each referral that is followed up, who must act."""
        found, cursor = {}, None
        while True:
            page = self.get("/v1/follow-up", kind="referral", **({"cursor": cursor} if cursor else {}))
            found.update({row["referral"]: row["who"] for row in page["items"]})
            cursor = page["next_cursor"]
            if cursor is None:
                return found


def test_a_referral_goes_out_to_an_agency_and_its_outcome_comes_back(whole: Whole) -> None:
    whole.variables = {"COLUMNS": "200"}
    whole.start_with_kafka("--sample")
    officer = Officer(whole)
    service = next(row for row in officer.get("/v1/services") if row["kind"] == "training")
    agency = service["agency"]
    added = whole.run("partners", "add", agency)
    assert added.returncode == 0, added.stderr
    handed = dict(re.findall(r"^ +([A-Z_]+)=(\S+)$", added.stdout, re.MULTILINE))
    households = [row["id"] for row in officer.get("/v1/households", limit=2 * MANY)["items"]]
    sent = [referral for h in households if (referral := officer.refer(h, service["id"])) is not None]
    assert len(sent) >= MANY
    first, *others = sent
    until(lambda: officer.followed_up().get(first) == "agency", lambda: str(officer.followed_up()))
    assert json.loads(_on_the_page(handed, "details.sh", REFERRAL=first))["state"] == "sent"
    assert first in _on_the_page(handed, "details.sh", "feed.sh", REFERRAL=first)
    with _partner(whole, agency, handed["SECRET"]) as simulated:
        try:
            until(lambda: officer.state(first) != "sent", lambda: officer.state(first))
            broker = broker_process(whole.home / "kafka")
            assert broker is not None
            broker.kill()
            postmaster, *_ = whole.postgres()
            postmaster.kill()
            for referral in (first, *others):
                until(lambda: officer.state(referral) == "completed", lambda: f"{officer.state(referral)}")  # noqa: B023
            until(lambda: not officer.followed_up().keys() & {first, *others}, lambda: str(officer.followed_up()))
        finally:
            simulated.terminate()
            said, _ = simulated.communicate(timeout=60)
    assert re.search(r"messages came", said), said
    listed = whole.run("partners", "list").stdout
    assert re.search(rf"{agency}.*reached", listed), listed
    assert whole.stop() == 0


def _on_the_page(handed: dict[str, str], *names: str, **more: str) -> str:
    """What files of docs/partners.md print, one after the other, with what was handed over."""
    script = "\n".join(files()[name] for name in names)
    environment = {"PATH": os.environ["PATH"], **handed, **more}
    done = subprocess.run(
        ["bash", "-euc", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _partner(whole: Whole, agency: str, password: str) -> subprocess.Popen[str]:
    words = ["simulate-partner", agency, "--accepts", "1", "--completes", "1", "--seed", "1"]
    environment = {**os.environ, **whole.environment, "RUJUKAN_PARTNER_PASSWORD": password, "COLUMNS": "250"}
    return subprocess.Popen(
        [PROGRAM, *words], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
