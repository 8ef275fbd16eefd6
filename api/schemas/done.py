"""What every command shares: the date it may give, and the answer."""

from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.fields import Body, Day


class Dated(Body):
    on: Day | None = Field(default=None, description="The date it happened, in Asia/Jakarta; today unless given.")


class Done(BaseModel):
    """What came of a command; which ids are there depends on the route."""

    id: UUID | None = None
    member_id: UUID | None = None
    graduation_id: UUID | None = None
    referral_id: UUID | None = None
    code: str | None = None
    year: str | None = None
    pillar: str | None = None
    measure: str | None = None
    position: int = Field(description="Position in the log; give it as `?after=` to read what was written.")
    version: int = Field(description="The record's version, as in the ETag.")
    satisfied: bool = Field(description="No event was needed: the caller had brought this about before.")
