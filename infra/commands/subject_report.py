"""`rujukan subject-report`: what a person may ask to see."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import msgspec
import typer

from api.actors import is_subject
from api.sealing import Sealing
from domain.errors import Invalid
from domain.values import Actor, Role
from infra.bootstrap import Composed
from infra.subject_report import Report, subject_report
from infra.subject_report_text import text_of
from infra.terminal import console, fail
from projections import subject

READ_BY_OWNER = 0o600


class Reason(StrEnum):
    OWN_REQUEST = "own_request"
    GUARDIAN_REQUEST = "guardian_request"
    AUTHORITY = "authority"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Found:
    """How the subject is named: by one id, or by a number that was typed in."""

    person: UUID | None
    household: UUID | None
    kind: str | None
    number: str

    @classmethod
    def asked(cls, person: UUID | None, household: UUID | None, *, nik: bool, kk: bool) -> "Found":
        if sum((person is not None, household is not None, nik, kk)) != 1:
            fail("Give one of --person, --household, --nik and --kk.")
        kind = "nik" if nik else "kk" if kk else None
        number = typer.prompt(kind.upper(), hide_input=True) if kind is not None else ""
        return cls(person, household, kind, number)

    def subject(self, whole: Composed) -> tuple[UUID, UUID | None]:
        """The household, and the member that the report is limited to."""
        if self.household is not None:
            return self.household, None
        if self.person is not None:
            with whole.services.pool.connection() as connection:
                household = subject.household_of(connection, self.person)
            return (household, self.person) if household is not None else _nobody()
        services = whole.services
        sealing = Sealing(services.sealer, services.registry, services.time.today())
        try:
            found = services.log.find_identity(sealing.number_sought(self.kind or "", self.number))
        except Invalid as fault:
            fail(fault.detail)
        return found if found is not None else _nobody()


def reported(whole: Composed, found: Found, *, by: str, reason: Reason, file: Path | None) -> None:
    """Printed, or written to a file that was not there before."""
    if not is_subject(by):
        fail("--by must be an id that can be printed, with no white space around it.")
    household, member = found.subject(whole)
    if file is None:
        console.print(text_of(_made(whole, by, reason, household, member)), markup=False)
        return
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, READ_BY_OWNER)
    except OSError as fault:
        fail(f"{file} cannot be made: {fault.strerror}.")
    with os.fdopen(handle, "wb") as out:
        try:
            out.write(msgspec.json.format(msgspec.json.encode(_made(whole, by, reason, household, member)), indent=2))
        except BaseException:
            file.unlink()
            raise
    console.print(f"The report is in {file}.", markup=False)


def _made(whole: Composed, by: str, reason: Reason, household: UUID, member: UUID | None) -> Report:
    """The reason stands in the record of readings where other readers have their scope."""
    report = subject_report(whole.services, Actor(by, Role.ADMINISTRATOR, reason.value), household, member)
    return report if report is not None else _nobody()


def _nobody() -> NoReturn:
    fail("There is nobody of that id or number.")
