"""Sends to each partner what is due to it, whatever becomes of what is due to the others."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from kafka.errors import KafkaError
from kafka.producer import KafkaProducer
from psycopg import Connection

from consumers import partners, topics
from consumers.contracts import NoContract
from consumers.points import Point, Reached, unnoticed
from consumers.publishing.lane import READ, Lane
from consumers.publishing.outgoing import ask_due, ask_rejected
from projections import referral_feed

FEW = 20
"""Messages that each may have read though many partners wait."""
MOST = 40_000
"""Messages of all partners together, some 1 kB each, from which on no more are read until some have arrived."""
TOPICS_KNOWN = 2.0
"""Seconds for which the broker is not asked again which topics there are, while one is missed."""
KNOWN = 0.5
"""Seconds for which it is not asked again who the partners are."""
FINISH_WITHIN = 10.0
ASKED_AT_ONCE = 16
"""Topics, of whose partitions the client is asked: each alone takes it a tenth of a second, many together as long."""

_log = structlog.get_logger("publisher")


class TopicMissing(KafkaError):  # type: ignore[misc]
    """The broker has no such topic: the partner waits until it is made."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How many messages a turn has sent; for how many seconds there have been events that the feed does not tell of
    yet, None where there are none; and whether some partner has more due than was read."""

    sent: int
    behind: float | None
    backlog: bool


@dataclass
class Lanes:
    """Of one partner: what happened to its referrals, and which of its answers were refused."""

    referrals: Lane
    rejected: Lane

    @property
    def both(self) -> tuple[Lane, Lane]:
        return self.referrals, self.rejected


@dataclass
class Sending:
    """`existing` asks the broker which topics there are: to send to one that is not there would keep all waiting."""

    session: Connection[dict[str, Any]]
    producer: KafkaProducer
    existing: Callable[[], set[str]]
    reached: Reached = unnoticed
    few: int = FEW
    most: int = MOST
    _lanes: dict[UUID, Lanes] = field(default_factory=dict)
    _backlogs: set[UUID] = field(default_factory=set)
    """Partners for which there was as much as was asked for, when they were read for last."""
    _topics: set[str] = field(default_factory=set)
    _since: float | None = None
    """When the feed was first found behind the log."""
    _asked: float = -TOPICS_KNOWN
    _known: float = -KNOWN

    @property
    def held(self) -> int:
        """Messages of all partners that were read and have not arrived."""
        return sum(lane.held for _, lane in self._all)

    @property
    def _all(self) -> Iterator[tuple[UUID, Lane]]:
        return ((agency, lane) for agency, lanes in self._lanes.items() for lane in lanes.both)

    def turn(self) -> Turn:
        """Records what has arrived, and sends what is due."""
        self._land()
        self._know()
        behind = None if self._backlogs else self._behind()
        with self.session.pipeline():  # PostgreSQL finds what is due next while that is sent which was read before
            take = self._ask()
            sent = self._send_all()
        take()
        if not self._backlogs:
            sent += self._send_all()
        return Turn(sent, behind, bool(self._backlogs))

    def wait(self, seconds: float) -> None:
        """For an acknowledgement, no longer than this, which the next turn records; not where there is more to send."""
        deadline = time.monotonic() + seconds
        while self.held and time.monotonic() < deadline:
            if any(lane.has_landed or lane.has_more for _, lane in self._all):
                break
            time.sleep(0.001)

    def finish(self) -> None:
        """Sends what was read, waits for what is under way and records it: a graceful end sends nothing twice."""
        deadline = time.monotonic() + FINISH_WITHIN
        while any(not lane.is_empty for _, lane in self._all) and time.monotonic() < deadline:
            self._send_all()
            self.wait(0.05)
            self._land()

    def _behind(self) -> float | None:
        whole, head = referral_feed.reached(self.session)
        self._since = None if head <= whole else self._since or time.monotonic()
        return None if self._since is None else time.monotonic() - self._since

    def _land(self) -> None:
        """Records what has arrived."""
        any_ = False
        for agency, lane in self._all:
            try:
                any_ |= lane.land()
            except KafkaError as fault:
                self._fail(agency, lane, fault)
        if any_:
            self.reached(Point.ARRIVED)
            self._record()

    def _record(self) -> None:
        positions: dict[UUID, int] = {}
        told: list[int] = []
        for agency, lanes in self._lanes.items():
            if arrived := lanes.referrals.complete():
                positions[agency] = arrived[-1]
            told += lanes.rejected.complete()
        partners.sent(self.session, positions)
        partners.told(self.session, told)

    def _know(self) -> None:
        """Takes up partners that were added, and leaves those that were revoked."""
        if time.monotonic() - self._known < KNOWN:
            return
        known, self._known = partners.active(self.session), time.monotonic()
        for agency in self._lanes.keys() - known.keys():
            del self._lanes[agency]
            self._backlogs.discard(agency)
        new = [agency for agency in known if agency not in self._lanes]
        for agency in new:
            self._lanes[agency] = Lanes(Lane(topics.referrals(agency), known[agency]), Lane(topics.rejected(agency), 0))
        if new:
            self._acquaint([lane.topic for agency in new for lane in self._lanes[agency].both])

    def _acquaint(self, wanted: Sequence[str]) -> None:
        """Lets the client learn of these topics, before the first message to each would keep all others waiting."""

        def learn(topic: str) -> None:
            with suppress(KafkaError):
                self.producer.partitions_for(topic)

        with suppress(KafkaError):
            self._topics, self._asked = self.existing(), time.monotonic()
            with ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="acquainting") as pool:
                list(pool.map(learn, self._topics & set(wanted)))

    def _ask(self) -> Callable[[], None]:
        """Asks for what is due to those that want any; what is returned takes it up."""
        room = self.most - self.held
        wanting = {agency: lanes.referrals for agency, lanes in self._lanes.items() if lanes.referrals.wants}
        behind = {agency: lane.read for agency, lane in wanting.items()} if room > 0 else {}
        each = max(self.few, min(READ, room // len(behind))) if behind else 0
        untold = [agency for agency, lanes in self._lanes.items() if lanes.rejected.wants_first]
        due = ask_due(self.session, behind, each)
        rejected = ask_rejected(self.session, untold, READ)

        def take() -> None:
            for agency, messages in due().items():
                self._backlogs.discard(agency)
                if wanting[agency].read != behind[agency]:
                    continue  # it has failed since, and begins anew from elsewhere
                if len(messages) == each:
                    self._backlogs.add(agency)
                wanting[agency].add(messages)
            for agency, messages in rejected().items():
                self._lanes[agency].rejected.add(messages)

        return take

    def _send_all(self) -> int:
        return sum(self._send(agency, lane) for agency, lane in self._all)

    def _send(self, agency: UUID, lane: Lane) -> int:
        """A broker that does not answer at all is nobody's in particular: its error ends the turn."""
        if not lane.has_more:
            return 0
        there = self._is_there(lane.topic)
        try:
            if not there:
                raise TopicMissing(lane.topic)
            return lane.send(self.producer)
        except (KafkaError, NoContract) as fault:
            self._fail(agency, lane, fault)
            return 0

    def _is_there(self, topic: str) -> bool:
        if topic not in self._topics and time.monotonic() - self._asked >= TOPICS_KNOWN:
            self._topics, self._asked = self.existing(), time.monotonic()
        return topic in self._topics

    def _fail(self, agency: UUID, lane: Lane, fault: Exception) -> None:
        """Leaves it alone for a while, and then begins behind what is recorded."""
        if not isinstance(fault, TopicMissing):
            self._topics, self._asked = set(), -TOPICS_KNOWN  # others may be gone too, and each would be waited for
        partners.failed(self.session, agency, type(fault).__name__)
        self._backlogs.discard(agency)  # what cannot be sent keeps nobody busy
        is_of_referrals = lane is self._lanes[agency].referrals
        lane.begin_anew((partners.sent_up_to(self.session, agency) or 0) if is_of_referrals else 0)
        _log.warning("partner-not-reached", agency=str(agency), kind=type(fault).__name__)
