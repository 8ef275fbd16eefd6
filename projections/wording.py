"""Dates, money, periods and lists as people read them, in Indonesian and English."""

from collections.abc import Sequence
from datetime import date

from projections.code_words import CODES, Words

MONTHS = (
    Words("Januari", "January"),
    Words("Februari", "February"),
    Words("Maret", "March"),
    Words("April", "April"),
    Words("Mei", "May"),
    Words("Juni", "June"),
    Words("Juli", "July"),
    Words("Agustus", "August"),
    Words("September", "September"),
    Words("Oktober", "October"),
    Words("November", "November"),
    Words("Desember", "December"),
)


def same(text: str) -> Words:
    """A name, or a code without words: it is told as it is."""
    return Words(text, text)


def code(value: str) -> Words:
    return CODES.get(value, same(value))


def day(iso: str) -> Words:
    on = date.fromisoformat(iso)
    month = MONTHS[on.month - 1]
    return Words(f"{on.day} {month.id} {on.year}", f"{on.day} {month.en} {on.year}")


def period(text: str) -> Words:
    """`2026`, `2026-Q1` or `2026-03`."""
    year, _, part = text.partition("-")
    if not part:
        return Words(f"tahun {year}", year)
    if part.startswith("Q"):
        return Words(f"triwulan {part[1:]} tahun {year}", f"quarter {part[1:]} of {year}")
    month = MONTHS[int(part) - 1]
    return Words(f"{month.id} {year}", f"{month.en} {year}")


def rupiah(amount: int) -> Words:
    grouped = f"{amount:,}"
    return Words(f"Rp{grouped.replace(',', '.')}", f"Rp{grouped}")


def listed(parts: Sequence[Words]) -> Words:
    """`a, b dan c`, `a, b and c`; empty for none."""
    return Words(_joined([p.id for p in parts], "dan"), _joined([p.en for p in parts], "and"))


def _joined(parts: Sequence[str], conjunction: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"
