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
from api.read_your_writes import After, wait_for
from api.rendering import rendered
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


@router.get(
    "", summary="List what waits for follow-up", response_model=Page[FollowUpItem], responses=documented(*READING)
)
def listing(
    services: Handed,
    actor: Caller,
    agency: Annotated[UUID | None, Query(description="Only what waits for this agency.")] = None,
    facilitator: Annotated[UUID | None, Query(description="Only households led by this facilitator.")] = None,
    region: Annotated[RegionCode | None, Query(description="Only households that live in this region.")] = None,
    kind: Annotated[
        Waiting | None,
        Query(description="Only open referrals, only proposals, or only graduates not connected to a service."),
    ] = None,
    overdue: Annotated[
        bool | None, Query(description="`true`: only what is past its due date at `as_of`; `false`: only the rest.")
    ] = None,
    as_of: Annotated[
        Day | None, Query(description="The date that decides what is overdue; today unless given.")
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
    return rendered(cursors.page(services.sealer, "follow-up", rows, limit, follow_up.cursor_of))
