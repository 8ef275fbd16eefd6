"""Where plain text ends: what comes in is checked and sealed here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from api.schemas.household_commands import MemberAssessment, MemberIn
from domain.errors import Invalid
from domain.ports import Registry, Sealer
from domain.values import Claim, LookupKey, NewMember, Sealed

VILLAGE = 13
"""Length of a village's code."""
MEANINGS = {
    "format": "must be 16 digits",
    "province": "names no province",
    "region": "names no region",
    "birth-date": "holds no birth date",
    "serial": "ends in no serial number",
}


@dataclass(frozen=True)
class Sealing:
    """Checks by the registry and seals; `today` is for birth dates.

    The data key of what is the household's has the household's id, that of a person's the person's. Those of new ones
    are made by `new_keys`, once all is checked; everything else seals under keys that there are.
    """

    sealer: Sealer
    registry: Registry
    today: date

    def new_keys(self, *ids: UUID) -> None:
        self.sealer.make_keys(ids)

    def check_family(self, kk: str, members: Sequence[MemberIn]) -> None:
        _no_faults("kk", self.registry.kk_faults(kk), "kk")
        niks = [member.nik for member in members]
        for number, member in enumerate(members):
            if member.nik in niks[:number]:
                raise Invalid("nik-repeated", "Two members have the same NIK.", f"members.{number}.nik")
            self.check_member(member, f"members.{number}.")

    def check_member(self, member: MemberIn, place: str = "") -> None:
        _no_faults("nik", self.registry.nik_faults(member.nik, self.today), f"{place}nik")
        if member.birth_date > self.today:
            raise Invalid("future-date", "A birth date is not in the future.", f"{place}birth_date")

    def family_card(self, kk: str, household: UUID) -> tuple[Sealed, LookupKey]:
        return self.of_household(kk, household, "kk"), self.sealer.digest("kk", kk)

    def number_sought(self, kind: str, number: str) -> LookupKey:
        """The key by which a family card (`kk`) or identity number (`nik`) is looked up; a mistyped one is a fault."""
        faults = self.registry.kk_faults(number) if kind == "kk" else self.registry.nik_faults(number, self.today)
        _no_faults(kind, faults, kind)
        return self.sealer.digest(kind, number)

    def member(self, new: UUID, member: MemberIn, household: UUID, region: str) -> NewMember:
        def sealed(text: str, field: str) -> Sealed:
            return self.sealer.seal(text, key=new, stream=household, field=field)

        return NewMember(
            id=new,
            nik=sealed(member.nik, "nik"),
            name=sealed(member.name, "name"),
            birth_date=sealed(member.birth_date.isoformat(), "birth_date"),
            head=member.head,
            claim=Claim(self.sealer.digest("nik", member.nik), household, new),
            warnings=tuple(
                self.registry.nik_warnings(member.nik, birth_date=member.birth_date, region=region, today=self.today)
            ),
        )

    def details(self, body: MemberAssessment, household: UUID, member: UUID) -> Sealed:
        found = body.model_dump(mode="json", include={"component", "pas_group", "disability"})
        return self.sealer.seal(json.dumps(found, sort_keys=True), key=member, stream=household, field="details")

    def of_household(self, text: str, household: UUID, field: str) -> Sealed:
        return self.sealer.seal(text, key=household, stream=household, field=field)

    def of_referral(self, text: str, referral: UUID, owner: UUID, field: str) -> Sealed:
        """`owner` is the member that the referral is of, or else the household: the text goes with that data key."""
        return self.sealer.seal(text, key=owner, stream=referral, field=field)

    def note(self, text: str | None, household: UUID) -> Sealed | None:
        return None if text is None else self.of_household(text, household, "note")

    def village(self, code: str) -> str:
        """A household lives in a village that there is."""
        self.region(code)
        if len(code) != VILLAGE:
            raise Invalid("region-not-village", "A household lives in a village, such as 33.24.04.2007.", "region")
        return code

    def region(self, code: str, field: str = "region") -> str:
        if self.registry.region_name(code) is None:
            raise Invalid("unknown-region", "There is no region with this code.", field)
        return code


def _no_faults(number: str, faults: Sequence[str], field: str) -> None:
    if faults:
        meaning = MEANINGS.get(faults[0].removeprefix(f"{number}-"), "is malformed")
        raise Invalid(faults[0], f"The {number.upper()} {meaning}.", field)
