"""The arithmetic of the bench: medians, ratios, bars, and a page that says what the figures say."""

import pytest

from tests.bench.machine import Machine
from tests.bench.measure import Kind, Measurement, alternating, percentile
from tests.bench.page import page
from tests.bench.report import TIMES, Report, as_json, number, read_json

MACHINE = Machine("a processor", 2, 23.0, "Linux 6", "3.11", "18.4", {"psycopg": "3.2"}, "abc", "2026-06-30T00:00")


def line(kind: Kind, bar: float | None, ours: tuple[float, ...], theirs: tuple[float, ...] = ()) -> Measurement:
    return Measurement("row", "A line", "events/s", ours, theirs, "the library", kind, bar)


@pytest.mark.parametrize(
    ("kind", "bar", "ours", "met"),
    [
        (Kind.RATIO_AT_LEAST, 3.0, 30.0, True),
        (Kind.RATIO_AT_LEAST, 3.0, 29.9, False),
        (Kind.RATIO_AT_MOST, 1.3, 13.0, True),
        (Kind.RATIO_AT_MOST, 1.3, 13.1, False),
        (Kind.OURS_AT_MOST, 150.0, 150.0, True),
        (Kind.OURS_AT_MOST, 0.0, 1.0, False),
        (Kind.TOLD, None, 1.0, None),
    ],
)
def test_a_bar_is_met_up_to_itself(kind: Kind, bar: float | None, ours: float, met: bool | None) -> None:
    assert line(kind, bar, (ours,), (10.0,)).met is met


def test_the_ratio_is_of_medians_so_that_one_bad_round_decides_nothing() -> None:
    found = line(Kind.RATIO_AT_LEAST, 3.0, (1.0, 40.0, 41.0), (10.0, 10.0, 999.0))
    assert found.ratio == 4.0
    assert found.met


def test_a_bar_on_a_ratio_with_nothing_to_compare_is_a_fault() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        _ = line(Kind.RATIO_AT_LEAST, 3.0, (1.0,)).met


def test_rounds_alternate_so_that_a_machine_that_slows_down_slows_both() -> None:
    order: list[str] = []

    def side(name: str, number: int) -> float:
        order.append(f"{name}{number}")
        return float(number)

    assert alternating(3, lambda n: side("a", n), lambda n: side("b", n)) == ((0.0, 1.0, 2.0), (0.0, 1.0, 2.0))
    assert order == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_a_percentile_is_one_of_the_values() -> None:
    hundred = [float(n) for n in range(100, 0, -1)]
    assert [percentile(hundred, share) for share in (0.5, 0.95, 1.0)] == [50.0, 95.0, 100.0]
    assert percentile([7.0], 0.95) == 7.0
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.95)


def test_numbers_are_told_with_three_figures_that_count() -> None:
    assert [number(n) for n in (0, 0.012345, 3.14159, 41.234, 123456.7)] == ["0", "0.0123", "3.14", "41.2", "123,457"]


def test_a_report_read_again_says_the_same_and_what_falls_short_is_named() -> None:
    report = Report(MACHINE, 1.0, 3, 2026, left_out={"Publishing": "not yet"}, about={"row": "A row.\n\nHow."})
    report.measurements = [
        line(Kind.RATIO_AT_LEAST, 3.0, (40.0,), (10.0,)),
        line(Kind.RATIO_AT_MOST, 1.3, (40.0,), (10.0,)),
        line(Kind.TOLD, None, (1.0,)),
    ]
    again = read_json(as_json(report))
    assert again == report
    assert [m.met for m in again.measurements] == [True, False, None]
    written = page(again)
    assert "1 of 2 bars are met." in written
    assert "Falls short: A line." in written
    ratio, bar = f"4{TIMES}", f"≤ 1.3{TIMES}"
    assert f"| A line | the library | 40 events/s | 10 events/s | {ratio} | {bar} | **no** |" in written
    assert "Publishing: not yet" in written
