"""CSV as spreadsheets read and write it (RFC 4180), and never with a formula in it."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from api.json_bodies import storable
from api.problems import Refusal

MEDIA_TYPE = "text/csv"
CONTENT: dict[str, Any] = {MEDIA_TYPE: {"schema": {"type": "string"}}}
"""As documentation says it."""
BOM = "\ufeff"
"""By which spreadsheets know UTF-8."""
DELIMITERS = (",", ";", "\t")
"""A spreadsheet set to Indonesian writes the second, as its decimals have the first."""
FORMULA = re.compile(r"(?:^|(?<=[,;\t\r\n]))(?=[=+\-@\t\r])")
"""Where a cell begins as formulas do, or would where a spreadsheet divides it at another delimiter than ours."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The names of the columns, and each row that is not blank with its number as the spreadsheet shows it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    delimiter: str


def read(body: bytes, most: int) -> Sheet:
    """Cells without the space around them; names of columns in small letters. Raises 400 for what is not UTF-8, and 422
    for what is no CSV or has more than so many rows below its head."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(400, "malformed-body", "The file is not UTF-8; save it as CSV UTF-8.") from None
    if not storable(text):
        raise Refusal(422, "text-not-storable", "The file holds a character that cannot be stored.")
    delimiter = _delimiter(text)
    rows: list[tuple[int, tuple[str, ...]]] = []
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(lines, start=1):
            row = tuple(cell.strip() for cell in cells)
            if any(row):
                rows.append((number, row))
            if len(rows) > most + 1:
                raise Refusal(422, "too-many-rows", f"The file has more than {most:,} rows; send it in parts.")
    except csv.Error:
        raise Refusal(422, "malformed-csv", f"Row {number + 1} is not CSV; look for a stray quotation mark.") from None
    (_, head), *below = rows or [(1, ())]
    return Sheet(tuple(name.lower() for name in _without_blank_end(head)), tuple(below), delimiter)


def write(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    """Lines of CSV; None is an empty cell."""
    found = io.StringIO(newline="")
    csv.writer(found, delimiter=delimiter, lineterminator="\r\n").writerows(
        [harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return found.getvalue()


def harmless(text: str) -> str:
    """What a spreadsheet shows as this text, and does not carry out."""
    return FORMULA.sub("'", text)


def attached(name: str) -> dict[str, str]:
    """The header by which a browser keeps a file of this name."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _delimiter(text: str) -> str:
    """The one that the head has most of."""
    head = next((line for line in io.StringIO(text) if line.strip(" \r\n" + "".join(DELIMITERS))), "")
    return max(DELIMITERS, key=(head or text).count)


def _without_blank_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Spreadsheets write columns that only once held something."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]
