"""What a referral's decisions are made on."""

from datetime import date

from domain.referral_table import State


class ReferralState:
    """Where a referral stands: changed by its events, read by its decisions."""

    state: State
    since: date
    before: State
    """The state to which a refused cancellation leads back."""
    respond_by: date
    expires_on: date
    next_by: date | None
    cancel_by: date | None
    overdue_responses: set[date]
    """The deadlines to respond whose passing is recorded."""
    progress_overdue: bool
    """Whether the passing of `next_by` is recorded for the state entered last."""
