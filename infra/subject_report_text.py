"""The subject report as a page to be read by whom it is about, in Indonesian."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.printable import printable
from infra.subject_report import Report

HIDDEN = ("member", "referral", "agency", "service", "warnings", "previous", "household")
"""Ids and codes that the sentence of an event tells already."""

CONTINUED = " " * 8
"""Before each further line of a value: deeper than any line that begins one."""


def text_of(report: Report) -> str:
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield "LAPORAN DATA PRIBADI"
    yield f"Keluarga {report['household']}" + (f", anggota {report['member']}" if report["member"] else "")
    yield f"Dibuat {report['made_at']} oleh {report['made_by']} ({report['reason']})"
    yield f"Hingga catatan nomor {report['known_at']}"
    yield from _section("Yang tercatat, menurut urutan", (line for event in report["held"] for line in _event(event)))
    now = report["now"]
    yield from _section(
        "Keadaan sekarang", (_pairs(now, ("status", "region", "registered_on", "decile", "programmes")))
    )
    yield from _rows("Anggota", now["members"])
    yield from _rows("Kepesertaan program", now["enrolments"])
    yield from _rows("Graduasi", now["graduations"])
    yield from _rows("Pendamping", now["assignments"])
    yield from _rows("Bantuan yang diterima", report["assistance"])
    yield from _rows("Rujukan, dasarnya, dan data yang dibuka kepada lembaga", report["referrals"])
    yield from _rows("Siapa yang membaca data ini", report["readings"])


def _event(event: Mapping[str, Any]) -> Iterator[str]:
    yield f"{event['position']}  {event['on']}  {_plain(event['id'] or event['topic'])}"
    for name, value in event["values"].items():
        if name not in HIDDEN and value not in (None, [], ""):
            yield f"    {name}: {_plain(value)}"


def _rows(title: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from _section(title, (line for row in rows for line in ("-", *_pairs(row, list(row)))))


def _pairs(row: Mapping[str, Any], names: Sequence[str]) -> Iterator[str]:
    return (f"    {name}: {_plain(row[name])}" for name in names if row[name] not in (None, [], ""))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    yield f"\n{title.upper()}"
    yield from found or ["(tidak ada)"]


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items() if part is not None)
    if isinstance(value, list | tuple):
        return ", ".join(_plain(part) for part in value)
    return printable(str(value), CONTINUED)
