"""Answers in the rows of a file, and what came of each."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from api.feed_referrals import COLUMNS as SHOWN
from api.problems import Refusal
from api.services import Replies
from api.spreadsheets import Sheet

COLUMNS = ("id", "referral", "action", "on", "reason", "outcome", "amount", "appointment", "information")
NEEDED = ("referral", "action")
CONTEXT = frozenset(SHOWN) - frozenset(COLUMNS)
"""Columns of the file of open referrals: whoever writes answers into that file leaves them where they are."""
MOST = 1_000
"""Rows of a file, which is then taken in some seconds."""
FAULTS = 3
"""Rows that could not be taken, after which no other is tried: the log is away."""
NAME = re.compile(r"[A-Za-z][\w .-]{0,39}", re.ASCII)
WRITTEN_AMOUNT = re.compile(r"[0-9]{1,18}|[0-9]{1,3}(\.[0-9]{3}){1,5}", re.ASCII)
"""With points between thousands, as is usual in Indonesia."""
WRITTEN_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
NOT_NOW = "It could not be taken now; please send it again."
BEHIND = "A row before it could not be taken now; please send it again with that one."
TOO_LONG = "The row has more cells than there are columns; text with a delimiter in it is put in quotation marks."


class Came(StrEnum):
    """`satisfied`: it was so already; `known`: the same answer had come in before."""

    APPLIED = "applied"
    SATISFIED = "satisfied"
    KNOWN = "known"
    REJECTED = "rejected"
    TRY_AGAIN = "try-again"


@dataclass(frozen=True, slots=True)
class Row:
    """`content` is the answer's body, whose cells are passed on as they are where they cannot be understood: the
    intake says what is wrong with them. `fault` is why there is no answer in it."""

    number: int
    id: str | None
    referral: UUID | None
    action: str
    content: Mapping[str, object]
    fault: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    row: int
    referral: UUID | None
    came: Came
    code: str | None = None
    field: str | None = None
    detail: str | None = None
    position: int | None = None


def check_columns(columns: Sequence[str]) -> None:
    """Raises 422 and names the column that is not known, stands there twice or is missing."""
    for number, name in enumerate(columns, start=1):
        if name not in COLUMNS and name not in CONTEXT:
            shown = f"`{name}`" if NAME.fullmatch(name) else f"the name of column {number}"
            _refuse("unknown-column", f"A column is unknown: {shown}; known are {', '.join(COLUMNS)}.")
    for name, count in Counter(columns).items():
        if count > 1:
            _refuse("repeated-column", f"The column `{name}` is there twice.", name)
    for name in NEEDED:
        if name not in columns:
            _refuse("missing-column", f"The column `{name}` is missing.", name)


def rows_of(sheet: Sheet) -> Iterator[Row]:
    """Of the file of open referrals, those rows alone in which an answer is written."""
    width, context = len(sheet.columns), not CONTEXT.isdisjoint(sheet.columns)
    for number, cells in sheet.rows:
        named = dict(zip(sheet.columns, cells, strict=False))
        if context and not any(named.get(name) for name in COLUMNS if name != "referral"):
            continue
        content = {name: _value(name, named[name]) for name in COLUMNS[3:] if named.get(name)}
        referral = named.get("referral", "")
        yield Row(
            number,
            named.get("id") or None,
            _uuid(referral),
            named.get("action", "").lower(),
            {**({"referral": referral} if referral else {}), **content},
            fault=any(cells[width:]),
        )


def taken(replies: Replies, agency: UUID, rows: Iterator[Row]) -> list[Result]:
    """What came of each, in their order. What could not be taken keeps back the rows behind it on the same referral."""
    results: list[Result] = []
    waiting: set[UUID | None] = set()
    faults = 0
    for row in rows:
        if row.fault:
            results.append(Result(row.number, row.referral, Came.REJECTED, "too-many-cells", detail=TOO_LONG))
            continue
        if row.referral in waiting:
            results.append(Result(row.number, row.referral, Came.TRY_AGAIN, detail=BEHIND))
            continue
        found = replies.take(agency, row.id, row.action, row.content) if faults < FAULTS else None
        if found is None:
            faults += 1
            waiting |= {row.referral} - {None}
            results.append(Result(row.number, row.referral, Came.TRY_AGAIN, detail=NOT_NOW))
            continue
        came = Came(found.came)
        results.append(Result(row.number, row.referral, came, found.code, found.field, found.detail, found.position))
    return results


def _value(name: str, cell: str) -> object:
    if name in ("on", "appointment"):
        return _date(cell)
    if name == "amount" and WRITTEN_AMOUNT.fullmatch(cell):
        return int(cell.replace(".", ""))
    return cell.split() if name == "information" else cell


def _date(cell: str) -> str:
    """A day as it is written in Indonesia becomes the ISO one, where there is such a day."""
    found = WRITTEN_DATE.fullmatch(cell)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat() if found else cell
    except ValueError:
        return cell


def _uuid(cell: str) -> UUID | None:
    try:
        return UUID(cell)
    except ValueError:
        return None


def _refuse(code: str, detail: str, field: str | None = None) -> None:
    raise Refusal(422, code, detail, field=field)
