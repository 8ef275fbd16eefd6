"""The report that a person may ask for: everything held on them, to whom it went, and who read it."""

import json
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from infra.cli import app
from infra.postgres.names import beside
from infra.settings import load_settings
from tests.api.rig import OFFICER, Rig, a_member, new_kk, registration, rig_on

DISABILITY = "Tuna netra sejak 2019"


@pytest.fixture
def own_rig(database: str) -> Iterator[Rig]:
    with rig_on(database) as rig:
        yield rig


LONG = "3650"
"""Days of retention: the command goes by today's date, and the family's referral is of a day in 2026."""


class Family:
    """A family of two with findings, assistance and a referral, whom an officer and an agency have read of."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.kk, self.head, self.child = new_kk(), a_member(name="Suparti"), a_member(name="Bagas", head=False)
        body = registration(kk=self.kk, members=[self.head, self.child])
        self.id = str(rig.post("/v1/households", body).json()["id"])
        path = f"/v1/households/{self.id}"
        members = {m["name"]: m["id"] for m in rig.latest(path, OFFICER).json()["members"]}
        self.mother, self.son = members["Suparti"], members["Bagas"]
        rig.post(f"{path}/members/{self.son}/assessments", {"disability": DISABILITY})
        rig.post(f"{path}/visits", {"purpose": "verification", "result": "done", "note": "Rumah kontrakan"})
        rig.post(f"{path}/enrolments", {"programme": rig.programme("sembako"), "on": "2026-01-02"})
        payment = {"programme": "sembako", "period": "2026-Q1", "channel": "kks", "amount": 600_000}
        rig.post(f"{path}/assistance", {**payment, "paid_on": "2026-02-01", "reference": "SP2D-7"})
        self.agency, agent = rig.agency()
        self.referral = rig.referral(self.id, rig.service(self.agency, kind="education"), member=self.son)
        rig.latest(f"/v1/referrals/{self.referral}", agent)
        rig.latest(path)


@pytest.fixture
def family(own_rig: Rig) -> Family:
    return Family(own_rig)


def run(family: Family, *words: str, typed: str = "", monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DATABASE_URL", family.rig.url)
    monkeypatch.setenv("KEYS_DATABASE_URL", beside(family.rig.url))
    monkeypatch.setenv("RUJUKAN_MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    monkeypatch.setenv("RUJUKAN_AGENCY_RETENTION_DAYS", LONG)
    with tempfile.TemporaryDirectory(prefix="rj-") as home:
        monkeypatch.setenv("RUJUKAN_HOME", home)
        assert load_settings().database_url == family.rig.url
        named = ("subject-report", "--by", "dpo-1", "--reason", "own_request", *words)
        return CliRunner().invoke(app, named, input=typed, catch_exceptions=False)


def written(family: Family, *words: str, monkeypatch: pytest.MonkeyPatch, typed: str = "") -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "report.json"
        ran = run(family, *words, "--json", str(file), typed=typed, monkeypatch=monkeypatch)
        assert ran.exit_code == 0, ran.output
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "Bagas" not in ran.output
        return dict(json.loads(file.read_text()))


def test_a_household_is_told_everything_and_who_read_it(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    report = written(family, "--household", family.id, monkeypatch=monkeypatch)
    values = json.dumps([event["values"] for event in report["held"]], ensure_ascii=False)
    for told in (family.kk, "Dukuh Krajan", "Suparti", "Bagas", family.child["nik"], DISABILITY, "Rumah kontrakan",
                 "Modal untuk warung", "SP-2026-118"):  # fmt: skip
        assert told in values, told
    joined = [event for event in report["held"] if event["topic"] == "household.member_joined.v1"]
    assert all(event["position"] and event["logged_at"] and event["id"] for event in joined)
    assert (report["assistance"][0]["amount"], report["now"]["programmes"]) == (600_000, ["sembako"])
    (referral,) = report["referrals"]
    assert (referral["agency"], referral["legal_basis"], referral["open_to_agency"]) == (family.agency, "consent", True)
    assert referral["disclosed"] == ["need", "notes", "basis_reference", "name", "birth_date"]
    readers = {(row["actor"], row["why"]) for row in report["readings"]}
    assert readers >= {("officer-1", "household"), ("ministry-1", "household"), ("dpo-1", "subject-report")}
    assert [row for row in report["readings"] if row["role"] == "agency_officer" and "birth_date" in row["fields"]]


def test_a_person_is_told_nothing_of_the_others(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    mother = written(family, "--person", family.mother, monkeypatch=monkeypatch)
    text = json.dumps(mother, ensure_ascii=False)
    assert "Suparti" in text
    for others in ("Bagas", family.child["nik"], family.son, DISABILITY, family.referral):
        assert others not in text, others
    assert mother["referrals"] == []
    son = written(family, "--nik", typed=f"{family.child['nik']}\n", monkeypatch=monkeypatch)
    assert (son["household"], son["member"]) == (family.id, family.son)
    assert DISABILITY in json.dumps(son)
    assert [r["referral"] for r in son["referrals"]] == [family.referral]


def test_the_report_is_recorded_as_a_reading_with_its_reason(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run(family, "--kk", typed=f"{family.kk}\n", monkeypatch=monkeypatch)
    assert ran.exit_code == 0
    assert family.kk in ran.output.split("LAPORAN", 1)[1]
    assert family.kk not in ran.output.split("LAPORAN", 1)[0]
    with psycopg.connect(family.rig.url) as connection:
        rows = connection.execute(
            "SELECT member::text, scope, fields FROM readings WHERE actor = 'dpo-1' AND why = 'subject-report'"
        ).fetchall()
    assert {(member, reason) for member, reason, _ in rows} == {
        (None, "own_request"), (family.mother, "own_request"), (family.son, "own_request"),
    }  # fmt: skip
    assert {field for _, _, fields in rows for field in fields} >= {"kk", "address", "nik", "name", "details", "need"}


def test_a_file_that_is_there_is_kept(family: Family, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("mine")
    ran = run(family, "--household", family.id, "--json", str(file), monkeypatch=monkeypatch)
    assert ran.exit_code == 1
    assert file.read_text() == "mine"


def test_nobody_and_a_mistyped_number_are_told_and_leave_no_file(
    family: Family, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = str(tmp_path / "report.json")
    for words, typed in (
        (("--person", str(uuid4())), ""),
        (("--household", str(uuid4())), ""),
        (("--nik",), "12\n"),
        ((), ""),
        (("--nik", "--kk"), ""),
    ):
        ran = run(family, *words, "--json", file, typed=typed, monkeypatch=monkeypatch)
        assert ran.exit_code == 1, words
        assert not Path(file).exists()
