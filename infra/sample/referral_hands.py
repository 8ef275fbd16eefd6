"""What is done to a family's referrals, by senders, agencies and the clock."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5

from domain import deadlines
from domain.codes import Information, LegalBasis, ReferralOutcome, ReferralReason
from domain.referral import Referral
from domain.referral_table import TABLE
from domain.service import Service
from domain.values import Command, Deadline, Sealed
from infra.sample.directories import service_id
from infra.sample.hands import Hands
from infra.sample.identities import CLOCK, agency_officer
from infra.sample.spans import open_day

DAY = timedelta(days=1)
DUTY = "UU 13/2011 pasal 7"
"""By which the state rehabilitates, protects and empowers the poor."""


@dataclass(slots=True)
class ReferralHands:
    """One chain of referrals of a family: the first, and those it was redirected to. `number` tells chains apart."""

    hands: Hands
    number: int
    service: str = ""
    hop: int = 0

    @property
    def id(self) -> UUID:
        """The referral that the chain stands at."""
        return self._id(self.hop)

    def may(self, action: str) -> bool:
        """Whether the table allows the action now."""
        return self.hands.world.application.load(Referral, self.id).state in TABLE[action].sources

    def _id(self, hop: int) -> UUID:
        first = self.hands.family.referral(self.number)
        return uuid5(first, str(hop)) if hop else first

    def _sender(self, on: date) -> Command:
        return self.hands.command(self.hands.lead(on), on)

    def _agency(self, on: date) -> Command:
        return self.hands.command(agency_officer(self.service.partition("/")[0]), on)

    def _respond_by(self, service: str, on: date) -> Deadline:
        world = self.hands.world
        offer = world.application.load(Service, service_id(service)).offer
        return deadlines.response(world.calendar, on, offer.response_days)

    def _next_by(self, on: date) -> Deadline:
        return deadlines.progress(self.hands.world.calendar, self.hands.world.days, on)

    def _sealed(self, text: str, field: str, referral: UUID) -> Sealed:
        return self.hands.sealed(text, field, referral)

    # Senders

    def send(self, on: date, service: str, need: str, *, member: UUID | None = None, duty: bool = False) -> None:
        """`service` is agency and name; `duty` where the law, not consent, is the basis."""
        self.service = service
        respond_by = self._respond_by(service, on)
        reference = None if duty else self._sealed(f"Surat persetujuan tanggal {on}", "basis_reference", self.id)
        self.hands.referrals.append(self.id)
        self.hands.world.application.send_referral(
            self.hands.family.id,
            self._sender(on),
            self.id,
            service=service_id(service),
            need=self._sealed(need, "need", self.id),
            legal_basis=LegalBasis.STATUTORY_DUTY if duty else LegalBasis.CONSENT,
            respond_by=respond_by,
            expires_on=deadlines.expiry(self.hands.world.days, respond_by),
            member=member,
            basis_reference=reference,
            legal_rule=DUTY if duty else None,
        )

    def redirect(self, on: date, service: str, need: str) -> None:
        ended, self.hop = self.id, self.hop + 1
        sender, respond_by = self._sender(on), self._respond_by(service, on)
        self.service = service
        self.hands.referrals.append(self.id)
        self.hands.world.application.redirect(
            ended,
            sender,
            self.id,
            service=service_id(service),
            need=self._sealed(need, "need", self.id),
            legal_basis=LegalBasis.CONSENT,
            respond_by=respond_by,
            expires_on=deadlines.expiry(self.hands.world.days, respond_by),
            basis_reference=self._sealed(f"Surat persetujuan tanggal {on}", "basis_reference", self.id),
        )

    def supply(self, on: date) -> None:
        self.hands.world.application.supply_information(
            self.id,
            self._sender(on),
            deadline=self._respond_by(self.service, on),
            note=self._note("Dokumen sudah diserahkan di kantor unit."),
        )

    def cancel(self, on: date, reason: ReferralReason) -> None:
        cancel_by = deadlines.cancellation(self.hands.world.calendar, self.hands.world.days, on)
        self.hands.world.application.cancel(self.id, self._sender(on), reason=reason, cancel_by=cancel_by)

    def settle(self, on: date, reason: ReferralReason) -> None:
        note = self._note("Keluarga sudah punya jalan sendiri.") if reason is ReferralReason.OTHER else None
        self.hands.world.application.settle(self.id, self._sender(on), reason=reason, note=note)
        if reason is ReferralReason.NO_LONGER_NEEDED:
            self.hands.world.application.withdraw_basis(self.id, self._sender(on))

    # Agencies

    def receive(self, on: date) -> None:
        self.hands.world.application.receive(self.id, self._agency(on))

    def request(self, on: date, *information: Information) -> None:
        self.hands.world.application.request_information(self.id, self._agency(on), information=information)

    def accept(self, on: date) -> None:
        self.hands.world.application.accept(self.id, self._agency(on), next_by=self._next_by(on))

    def decline(self, on: date, reason: ReferralReason) -> None:
        note = self._note("Sedang ada pergantian petugas.") if reason is ReferralReason.OTHER else None
        self.hands.world.application.decline(self.id, self._agency(on), reason=reason, note=note)

    def schedule(self, on: date, days: int) -> None:
        """The appointment is so many days later, when the office is open."""
        appointment = open_day(self.hands.world.calendar, on + timedelta(days=days))
        self.hands.world.application.schedule(
            self.id, self._agency(on), appointment=appointment, next_by=self._next_by(appointment)
        )

    def attend(self, on: date) -> None:
        self.hands.world.application.attend(self.id, self._agency(on), next_by=self._next_by(on))

    def miss(self, on: date) -> None:
        self.hands.world.application.miss(self.id, self._agency(on), next_by=self._next_by(on))

    def start(self, on: date) -> None:
        next_by = deadlines.completion(self.hands.world.days, on)
        self.hands.world.application.start(self.id, self._agency(on), next_by=next_by)

    def complete(self, on: date, outcome: ReferralOutcome, amount: int | None = None) -> None:
        self.hands.world.application.complete(self.id, self._agency(on), outcome=outcome, amount=amount)

    def fail(self, on: date, reason: ReferralReason) -> None:
        self.hands.world.application.fail(self.id, self._agency(on), reason=reason)

    def confirm_cancellation(self, on: date) -> None:
        self.hands.world.application.confirm_cancellation(self.id, self._agency(on))

    def refuse_cancellation(self, on: date) -> None:
        self.hands.world.application.refuse_cancellation(self.id, self._agency(on))

    def _note(self, text: str) -> Sealed:
        return self._sealed(text, "note", self.id)


def pass_deadlines(hands: Hands, until: date) -> None:
    """What the clock wrote by that day: each deadline of the family's referrals on the day after it."""
    application = hands.world.application
    for referral in hands.referrals:
        while (day := _next_passing(application.load(Referral, referral))) is not None and day <= until:
            application.pass_deadline(referral, hands.command(CLOCK, day))


def _next_passing(referral: Referral) -> date | None:
    """The first day on which the clock has something to write."""
    known = (referral.respond_by, referral.expires_on, referral.next_by, referral.cancel_by)
    days = sorted(max(day + DAY, referral.since) for day in known if day is not None)
    return next((day for day in days if referral.due(day)), None)
