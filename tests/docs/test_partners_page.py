"""What `docs/partners.md` says of messages, codes and routes is so."""

import ast
import json
import re
from pathlib import Path

import pytest

from api import spreadsheets
from api.feed_referrals import SIGNS
from api.reply_rows import COLUMNS, MOST, Came, check_columns, rows_of
from api.streams import HEARTBEAT
from api.streams import MOST as STREAMS
from consumers.contracts import CODES, REJECTED
from consumers.replies import FORMS, LONGEST_BODY
from consumers.schema_files import schema
from consumers.taking_in.reading import ATTEMPTS
from domain.answering import ACTIONS
from domain.codes import Information, ReferralOutcome, ReferralReason
from domain.referral_table import TABLE, State
from tests.docs.partners_page import PAGE, blocks, codes, headers, rows, section
from tests.golden.wire import golden

ROOT = Path(__file__).parents[2]
SHOWN = ("rujukan.referral.scheduled.v1", "rujukan.reply.schedule.v1", REJECTED)


def test_the_messages_that_it_shows_are_the_golden_ones() -> None:
    assert [json.loads(block) for block in blocks("json")] == [golden(type_)["value"] for type_ in SHOWN]
    assert [headers(block) for block in blocks("text")] == [golden(type_)["headers"] for type_ in SHOWN[:2]]


def test_it_tells_of_every_message_with_its_codes() -> None:
    told: dict[str, tuple[list[str], list[str]]] = {}
    for names, _, fields in (row for row in rows(4) if len(row) == 3):
        always, _, perhaps = fields.rstrip("|").partition("perhaps")
        for name in codes(names):
            told[f"rujukan.referral.{name}.v1"] = (codes(always), codes(perhaps.partition("(")[0]))
    assert told.keys() == CODES.keys()
    for type_, (always, perhaps) in told.items():
        needed = schema(type_)["properties"]["codes"]["required"]
        assert (always, perhaps) == (needed, [name for name in CODES[type_] if name not in needed]), type_


def test_it_tells_of_every_state_and_when_a_referral_is_in_it() -> None:
    told = [name for cells in rows(4) if len(cells) == 2 for name in codes(cells[0])]
    assert sorted(told) == sorted(State)


def test_it_tells_of_every_answer_when_it_is_possible_and_what_goes_with_it() -> None:
    answers = {cells[0].strip("`"): cells for cells in rows(5) if len(cells) == 4}
    assert {f"rujukan.reply.{name}.v1" for name in answers} == FORMS.keys()
    for name, (_, _, states, fields) in answers.items():
        assert codes(states) == [str(state) for state in TABLE[name.replace("_", "-")].sources], name
        body = FORMS[f"rujukan.reply.{name}.v1"].__struct_fields__[2:]
        assert [code for code in codes(fields) if code in schema(f"rujukan.reply.{name}.v1")["properties"]] == [*body]


@pytest.mark.parametrize(
    ("name", "enum"), [("information", Information), ("reason", ReferralReason), ("outcome", ReferralOutcome)]
)
def test_it_lists_every_code(name: str, enum: type[ReferralReason]) -> None:
    (listed,) = [values for code, values in (row for row in rows(5) if len(row) == 2) if code == f"`{name}`"]
    assert codes(listed) == [str(code) for code in enum]


def test_it_knows_every_code_that_what_takes_answers_in_has_for_a_refusal() -> None:
    told = {cells[0].strip("`") for cells in rows(6)}
    for file in sorted((ROOT / "consumers").glob("*.py")):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Malformed":
                (code, *_) = call.args
                assert isinstance(code, ast.Constant)
                assert code.value in told, f"{file.name}: {code.value}"


def test_the_file_of_answers_that_it_shows_is_one() -> None:
    (shown,) = blocks("csv")
    sheet = spreadsheets.read(shown.encode(), MOST)
    check_columns(sheet.columns)
    assert {row.action for row in rows_of(sheet)} <= set(ACTIONS)
    listed = section(10).partition("Its columns are ")[2].partition(", in any order")[0]
    assert sorted(codes(listed)) == sorted(COLUMNS)
    assert ("tabs" in section(10)) == ("\t" in spreadsheets.DELIMITERS)
    for came in Came:
        assert f"`{came}`" in section(10)
    assert set(re.findall(r"delimiter=(\w+)", PAGE)) <= {str(sign) for sign in SIGNS}


def test_the_numbers_that_it_gives_are_those_of_the_code() -> None:
    told = " ".join(PAGE.split())
    assert f"more than {LONGEST_BODY:,} bytes" in told
    assert f"for {HEARTBEAT:.0f} seconds" in told and f"Up to {STREAMS} may be open" in told
    assert f"up to {MOST:,} rows" in told
    assert ATTEMPTS == 5 and "failed five times" in told


def test_every_file_that_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    missing = [link for link in links if "://" not in link and not (ROOT / "docs" / link).exists()]
    assert missing == []
