"""An agency's open referrals as a file for its spreadsheet."""

import csv
import io
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.api.rig import ADMINISTRATOR, OFFICER, Rig

PATH = "/v1/feed/referrals.csv"
COLUMNS = [
    "referral", "state", "since", "due", "overdue", "service", "region", "region_name", "respond_by", "sent_on",
    "actions",
]  # fmt: skip


def lines(rig: Rig, who: dict[str, str], sign: str = ",", **query: Any) -> list[dict[str, str]]:
    answer = rig.latest(PATH, who, **query)
    text = answer.content.decode("utf-8-sig")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=sign))


def test_open_referrals_are_a_file_with_what_may_be_done(rig: Rig) -> None:
    agency, officer = rig.agency()
    household, service = rig.household(), rig.service(agency)
    sent, accepted, ended = (rig.referral(household, service) for _ in range(3))
    rig.post(f"/v1/referrals/{accepted}/accept", {"on": "2026-06-15"}, officer, 200)
    rig.post(f"/v1/referrals/{ended}/decline", {"reason": "no_budget"}, officer, 200)
    answer = rig.latest(PATH, officer)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="referrals-2026-06-15.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.removeprefix("\ufeff").splitlines()[0] == ",".join(COLUMNS)
    found = {line["referral"]: line for line in lines(rig, officer)}
    assert found == {
        sent: {
            "referral": sent,
            "state": "sent",
            "since": "2026-06-15",
            "due": "2026-06-23",
            "overdue": "no",
            "service": "Modal usaha",
            "region": "33.24.04.2007",
            "region_name": "Curugsewu, Patean, Kabupaten Kendal, Jawa Tengah",
            "respond_by": "2026-06-23",
            "sent_on": "2026-06-15",
            "actions": "received request-information accept decline",
        },
        accepted: {
            **found[sent],
            "referral": accepted,
            "state": "accepted",
            "due": "2026-07-14",
            "actions": "schedule start fail",
        },
    }
    rig.time.day = date(2026, 6, 24)
    assert [line["overdue"] for line in lines(rig, officer) if line["referral"] == sent] == ["yes"]


def test_the_actions_are_those_that_the_referral_itself_lists(rig: Rig) -> None:
    agency, officer = rig.agency()
    referral = rig.referral(rig.household(), rig.service(agency))
    for step in (None, "cancel"):
        if step:
            rig.post(f"/v1/referrals/{referral}/{step}", {"reason": "no_longer_needed"}, expect=200)
        (line,) = lines(rig, officer)
        actions = rig.get(f"/v1/referrals/{referral}/actions", officer).json()["actions"]
        assert sorted(line["actions"].split()) == sorted(action["action"] for action in actions)


def test_a_name_that_would_be_a_formula_is_text(rig: Rig) -> None:
    agency, officer = rig.agency()
    name = '=HYPERLINK("http://example.org";"Klik")'
    rig.referral(rig.household(), rig.service(agency, name=name))
    for delimiter, sign in (("comma", ","), ("semicolon", ";")):
        (line,) = lines(rig, officer, sign, delimiter=delimiter)
        assert line["service"] == f"'{name}"


def test_a_file_of_many_pages_holds_each_referral_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    agency, officer = rig.agency()
    household, service = rig.household(), rig.service(agency)
    made = sorted(rig.referral(household, service) for _ in range(5))
    for page in (1, 2, 5, 6):
        monkeypatch.setattr("api.feed_referrals.PAGE", page)
        assert [line["referral"] for line in lines(rig, officer)] == made


def test_an_agency_with_nothing_open_gets_the_names_of_the_columns(rig: Rig) -> None:
    _, officer = rig.agency()
    assert rig.latest(PATH, officer).text == "\ufeff" + ",".join(COLUMNS) + "\r\n"


def test_nothing_personal_and_nothing_of_another_agency_is_in_it(rig: Rig) -> None:
    agency, officer = rig.agency()
    other, stranger = rig.agency()
    household = rig.household()
    mine, theirs = rig.referral(household, rig.service(agency)), rig.referral(household, rig.service(other))
    family = rig.latest(f"/v1/households/{household}").json()
    text = rig.latest(PATH, officer).text
    assert mine in text
    assert theirs not in text
    assert theirs in rig.latest(PATH, stranger).text
    for secret in (household, family["address"], "Modal untuk warung", *(m["nik"] for m in family["members"])):
        assert secret not in text


def test_only_agencies_have_one(rig: Rig) -> None:
    for who in (ADMINISTRATOR, OFFICER):
        rig.get(PATH, who, 403)
    _, officer = rig.agency()
    assert rig.get(PATH, officer, 422, delimiter="tab").json()["field"] == "delimiter"
    assert rig.get(PATH, officer, 400, after=10**15).json()["code"] == "position-beyond-log"
    assert rig.get(f"/v1/feed/{uuid4()}.csv", officer, 404).json()["code"] == "not-found"
