"""Follow-up across agencies: what waits, for whom, since and until when."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from api import cursors
from api.cursors import Cursor, Limit
from api.handed import Handed
from api.identity import Caller, check_role
from api.problems import READING, documented
from api.reading import After, wait_for
from api.routes import StrictRoute
from api.schemas.fields import Day, RegionCode
from api.schemas.pages import Page
from api.schemas.referrals import FollowUpItem
from domain.transitions import AGENCIES, SENDERS
from projections import follow_up
from projections.follow_up import FollowUpDays

router = APIRouter(prefix="/v1/follow-up", tags=["follow-up"], route_class=StrictRoute)


class Waiting(StrEnum):
    REFERRAL = "referral"
    PROPOSAL = "proposal"
    UNCONNECTED = "unconnected"


@router.get("", response_model=Page[FollowUpItem], responses=documented(*READING))
def listing(
    services: Handed,
    actor: Caller,
    agency: UUID | None = None,
    facilitator: UUID | None = None,
    region: Annotated[RegionCode | None, Query()] = None,
    kind: Waiting | None = None,
    overdue: bool | None = None,
    as_of: Annotated[
        Day | None, Query(description="The date on which `overdue` is judged; today unless given.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    after: After = None,
) -> Any:
    """Open referrals, waiting proposals and graduates without a referral, the longest due first."""
    check_role(actor, *SENDERS, *AGENCIES)
    wait_for(services, ["follow_up", "households", "directories"], after)
    days = services.days
    with services.pool.connection() as connection:
        rows = follow_up.listing(
            connection,
            actor,
            services.time.today(),
            agency=agency,
            facilitator=facilitator,
            region=region,
            kind=kind and kind.value,
            overdue=overdue,
            as_of=as_of or services.time.today(),
            days=FollowUpDays(days.unconnected_after_days, days.proposal_due_days, days.redirect_due_days),
            after=cursors.read(services.sealer, "follow-up", cursor, str),
            limit=limit + 1,
        )
    return cursors.page(services.sealer, "follow-up", rows, limit, "cursor")
