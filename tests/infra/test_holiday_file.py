"""The file by which administrators add holidays: what is valid, and what is told of each fault."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

import infra
from infra.holiday_file import HolidayFileError, read_holiday_file
from infra.working_days import WorkingDays

YEAR = {"year": 2028, "decree": "SKB 1", "source": "https://example.go.id", "holidays": {"2028-01-03": "Libur"}}
README = Path(infra.__path__[0], "holidays", "README.md")


def written(folder: Path, text: str, name: str = "holidays.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def with_years(folder: Path, *years: object) -> Path:
    return written(folder, json.dumps({"years": years}), "holidays.json")


@pytest.mark.parametrize("form", ["toml", "json"])
def test_the_examples_of_the_guide_are_valid_and_equal(tmp_path: Path, form: str) -> None:
    (example,) = re.findall(rf"```{form}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    days = read_holiday_file(written(tmp_path, example, f"holidays.{form}"))
    assert days == {2028: {date(2028, 1, 1), date(2028, 8, 17), date(2028, 12, 25)}}


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert read_holiday_file(written(tmp_path, "\ufeff" + json.dumps({"years": [YEAR]}), "holidays.json"))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"year": "2028"}, "years[0].year: Input should be a valid integer"),
        ({"year": 28}, "years[0].year: Input should be greater than or equal to 1945"),
        ({"decree": " "}, "years[0].decree: String should have at least 1 character"),
        ({"source": 3}, "years[0].source: Input should be a valid string"),
        ({"holidays": {}}, "years[0].holidays: Dictionary should have at least 1 item"),
        ({"holidays": ["2028-01-01"]}, "years[0].holidays: Input should be a valid dictionary"),
        ({"holidays": {"2028-02-30": "x"}}, "years[0].holidays.2028-02-30: is not a day of the calendar"),
        ({"holidays": {"1-1-2028": "x"}}, "years[0].holidays.1-1-2028: is not a date written as year-month-day"),
        ({"holidays": {"1830000000": "x"}}, "years[0].holidays.1830000000: is not a date"),
        ({"holidays": {"20280101": "x"}}, "years[0].holidays.20280101: is not a date"),
        ({"holidays": {"2028-01-01": ""}}, "years[0].holidays.2028-01-01: String should have at least 1"),
        ({"holidays": {"2027-12-31": "x"}}, "years[0]: holidays outside 2028: 2027-12-31"),
        ({"decre": "x"}, "years[0].decre: Extra inputs are not permitted"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_place(tmp_path: Path, change: dict[str, object], fault: str) -> None:
    path = with_years(tmp_path, YEAR | change)
    with pytest.raises(HolidayFileError) as error:
        WorkingDays(path)
    assert str(error.value).startswith(f"holidays file {path}: {fault}")
    assert "\n" not in str(error.value)


def test_all_faults_are_told_at_once_one_a_line(tmp_path: Path) -> None:
    spoiled = {"year": 2029, "holidays": {"2029-13-01": "x", "2029-01-01": "y"}}
    with pytest.raises(HolidayFileError) as error:
        WorkingDays(with_years(tmp_path, YEAR, spoiled))
    places = [line.split(": ")[1] for line in str(error.value).splitlines()]
    assert places == ["years[1].decree", "years[1].source", "years[1].holidays.2029-13-01"]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("holidays.toml", "", "years: Field required"),
        ("holidays.toml", "years = []", "years: List should have at least 1 item"),
        ("holidays.toml", "[[years]]\nyear = ", "Invalid value (at end of document)"),
        ("holidays.toml", "[[years]]\nyear == 1", "Invalid value (at line 2, column 7)"),
        ("holidays.toml", "x = " + "[" * 100_000, "is nested too deeply"),
        ("holidays.json", "", "Expecting value: line 1 column 1 (char 0)"),
        ("holidays.json", "[]", "Input should be a valid dictionary or instance of _File"),
        ("holidays.json", '{"years": [}', "Expecting value: line 1 column 12"),
        ("holidays.json", '{"years": [], "years": []}', "given more than once in one place: years"),
        ("holidays.json", "[" * 100_000, "is nested too deeply"),
        ("holidays.json", json.dumps({"years": [YEAR, YEAR]}), "years given more than once: 2028"),
        ("holidays.csv", "2028-01-01,Libur", "must end in .toml or .json"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_reason(tmp_path: Path, name: str, text: str, fault: str) -> None:
    path = written(tmp_path, text, name)
    with pytest.raises(HolidayFileError) as error:
        read_holiday_file(path)
    assert str(error.value).startswith(f"holidays file {path}: {fault}")


def test_a_file_that_cannot_be_read_is_refused_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "latin.toml").write_bytes(b'x = "\xe9"')
    for name, fault in [
        ("missing.toml", "cannot be read (No such file or directory)"),
        ("folder.toml", "cannot be read (Is a directory)"),
        ("latin.toml", "is not UTF-8 (byte 5)"),
    ]:
        with pytest.raises(HolidayFileError, match=re.escape(fault)):
            read_holiday_file(tmp_path / name)
