"""A family whose loose ends are followed up, on a copy of the story."""

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from domain.application import Rujukan
from domain.values import Actor
from infra.event_log.recorder import Recorder
from infra.persistence import persistence_environment
from projections import follow_up, waiting_proposals
from projections.catalogue import PROJECTIONS
from projections.engine.runner import Connect, Runner
from projections.follow_up import FollowUpDays
from tests.projections.conftest import SEALER
from tests.projections.story import MINISTRY, Teller, named

TODAY = date(2026, 6, 30)
DAYS = FollowUpDays(unconnected_after_days=14, proposal_due_days=10, redirect_due_days=7)
Item = dict[str, Any]


class Desk:
    """A family named `ani`, followed by Sari and enrolled in both programmes, and what its follow-up says."""

    def __init__(self, url: str, log: Recorder, connect: Connect) -> None:
        self.app = Rujukan(env=persistence_environment(url))
        self.teller = Teller(self.app, SEALER)
        self.rows: Connection[DictRow] = psycopg.connect(url, row_factory=dict_row, autocommit=True)
        self._log, self._connect = log, connect
        self.teller.register("ani", "2026-01-02", "ani-head")
        self.teller.follow("ani", "2026-01-02")
        self.teller.enrol("ani", "2026-01-02", "pkh", "sembako")

    def close(self) -> None:
        self.rows.close()
        self.app.close()

    def fold(self) -> None:
        for projection in PROJECTIONS:
            Runner(self._connect, self._log, projection).catch_up()

    def listing(self, actor: Actor = MINISTRY, **asked: Any) -> list[Item]:
        self.fold()
        given = {"as_of": TODAY, "days": DAYS, "limit": 100, **asked}
        return follow_up.listing(self.rows, actor, TODAY, **given)

    def items(self, **asked: Any) -> list[tuple[str, str, str, date, date]]:
        """Of Ani: kind, stage, who, since, due."""
        return [
            (item["kind"], item["stage"], item["who"], item["since"], item["due"])
            for item in self.listing(**asked)
            if item["household"] == str(named("ani"))
        ]

    def proposals(self, actor: Actor = MINISTRY, **asked: Any) -> list[Item]:
        self.fold()
        return waiting_proposals.proposals(self.rows, actor, TODAY, **{"limit": 100, **asked})

    def graduate(self, graduation: str, on: str, programme: str = "sembako") -> None:
        self.teller.propose("ani", graduation, on, programme)
        self.teller.graduate("ani", graduation, on)

    def refer(self, referral: str, on: str, respond_by: str = "2026-04-20") -> UUID:
        self.teller.refer("ani", referral, on, "training", respond_by=respond_by)
        return named(referral)

    def by(self, actor: Actor, on: str) -> Any:
        return self.teller.by(actor, on)
