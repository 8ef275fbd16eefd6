"""Reports as files for spreadsheets: above the figures stands of which log they are, and how they are worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from api import spreadsheets
from domain.ports import Registry
from infra.terminal import fail
from infra.whole_files import replace
from projections.reports import COUNTRY, Figure, Report

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """`about` says what the table is of, line by line."""

    name: str
    about: Sequence[tuple[str, Cell]]
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def sheet_of(
    report: Report, figures: Mapping[Figure, int], about: Sequence[tuple[str, Cell]], registry: Registry
) -> Sheet:
    """A row for all that has a figure other than 0; regions have their names beside them."""
    rows = sorted({figure[:-1] for figure in figures}, key=lambda row: [*row[:-1], row[-1] != COUNTRY, row[-1]])
    table: list[list[Cell]] = [
        [*row, _name(registry, row[-1]), *(figures.get((*row, column), 0) for column in report.columns)] for row in rows
    ]
    return Sheet(report.name, about, [*report.keys, "region_name", *report.columns], table)


def check_kind(file: Path) -> None:
    """Exits where its name ends with none of those that are written."""
    if file.suffix.lower() not in WRITTEN:
        fail(f"{file} ends neither with .csv nor with .xlsx.")


def write(file: Path, sheet: Sheet) -> None:
    """By the ending of its name. `OSError` where it cannot be written."""
    replace(file, WRITTEN[file.suffix.lower()](sheet))


def _csv(sheet: Sheet) -> bytes:
    lines = [*sheet.about, (), sheet.columns, *sheet.rows]
    return (spreadsheets.BOM + spreadsheets.write(lines)).encode()


def _xlsx(sheet: Sheet) -> bytes:
    """Nothing in it is a formula or a link, whatever it looks like."""
    import xlsxwriter

    content = BytesIO()
    with xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        bold, lines = book.add_format({"bold": True}), book.add_worksheet(sheet.name)
        for number, (name, value) in enumerate(sheet.about):
            lines.write(number, 0, name, bold)
            lines.write(number, 1, value)
        head = len(sheet.about) + 1
        lines.write_row(head, 0, sheet.columns, bold)
        for number, row in enumerate(sheet.rows, start=head + 1):
            lines.write_row(number, 0, row)
        lines.freeze_panes(head + 1, 0)
        lines.set_column(0, len(sheet.columns) - 1, 16)
    return content.getvalue()


def _name(registry: Registry, region: str) -> str:
    return "Indonesia" if region == COUNTRY else registry.region_name(region) or ""


WRITTEN = {".csv": _csv, ".xlsx": _xlsx}
