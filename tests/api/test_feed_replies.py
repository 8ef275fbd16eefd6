"""An agency's answers in a file: each row once, in order, and what came of it."""

import csv
import io
import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from api.app import build
from api.feed_replies import Results
from api.reply_rows import COLUMNS
from consumers.taking_in.filed import FiledReplies
from consumers.taking_in.intake import Intake
from domain.answering import Answering
from domain.values import Receipt
from tests.api.rig import ADMINISTRATOR, OFFICER, Rig, client_of

PATH = "/v1/feed/replies"
BOM = b"\xef\xbb\xbf"
Line = Mapping[str, object]


@pytest.fixture
def agency(rig: Rig) -> "Agency":
    return Agency(rig)


class Agency:
    """One that works in spreadsheets."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.id, self.officer = rig.agency()
        self.service = rig.service(self.id)
        self.household = rig.household()

    def refer(self) -> str:
        return self.rig.referral(self.household, self.service)

    def state(self, referral: str) -> str:
        return str(self.rig.latest(f"/v1/referrals/{referral}", OFFICER).json()["state"])

    def post(self, body: bytes | str, expect: int | None = 200, **headers: str) -> Any:
        sent = {**self.officer, "Content-Type": "text/csv", **{k.replace("_", "-"): v for k, v in headers.items()}}
        answer = self.rig.client.post(PATH, content=body, headers=sent)
        if expect is not None:
            assert answer.status_code == expect, answer.text
        return answer

    def send(self, *lines: Line, sign: str = ",") -> list[dict[str, Any]]:
        """What came of each of the rows."""
        return list(self.post(written(*lines, sign=sign)).json()["items"])

    def came(self, *lines: Line) -> list[tuple[str, str | None, str | None]]:
        return [(item["came"], item["code"], item["field"]) for item in self.send(*lines)]


def written(*lines: Line, sign: str = ",") -> bytes:
    """As a spreadsheet writes it."""
    found = io.StringIO(newline="")
    writer = csv.DictWriter(found, COLUMNS, delimiter=sign)
    writer.writeheader()
    writer.writerows(lines)
    return BOM + found.getvalue().encode()


def line(referral: object, action: str, **cells: object) -> Line:
    return {"referral": referral, "action": action, **cells}


def rejected(rig: Rig, agency: str) -> list[dict[str, Any]]:
    with psycopg.connect(rig.url, row_factory=dict_row) as connection:
        return connection.execute("SELECT * FROM rejected_replies WHERE agency = %s", [agency]).fetchall()


def test_a_file_brings_a_referral_from_its_receipt_to_its_outcome(agency: Agency) -> None:
    one, two, three = (agency.refer() for _ in range(3))
    answer = agency.post(
        written(
            line(one, "received", on="2026-06-15"),
            line(two, "request-information", information="business_details other"),
            line(one, "accept", on="15/06/2026"),
            line(three, "decline", reason="no_budget"),
            line(one, "schedule", appointment="20/6/2026"),
            line(one, "attend"),
            line(one, "start"),
            line(one, "complete", outcome="capital_disbursed", amount="2000000"),
            sign=";",
        )
    )
    assert [item["came"] for item in answer.json()["items"]] == ["applied"] * 8
    assert [item["row"] for item in answer.json()["items"]] == list(range(2, 10))
    assert Results.model_validate_json(answer.text).model_dump(mode="json") == answer.json()
    found = agency.rig.get(f"/v1/referrals/{one}", OFFICER, after=answer.headers["Rujukan-Position"]).json()
    assert (found["state"], found["outcome"], found["amount"], found["appointment"]) == (
        "completed", "capital_disbursed", 2_000_000, "2026-06-20",
    )  # fmt: skip
    assert (agency.state(two), agency.state(three)) == ("waiting", "declined")


@pytest.mark.parametrize(
    "file",
    [
        "referral,action\r\n{r},accept\r\n",
        "\ufeffreferral;action\r\n{r};accept\r\n",
        "referral;action;;\r\n\r\n;;;\r\n{r};accept;;\r\n\r\n",
        "Action, Referral \n accept , {r}",
        '"referral","action"\r\n"{r}","accept"',
        "action;on;referral\rAccept;15/06/2026;{R}\r",
    ],
    ids=["plain", "semicolons", "blank", "spaces", "quoted", "capitals"],
)
def test_a_file_is_taken_however_a_spreadsheet_writes_it(agency: Agency, file: str) -> None:
    referral = agency.refer()
    (item,) = agency.post(file.format(r=referral, R=referral.upper()).encode()).json()["items"]
    assert (item["came"], item["referral"]) == ("applied", referral)
    assert agency.state(referral) == "accepted"


@pytest.mark.parametrize("amount", ["2000000", "2.000.000", "02.000.000"])
def test_an_amount_may_have_points_between_thousands(agency: Agency, amount: str) -> None:
    referral = agency.refer()
    done = line(referral, "complete", outcome="capital_disbursed", amount=amount)
    assert [came for came, _, _ in agency.came(line(referral, "accept"), line(referral, "start"), done)] == [
        "applied"
    ] * 3
    assert agency.rig.latest(f"/v1/referrals/{referral}", OFFICER).json()["amount"] == 2_000_000


@pytest.mark.parametrize("amount", ["2.00", "2.000.00", "2,000,000", "-2.000", ".000", "2.0000"])
def test_an_amount_that_can_be_read_two_ways_is_refused(agency: Agency, amount: str) -> None:
    referral = agency.refer()
    done = line(referral, "complete", outcome="capital_disbursed", amount=amount)
    assert agency.came(line(referral, "accept"), line(referral, "start"), done)[-1] == (
        "rejected", "malformed-reply", "amount",
    )  # fmt: skip


def test_a_row_that_is_refused_again_is_rejected_again_however_it_was_refused(agency: Agency) -> None:
    referral = agency.refer()
    file = written(
        line(referral, "accept", on="2099-01-01"),
        line(referral, "decline", reason="because"),
        line(referral, "accept", id="3324040101900001"),
        line(referral, "accept", id="3324040101900002"),
    )
    for _ in range(2):
        items = agency.post(file).json()["items"]
        assert [(item["came"], item["code"]) for item in items] == [
            ("rejected", "future-date"),
            ("rejected", "malformed-reply"),
            ("rejected", "malformed-id"),
            ("rejected", "malformed-id"),
        ]


def test_a_file_that_is_sent_again_is_known(agency: Agency) -> None:
    one, two = agency.refer(), agency.refer()
    file = written(line(one, "accept"), line(two, "settle", reason="no_budget"), line(one, "start", id="mulai-1"))
    first = agency.post(file).json()["items"]
    assert [item["came"] for item in first] == ["applied", "rejected", "applied"]
    head = agency.rig.count_events()
    again = agency.post(file).json()["items"]
    assert [item["came"] for item in again] == ["known", "rejected", "known"]
    assert [item["code"] for item in again] == [None, "forbidden", None]
    assert agency.rig.count_events() == head
    assert len(rejected(agency.rig, agency.id)) == 1


def test_an_answer_is_known_by_its_own_id_in_whichever_file(agency: Agency) -> None:
    referral = agency.refer()
    agency.send(line(referral, "accept"))
    for _ in range(2):
        appointment = {"appointment": "2026-06-20"}
        assert agency.came(line(referral, "schedule", **appointment), line(referral, "miss"))[0][0] in (
            "applied", "known",
        )  # fmt: skip
    assert agency.state(referral) == "accepted"
    assert agency.came(line(referral, "schedule", id="2", **appointment), line(referral, "miss", id="3")) == [
        ("applied", None, None),
        ("applied", None, None),
    ]
    assert agency.came(line(referral, "fail", id="3", reason="no_budget")) == [("rejected", "id-reused", "id")]


def test_what_was_so_already_is_satisfied(agency: Agency) -> None:
    referral = agency.refer()
    assert [came for came, _, _ in agency.came(line(referral, "accept"), line(referral, "accept", id="again"))] == [
        "applied",
        "satisfied",
    ]


@pytest.mark.parametrize(
    ("action", "cells", "code", "field"),
    [
        ("", {}, "unknown-type", "action"),
        ("acept", {}, "unknown-type", "action"),
        ("=accept", {}, "unknown-type", "action"),
        ("settle", {"reason": "no_budget"}, "forbidden", None),
        ("expire", {}, "forbidden", None),
        ("accept", {"on": "2026-02-30"}, "malformed-reply", "on"),
        ("accept", {"on": "31/02/2026"}, "malformed-reply", "on"),
        ("accept", {"on": "06/15/2026"}, "malformed-reply", "on"),
        ("accept", {"on": "kemarin"}, "malformed-reply", "on"),
        ("accept", {"on": "2026-06-16"}, "future-date", "on"),
        ("accept", {"reason": "no_budget"}, "malformed-reply", "reason"),
        ("decline", {}, "malformed-reply", "reason"),
        ("decline", {"reason": "tidak ada dana"}, "malformed-reply", "reason"),
        ("decline", {"reason": "other"}, "note-missing", "note"),
        ("request-information", {}, "malformed-reply", "information"),
        ("request-information", {"information": "other hobby"}, "malformed-reply", "information"),
        ("start", {}, "illegal-transition", None),
        ("complete", {"outcome": "employed", "amount": "2,000,000"}, "malformed-reply", "amount"),
        ("complete", {"outcome": "employed", "amount": "-5"}, "malformed-reply", "amount"),
        ("accept", {"id": "x" * 201}, "malformed-id", "id"),
        ("accept", {"id": "satu dua"}, "malformed-id", "id"),
        ("accept", {"id": "3324040101900001"}, "malformed-id", "id"),
        ("accept", {"reason": "x" * 20_000}, "too-long", None),
    ],
)
def test_a_bad_cell_rejects_its_row_and_no_other(
    agency: Agency, action: str, cells: dict[str, str], code: str, field: str | None
) -> None:
    bad, good = agency.refer(), agency.refer()
    first, second = agency.send(line(bad, action, **cells), line(good, "accept"))
    assert (first["came"], first["code"], first["field"]) == ("rejected", code, field)
    assert first["detail"]
    assert (second["came"], agency.state(bad), agency.state(good)) == ("applied", "sent", "accepted")


@pytest.mark.parametrize("cell", ["", "1", "=1+1", "Siti Aminah"])
def test_what_is_no_referral_is_rejected_and_not_repeated(agency: Agency, cell: str) -> None:
    answer = agency.post(written(line(cell, "accept")))
    (item,) = answer.json()["items"]
    assert (item["came"], item["code"], item["field"], item["referral"]) == (
        "rejected", "malformed-reply", "referral", None,
    )  # fmt: skip
    assert len(cell) < 2 or cell not in answer.text


def test_a_row_with_more_cells_than_columns_is_rejected_alone(agency: Agency) -> None:
    one, two = agency.refer(), agency.refer()
    body = f"referral,action,reason\r\n{one},decline,no_budget,,x\r\n{two},decline,no_budget,,\r\n"
    first, second = agency.post(body).json()["items"]
    assert (first["came"], first["code"], second["came"]) == ("rejected", "too-many-cells", "applied")


def test_the_agency_is_the_callers_whatever_the_file_says(rig: Rig, agency: Agency) -> None:
    other = Agency(rig)
    theirs, nowhere = other.refer(), str(uuid4())
    results = agency.send(line(theirs, "accept"), line(nowhere, "accept"))
    assert [(item["came"], item["code"]) for item in results] == [("rejected", "not-found")] * 2
    assert results[0]["detail"] == results[1]["detail"]
    assert other.state(theirs) == "sent"
    assert other.came(line(theirs, "accept")) == [("applied", None, None)]
    with psycopg.connect(rig.url) as connection:
        by = connection.execute(
            "SELECT state ->> 'by' FROM log WHERE stream = %s AND topic = 'referral.accepted.v1'", [theirs]
        ).fetchone()
    assert by == (f"agency-{other.id}",)


def test_rows_of_one_referral_are_taken_in_the_files_order(agency: Agency) -> None:
    referral = agency.refer()
    assert agency.came(line(referral, "start"), line(referral, "accept"), line(referral, "miss")) == [
        ("rejected", "illegal-transition", None),
        ("applied", None, None),
        ("rejected", "illegal-transition", None),
    ]


def test_a_file_that_was_mended_by_a_row_more_is_sent_again(agency: Agency) -> None:
    referral = agency.refer()
    began = line(referral, "start", on="2026-06-15")
    assert agency.came(began) == [("rejected", "illegal-transition", None)]
    assert agency.came(began) == [("rejected", "illegal-transition", None)]
    assert agency.came(line(referral, "accept"), began) == [("applied", None, None)] * 2
    assert agency.came(line(referral, "accept"), began) == [("known", None, None)] * 2
    assert agency.state(referral) == "in_service"


def test_a_thousand_rows_are_taken_and_not_one_more(agency: Agency) -> None:
    rows = [line(uuid4(), "accept") for _ in range(1_000)]
    assert {came for came, _, _ in agency.came(*rows)} == {"rejected"}
    before = len(rejected(agency.rig, agency.id))
    problem = agency.post(written(*rows, line(agency.refer(), "accept")), 422).json()
    assert problem["code"] == "too-many-rows"
    assert len(rejected(agency.rig, agency.id)) == before == 1_000


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        ("", 422, "missing-column", "`referral`"),
        ("action\r\naccept", 422, "missing-column", "`referral`"),
        ("referral;on\r\na;b", 422, "missing-column", "`action`"),
        ("referral,action,catatan\r\na,b,c", 422, "unknown-column", "`catatan`"),
        ("referral,action,=1+1\r\na,b,c", 422, "unknown-column", "column 3"),
        ("referral,,action\r\na,b,c", 422, "unknown-column", "column 2"),
        ("referral,action,Action\r\na,b,c", 422, "repeated-column", "`action`"),
        ('referral,action\r\n"a"b,c', 422, "malformed-csv", "Row 2"),
        (b"referral,action\r\n\xff,b", 400, "malformed-body", "UTF-8"),
        (b"referral,action\r\na\x00,b", 422, "text-not-storable", ""),
        (b"x" * 1_000_001, 413, "too-large", ""),
    ],
)
def test_what_is_no_file_of_answers_is_refused_as_a_whole(
    agency: Agency, body: bytes | str, status: int, code: str, said: str
) -> None:
    problem = agency.post(body, status).json()
    assert problem["code"] == code
    assert said in problem["detail"]
    assert "=1+1" not in json.dumps(problem)


@pytest.mark.parametrize("delimiter", ["comma", "semicolon"])
def test_answers_may_be_written_into_the_file_of_open_referrals(agency: Agency, delimiter: str) -> None:
    accepted, left, unclear = (agency.refer() for _ in range(3))
    sign = {"comma": ",", "semicolon": ";"}[delimiter]
    downloaded = agency.rig.latest("/v1/feed/referrals.csv", agency.officer, delimiter=delimiter).content.decode(
        "utf-8-sig"
    )
    head, *rows = csv.reader(io.StringIO(downloaded), delimiter=sign)
    answers = {accepted: ["accept", ""], left: ["", ""], unclear: ["", "no_budget"]}
    sheet = io.StringIO()
    csv.writer(sheet, delimiter=sign).writerows(
        [[*head, "action", "reason"], *([*row, *answers[row[0]]] for row in rows)]
    )
    items = agency.post(sheet.getvalue()).json()["items"]
    assert {item["referral"]: (item["came"], item["code"]) for item in items} == {
        accepted: ("applied", None),
        unclear: ("rejected", "unknown-type"),
    }
    numbers = {row[0]: number for number, row in enumerate(rows, start=2)}
    assert {item["referral"]: item["row"] for item in items} == {r: numbers[r] for r in (accepted, unclear)}
    assert agency.state(left) == "sent"


def test_the_file_of_open_referrals_as_it_was_downloaded_has_no_answer_in_it(agency: Agency) -> None:
    agency.refer()
    downloaded = agency.rig.latest("/v1/feed/referrals.csv", agency.officer).content
    assert agency.post(downloaded, 422).json()["detail"] == "The column `action` is missing."


@pytest.mark.parametrize("kind", ["Text/CSV; charset=utf-8; header=present", 'text/csv;header=present; charset="UTF8"'])
def test_a_content_type_may_have_parameters_in_any_order(agency: Agency, kind: str) -> None:
    agency.post(written(), 200, Content_Type=kind)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "text/csv; charset=windows-1252"])
def test_another_content_type_is_refused(agency: Agency, kind: str) -> None:
    assert agency.post(written(), 415, Content_Type=kind).json()["code"] == "unsupported-media-type"


@pytest.mark.parametrize("kind", ["text/csv; charset=UTF-8", 'TEXT/CSV;header=present;charset="utf-8"'])
def test_the_content_type_may_say_its_character_set(agency: Agency, kind: str) -> None:
    assert agency.post(written(), Content_Type=kind).json() == {"items": []}


def test_what_came_of_it_is_a_file_where_that_is_wanted(agency: Agency) -> None:
    referral = agency.refer()
    for sign in ",;":
        file = written(line(referral, "accept"), line("=1+1", "accept"), sign=sign)
        answer = agency.post(file, Accept="text/csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="results.csv"'
        assert answer.content.startswith(BOM)
        text = answer.content.decode("utf-8-sig")
        first, second = csv.DictReader(io.StringIO(text, newline=""), delimiter=sign)
        assert list(first) == ["row", "referral", "came", "code", "field", "detail"]
        assert (first["row"], first["referral"], second["row"], second["referral"]) == ("2", referral, "3", "")
        assert (second["code"], second["field"]) == ("malformed-reply", "referral")
        assert "=1+1" not in text


def test_only_agencies_answer(agency: Agency) -> None:
    file = written(line(agency.refer(), "accept"))
    for who, status in ((ADMINISTRATOR, 403), (OFFICER, 403), ({}, 401)):
        sent = {"Content-Type": "text/csv", **who}
        assert agency.rig.client.post(PATH, content=file, headers=sent).status_code == status
        assert agency.rig.client.post(PATH, content=b"\xff", headers=sent).status_code == status


def test_nothing_that_a_file_says_in_words_is_kept(agency: Agency) -> None:
    referral = agency.refer()
    agency.send(
        line(referral, "Siti Aminah", id="3324040101900001"),
        line(referral, "decline", reason="Siti Aminah"),
        line("Siti Aminah", "accept"),
    )
    kept = str(rejected(agency.rig, agency.id))
    assert len(rejected(agency.rig, agency.id)) == 3
    assert "Siti" not in kept
    assert "3324040101900001" not in kept


# The log away, or others at the same referral


class Failing:
    """An intake of which a test says for which referrals it cannot reach the log."""

    def __init__(self, rig: Rig) -> None:
        services = rig.services
        answering = Answering(services.application, services.calendar, services.days)
        self.log = services.log
        self.replies = FiledReplies(Intake(answering, self, services.pool.connection, services.time))
        self.away: set[str] = set()
        self.asked: list[str] = []

    def take(self, agency: UUID, own_id: str | None, action: str, content: Mapping[str, object]) -> Any:
        self.asked.append(str(content["referral"]))
        return self.replies.take(agency, own_id, action, content)

    def receipt(self, caller: str, route: str, key: str) -> Receipt | None:
        if self.asked[-1] in self.away:
            raise psycopg.OperationalError("The server is gone.")
        return self.log.receipt(caller, route, key)


@pytest.fixture
def failing(agency: Agency) -> Failing:
    """Takes the place of the intake behind the agency's client."""
    found = Failing(agency.rig)
    services = replace(agency.rig.services, replies=found)
    agency.rig = replace(agency.rig, services=services, client=client_of(build(services)))
    return found


def test_what_could_not_be_taken_keeps_back_the_rows_behind_it_on_the_same_referral(
    agency: Agency, failing: Failing
) -> None:
    one, two = agency.refer(), agency.refer()
    failing.away = {one}
    file = [line(one, "received"), line(two, "received"), line(one, "accept"), line(two, "accept")]
    results = agency.send(*file)
    assert [item["came"] for item in results] == ["try-again", "applied", "try-again", "applied"]
    assert failing.asked == [one, two, two]
    assert all(item["detail"] for item in results if item["came"] == "try-again")
    assert rejected(agency.rig, agency.id) == []
    failing.away = set()
    assert [item["came"] for item in agency.send(*file)] == ["applied", "known", "applied", "known"]
    assert (agency.state(one), agency.state(two)) == ("accepted", "accepted")


def test_after_some_rows_that_could_not_be_taken_no_other_is_tried(agency: Agency, failing: Failing) -> None:
    referrals = [agency.refer() for _ in range(6)]
    failing.away = set(referrals)
    results = agency.send(*(line(referral, "accept") for referral in referrals))
    assert [item["came"] for item in results] == ["try-again"] * 6
    assert failing.asked == referrals[:3]


def test_a_file_waits_for_the_one_before_it_of_the_same_principal(agency: Agency) -> None:
    begun, go = threading.Event(), threading.Event()

    class Slow(Failing):
        def take(self, *given: Any) -> Any:
            begun.set()
            go.wait(10)
            return super().take(*given)

    services = replace(agency.rig.services, replies=Slow(agency.rig))
    agency.rig = replace(agency.rig, services=services, client=client_of(build(services)))
    file = written(line(agency.refer(), "accept"))
    answers: list[Any] = []
    first = threading.Thread(target=lambda: answers.append(agency.post(file)))
    first.start()
    begun.wait(10)
    problem = agency.post(file, 429)
    assert (problem.json()["code"], problem.headers["Retry-After"]) == ("too-many-files", "5")
    go.set()
    first.join(10)
    assert answers[0].json()["items"][0]["came"] == "applied"
    assert agency.post(file).json()["items"][0]["came"] == "known"
