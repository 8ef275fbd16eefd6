"""The kinds of field that requests are made of. None is wider than what is stored, and no text is taken for another."""

import re
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_date(value: Any) -> Any:
    if isinstance(value, date) or value is None:
        return value
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and ISO_DATE.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found <= LATEST:
        raise ValueError(f"Input should be a date such as 2026-03-31, from {EARLIEST} to {LATEST}")
    return found


class Body(BaseModel):
    """Base of requests: nothing is passed over."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def text(longest: int, pattern: str | None = None) -> Any:
    return StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=longest, pattern=pattern)


STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but tab and newline."""


def _steerless(value: str) -> str:
    if STEERING.search(value):
        raise ValueError("Input should hold no control characters")
    return value


def _lines(value: object) -> object:
    """Browsers end a line with two characters."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


Steerless = AfterValidator(_steerless)
Day = Annotated[date, BeforeValidator(_iso_date)]
"""`YYYY-MM-DD`."""
Flag = Annotated[bool, Strict()]
Id = UUID

Name = Annotated[str, text(200), Steerless]
Address = Annotated[str, text(500), Steerless]
Note = Annotated[str, BeforeValidator(_lines), text(2000), Steerless]
"""Free text, sealed before it is stored."""
Number = Annotated[str, text(32)]
"""A NIK or KK; the registry says what is wrong with one."""
RegionCode = Annotated[str, text(13, r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$")]
"""Kemendagri code such as `33.24.04.2007`, or a prefix of whole parts."""
ProgrammeCode = Annotated[str, text(40, r"^[a-z][a-z0-9_]*$")]
Period = Annotated[str, text(7, r"^[0-9]{4}(-(Q[1-4]|[0-9]{2}))?$")]
"""`2026`, `2026-Q1` or `2026-03`."""
Quarter = Annotated[str, text(7, r"^[0-9]{4}-Q[1-4]$")]
Reference = Annotated[str, text(64, r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Code = Annotated[str, text(40, r"^[a-z][a-z0-9_-]*$")]
LegalRule = Annotated[
    str,
    text(
        60,
        r"^(UUD|UU|Perpu|PP|Perpres|Inpres|Per[a-z]{3,20}|Kep[a-z]{3,20}) [0-9]{1,4}/[0-9]{4}"
        r"( pasal [0-9]{1,3}[A-Z]?( ayat [0-9]{1,2})?)?$",
    ),
]
"""A rule by its kind, number and year, such as `UU 13/2011 pasal 7`: nothing of a person has room in it."""
Rupiah = Annotated[int, Strict(), Field(ge=0, le=1_000_000_000_000)]
"""Whole rupiah."""
Decile = Annotated[int, Strict(), Field(ge=1, le=10)]
Year = Annotated[int, Strict(), Field(ge=2000, le=2100)]
Few = Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
