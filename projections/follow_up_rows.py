"""Follow-up: a row for everything of a household that waits for somebody."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Drop, Projection, Put, Table
from projections.follow_up_state import FACILITATOR, MATTERS, FollowUpState, after
from projections.keys import by_household

FOLLOW_UP = Table("follow_up", ("household", "kind", "item"))
FOLLOWERS = Table("follow_up_followers", ("facilitator", "household"))
PROPOSALS = Table("waiting_proposals", ("graduation",))


def key(logged: LoggedEvent) -> UUID | None:
    return by_household(logged) if isinstance(logged.event, MATTERS) else None


def fold(state: FollowUpState | None, logged: LoggedEvent) -> tuple[FollowUpState, list[Change]]:
    household = by_household(logged)
    if household is None:
        raise ValueError(f"{logged.topic} belongs to no household.")
    before = state or FollowUpState()
    now = after(before, logged)
    waited, waiting = items(household, before), items(household, now)
    return now, [
        *_changes(FOLLOW_UP, waited, waiting),
        *_changes(FOLLOWERS, followers(household, before, waited), followers(household, now, waiting)),
        *_changes(PROPOSALS, proposals_of(household, before), proposals_of(household, now)),
    ]


def _changes(table: Table, before: Mapping[Any, dict[str, Any]], now: Mapping[Any, dict[str, Any]]) -> list[Change]:
    gone = [Drop(table, {name: row[name] for name in table.key}) for i, row in before.items() if i not in now]
    return [*gone, *(Put(table, row) for i, row in now.items() if row != before.get(i))]


def items(household: UUID, state: FollowUpState) -> dict[tuple[str, UUID], dict[str, Any]]:
    """The rows of the list, by kind and id. `due` is given where a date is frozen; else settings give it when read."""
    found = [
        _item("referral", i, r.progress.state, r.progress.who, r.progress.since, r.progress.due, r.agency, r.service)
        for i, r in state.referrals.items()
    ]
    proposal, graduate = state.proposal, state.unconnected
    if proposal is not None and not state.left:
        found.append(_item("proposal", proposal.graduation, proposal.stage, proposal.who, proposal.since))
    if graduate is not None and not state.left:
        found.append(_item("unconnected", graduate.graduation, "unconnected", FACILITATOR, graduate.on))
    of = {"household": household, "region": state.region, "lead": state.lead, "lead_since": state.lead_since}
    return {(row["kind"], row["item"]): {**of, **row} for row in found}


def followers(household: UUID, state: FollowUpState, waiting: Mapping[Any, Any]) -> dict[UUID, dict[str, Any]]:
    """Who was ever assigned, while anything waits."""
    return {who: {"facilitator": who, "household": household} for who in state.followers} if waiting else {}


def _item(
    kind: str,
    item: UUID,
    stage: str,
    who: str | None,
    since: date,
    due: date | None = None,
    agency: UUID | None = None,
    service: UUID | None = None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "item": item,
        "stage": stage,
        "who": who,
        "agency": agency,
        "service": service,
        "since": since,
        "due": due,
    }


def proposals_of(household: UUID, state: FollowUpState) -> dict[UUID, dict[str, Any]]:
    """The row of the open proposal, by its graduation id."""
    if state.proposal is None or state.left:
        return {}
    row = {"household": household, **msgspec.structs.asdict(state.proposal), "who": state.proposal.who}
    return {state.proposal.graduation: row}


PROJECTION = Projection("follow_up", (FOLLOW_UP, FOLLOWERS, PROPOSALS), FollowUpState, key, fold, MATTERS)
