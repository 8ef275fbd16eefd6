"""A referral's row is what its aggregate is, whatever was decided on whatever day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.codes import Information, LegalBasis, ReferralOutcome, ReferralReason
from domain.errors import DomainError
from domain.referral import Referral
from domain.referral_table import OPEN, UNSUCCESSFUL, State
from domain.values import Actor, Command, Deadline, Role, Sealed
from projections.engine.log import LoggedEvent
from projections.referral_rows import FEED, REFERRALS, fold

START = date(2026, 1, 5)
TODAY = date(2027, 12, 31)
BOX = Sealed(UUID(int=1), b"sealed")
REASON = ReferralReason.NO_CAPACITY

ACTIONS: dict[str, Any] = {
    "received": lambda r, c, d: r.receive(c),
    "request-information": lambda r, c, d: r.request_information(c, information=(Information.OTHER,), note=BOX),
    "supply-information": lambda r, c, d: r.supply_information(c, deadline=d, note=None),
    "accept": lambda r, c, d: r.accept(c, next_by=d),
    "decline": lambda r, c, d: r.decline(c, reason=REASON, note=BOX),
    "schedule": lambda r, c, d: r.schedule(c, appointment=d.date, next_by=d),
    "attend": lambda r, c, d: r.attend(c, next_by=d),
    "miss": lambda r, c, d: r.miss(c, next_by=d),
    "start": lambda r, c, d: r.start(c, next_by=d),
    "complete": lambda r, c, d: r.complete(c, outcome=ReferralOutcome.EMPLOYED, amount=None, note=None),
    "fail": lambda r, c, d: r.fail(c, reason=REASON, note=None),
    "cancel": lambda r, c, d: r.cancel(c, reason=REASON, note=None, cancel_by=d),
    "refuse-cancellation": lambda r, c, d: r.refuse_cancellation(c),
    "settle": lambda r, c, d: r.settle(c, reason=REASON, note=None),
    "redirect": lambda r, c, d: r.redirect(c, uuid4()),
    "pass-deadline": lambda r, c, d: r.pass_deadline(c),
}
steps = st.lists(
    st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 25), st.integers(-3, 20)), min_size=1, max_size=25
)


def command(on: date) -> Command:
    return Command(uuid4(), Actor("somebody", Role.CLOCK), on, TODAY)


def sent() -> Referral:
    return Referral.send(
        command(START),
        uuid4(),
        household=UUID(int=2),
        agency=UUID(int=3),
        service=UUID(int=4),
        need=BOX,
        legal_basis=LegalBasis.CONSENT,
        respond_by=START + timedelta(10),
        expires_on=START + timedelta(40),
        calendar="official",
        region="33.24.04.2007",
    )


@settings(max_examples=150)
@given(steps=steps)
def test_a_row_says_what_the_aggregate_says_and_the_clock_finds_what_it_would_do(
    steps: list[tuple[str, int, int]],
) -> None:
    referral = sent()
    state, position, on = None, 0, START
    for action, days, until in [("sent", 0, 0), *steps]:
        on += timedelta(days)
        try:
            ACTIONS.get(action, lambda *_: None)(referral, command(on), Deadline(on + timedelta(until), "official"))
        except DomainError:
            continue
        for event in referral.collect_events():
            position += 1
            logged = LoggedEvent(
                position, datetime.now(UTC), referral.id, event.originator_version, type(event).TOPIC, event
            )
            state, changes = fold(state, logged)
            row, message = (change.row for change in changes)
            assert [change.table for change in changes] == [REFERRALS, FEED]
            assert message["state"] == row["state"]
        for name in ("state", "since", "respond_by", "expires_on", "next_by", "cancel_by", "version"):
            assert row[name] == getattr(referral, name), name
        for later in range(0, 60, 3):
            day = on + timedelta(later)
            found = row["clock_due"] is not None and row["clock_due"] < day
            assert found == bool(referral.due(day))
        must_act = referral.state in (*OPEN, *UNSUCCESSFUL)
        senders = (State.WAITING, *UNSUCCESSFUL)
        assert row["who"] == ("sender" if referral.state in senders else "agency" if must_act else None)
        assert (row["due"] is not None) == (referral.state in OPEN)
