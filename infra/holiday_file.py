"""Reads the holidays that an administrator adds; `infra/holidays/README.md` describes the file."""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class HolidayFileError(ValueError):
    """What is wrong with the file and where, for the administrator: one line for each fault."""

    def __init__(self, path: Path, *faults: str) -> None:
        super().__init__("\n".join(f"holidays file {path}: {fault}" for fault in faults))


def _iso_date(text: object) -> date:
    # The type is wider than ours: it takes numbers and moments too.
    if not isinstance(text, str) or not ISO_DATE.fullmatch(text):
        raise ValueError("is not a date written as year-month-day")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Day = Annotated[date, BeforeValidator(_iso_date)]


class _Year(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    year: Annotated[int, Field(ge=1945, le=9999)]
    decree: Text
    source: Text
    holidays: Annotated[dict[Day, Text], Field(min_length=1)]

    @model_validator(mode="after")
    def _within_the_year(self) -> "_Year":
        strays = [day.isoformat() for day in self.holidays if day.year != self.year]
        if strays:
            raise ValueError(f"holidays outside {self.year}: {', '.join(strays)}")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    years: Annotated[list[_Year], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_year_once(self) -> "_File":
        years = [entry.year for entry in self.years]
        twice = sorted({str(year) for year in years if years.count(year) > 1})
        if twice:
            raise ValueError(f"years given more than once: {', '.join(twice)}")
        return self


def read_holiday_file(path: Path) -> Mapping[int, frozenset[date]]:
    """The days off of each year in the file; raises `HolidayFileError` where it cannot be read or is at fault."""
    try:
        content = _parsed(path)
        return {entry.year: frozenset(entry.holidays) for entry in _File.model_validate(content).years}
    except ValidationError as error:
        raise HolidayFileError(path, *(_fault(entry["loc"], entry["msg"]) for entry in error.errors())) from None
    except OSError as error:
        raise HolidayFileError(path, f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise HolidayFileError(path, f"is not UTF-8 (byte {error.start})") from None
    except RecursionError:
        raise HolidayFileError(path, "is nested too deeply") from None
    except ValueError as error:
        raise HolidayFileError(path, str(error)) from None


def _parsed(path: Path) -> Any:
    text = path.read_text(encoding="utf-8-sig")
    match path.suffix.lower():
        case ".toml":
            return tomllib.loads(text)
        case ".json":
            return json.loads(text, object_pairs_hook=_without_doubles)
        case _:
            raise ValueError("must end in .toml or .json")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # JSON keeps the last of equal names, and a holiday would be lost without a word.
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"given more than once in one place: {', '.join(twice)}")
    return dict(pairs)


def _fault(place: tuple[int | str, ...], message: str) -> str:
    """`years[0].holidays.2028-02-30: is not a day of the calendar`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place if step != "[key]")
    message = message.removeprefix("Value error, ")
    return f"{where}: {message}" if (where := "".join(steps).lstrip(".")) else message
