"""Every action tried in every state of a referral, against the table as DESIGN.md section 6 has it."""

from datetime import date

import pytest

from domain.referral_table import OPEN, ROWS, UNSUCCESSFUL, State
from domain.values import Actor, Role
from tests.domain import model
from tests.domain.given import AGENCY_ID, PATHS, REFERRAL_STEPS, command, event, referral_in, refused

LATE = date(2026, 7, 12)
"""After the expiry by which the state `expired` is reached."""


def test_the_code_has_the_rows_of_the_design_and_no_others() -> None:
    in_code = {
        row.action: (row.event, {str(s) for s in row.sources}, {str(r) for r in row.by}, row.target) for row in ROWS
    }
    wanted = {
        action: (f"referral.{name}.v1", sources, by, None if to in "<=" else to)
        for action, (name, sources, by, to) in model.REFERRALS.items()
    }
    assert in_code == wanted


@pytest.mark.parametrize("state", PATHS)
@pytest.mark.parametrize("action", REFERRAL_STEPS)
def test_a_step_is_taken_where_the_table_has_it_and_refused_elsewhere(action: str, state: State) -> None:
    referral = referral_in(state)
    owner, step = REFERRAL_STEPS[action]
    by = Actor("somebody-new", owner.role, owner.scope)
    name, sources, _, to = model.REFERRALS[action]
    if state in sources:
        before = referral.before
        step(referral, command(by, LATE, today=LATE))
        assert f"referral.{name}.v1" == event(referral).TOPIC
        assert event(referral).household == referral.household
        assert referral.state == (before if to == "<" else to)
    else:
        error = refused(referral, "illegal-transition", action, lambda: step(referral, command(by, LATE, today=LATE)))
        assert set(error.allowed) == {a for a, (_, s, r, _) in model.REFERRALS.items() if state in s and by.role in r}


@pytest.mark.parametrize("state", PATHS)
@pytest.mark.parametrize("role", Role)
def test_actions_are_those_of_the_role_in_the_state(role: Role, state: State) -> None:
    listed = [a.action for a in referral_in(state).actions(Actor("x", role, str(AGENCY_ID)))]
    assert sorted(listed) == sorted(a for a, (_, s, by, _) in model.REFERRALS.items() if state in s and role in by)


def test_every_state_is_open_unsuccessful_or_final() -> None:
    sources = {s for _, froms, _, _ in model.REFERRALS.values() for s in froms}
    assert {str(s) for s in (*OPEN, *UNSUCCESSFUL)} == sources
    assert set(State) - sources == {"completed", "cancelled", "redirected", "settled"}
