"""CSV as spreadsheets write and read it, with whatever they do to it on the way."""

import csv
import io

import pytest

from api.problems import Refusal
from api.spreadsheets import BOM, Sheet, harmless, read, write

HEAD = ("referral", "action")


def rows(text: str, encoding: str = "utf-8") -> Sheet:
    return read(text.encode(encoding), 10)


@pytest.mark.parametrize(
    "text",
    [
        "referral,action\r\na,b\r\n",
        "referral,action\na,b",
        "referral,action\ra,b\r",
        f"{BOM}referral,action\r\na,b\r\n",
        "referral;action\r\na;b\r\n",
        "referral\taction\na\tb\n",
        " Referral , ACTION \r\n a ,b\r\n",
        '"referral";"action"\r\n"a";"b"\r\n',
        "referral,action,,\r\na,b,,\r\n",
    ],
)
def test_a_file_is_read_whichever_spreadsheet_wrote_it(text: str) -> None:
    found = rows(text)
    assert found.columns == HEAD
    assert [(number, cells[:2]) for number, cells in found.rows] == [(2, ("a", "b"))]


def test_rows_are_numbered_as_the_spreadsheet_does_with_the_blank_ones() -> None:
    found = rows('\r\n;;\r\nreferral;action\r\na;1\r\n\r\n;\r\n"b\r\nb";2\r\nc;3\r\n')
    assert found.rows == ((4, ("a", "1")), (7, ("b\r\nb", "2")), (8, ("c", "3")))


def test_a_delimiter_within_quotation_marks_is_none() -> None:
    assert rows('referral,action\r\n"a,b;c","say ""yes"""\r\n').rows == ((2, ("a,b;c", 'say "yes"')),)


@pytest.mark.parametrize("text", ["", BOM, "\r\n\r\n", ";;\r\n"])
def test_a_file_in_which_nothing_stands_has_neither_columns_nor_rows(text: str) -> None:
    assert (rows(text).columns, rows(text).rows) == ((), ())


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("referral,action\r\nç".encode("latin-1"), 400, "malformed-body"),
        ("referral,action\r\na,b".encode("utf-16"), 400, "malformed-body"),
        (b"referral,action\r\na\x00,b", 422, "text-not-storable"),
        (b'referral,action\r\n"a"b,c\r\n', 422, "malformed-csv"),
        (b'referral,action\r\n"a,b\r\n', 422, "malformed-csv"),
        (b"referral,action\r\n" + b"a" * 200_000, 422, "malformed-csv"),
        (b"referral,action\r\n" + b"a,b\r\n" * 11, 422, "too-many-rows"),
    ],
)
def test_what_is_no_such_file_is_refused_as_a_whole(body: bytes, status: int, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(body, 10)
    assert (refused.value.status_code, refused.value.code) == (status, code)


def test_the_row_that_is_no_csv_is_named() -> None:
    with pytest.raises(Refusal, match="Row 3 "):
        rows('referral,action\r\na,b\r\n"a"b,c\r\n')


def test_blank_rows_do_not_count() -> None:
    assert len(rows("referral,action\r\n" + "a,b\r\n\r\n" * 10).rows) == 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+62", "'+62"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("a;=1+1", "a;'=1+1"),
        ("a,=1+1", "a,'=1+1"),
        ("a\n=1+1", "a\n'=1+1"),
        ("Modal - usaha", "Modal - usaha"),
        ("33.24.04.2007", "33.24.04.2007"),
        ("a=b@c+d", "a=b@c+d"),
        ("", ""),
    ],
)
def test_nothing_that_is_written_is_a_formula(text: str, shown: str) -> None:
    assert harmless(text) == shown
    for delimiter in ",;":
        line = write([[text, None, 5]], delimiter)
        assert line.endswith("\r\n")
        assert list(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter)) == [[shown, "", "5"]]
