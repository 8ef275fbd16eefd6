"""The two transition tables a second time, written from DESIGN.md sections 5 and 6 and not from the code.

Kept as simple as can be: plain sets and lists, no events. `on` is always today.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

SENDERS = {"facilitator", "regional_officer", "programme_officer"}
OFFICERS = {"regional_officer", "programme_officer"}
AGENCIES = {"agency_officer", "agency_system"}

UNANSWERED = {"sent", "received", "waiting"}
PROGRESS = {"accepted", "scheduled", "in_service"}
ENDED_BADLY = {"declined", "failed", "expired"}

REFERRALS: dict[str, tuple[str, set[str], set[str], str]] = {
    # action: event, from, by, to ("=": unchanged, "<": the state before the cancellation was asked for)
    "received": ("received", {"sent"}, AGENCIES, "received"),
    "request-information": ("information_requested", {"sent", "received"}, AGENCIES, "waiting"),
    "supply-information": ("information_supplied", {"waiting"}, SENDERS, "received"),
    "accept": ("accepted", {"sent", "received"}, AGENCIES, "accepted"),
    "decline": ("declined", {"sent", "received"}, AGENCIES, "declined"),
    "schedule": ("scheduled", {"accepted", "scheduled"}, AGENCIES, "scheduled"),
    "attend": ("attended", {"scheduled"}, AGENCIES, "accepted"),
    "miss": ("missed", {"scheduled"}, AGENCIES, "accepted"),
    "start": ("service_started", {"accepted", "scheduled"}, AGENCIES, "in_service"),
    "complete": ("completed", {"in_service"}, AGENCIES, "completed"),
    "fail": ("failed", PROGRESS, AGENCIES, "failed"),
    "cancel": ("cancellation_requested", UNANSWERED | {"accepted", "scheduled"}, SENDERS, "cancelling"),
    "confirm-cancellation": ("cancelled", {"cancelling"}, AGENCIES | {"clock"}, "cancelled"),
    "refuse-cancellation": ("cancellation_refused", {"cancelling"}, AGENCIES, "<"),
    "redirect": ("redirected", ENDED_BADLY, SENDERS, "redirected"),
    "settle": ("settled", ENDED_BADLY, SENDERS, "settled"),
    "mark-response-overdue": ("response_overdue", UNANSWERED, {"clock"}, "="),
    "expire": ("expired", UNANSWERED, {"clock"}, "expired"),
    "mark-progress-overdue": ("progress_overdue", PROGRESS, {"clock"}, "="),
}
ENTERS_PROGRESS = {"accept", "schedule", "attend", "miss", "start"}


@dataclass
class ReferralModel:
    respond_by: date
    expires_on: date
    state: str = "sent"
    before: str = ""
    next_by: date = date.max
    cancel_by: date = date.max
    marked: set[tuple[str, date]] = field(default_factory=set)
    progress_marked: bool = False

    def allowed(self, role: str) -> set[str]:
        return {action for action, (_, sources, by, _) in REFERRALS.items() if self.state in sources and role in by}

    def take(self, action: str) -> str:
        """Moves on and returns the topic of the event."""
        event, _, _, to = REFERRALS[action]
        if action == "cancel":
            self.before = self.state
        self.state = {"=": self.state, "<": self.before}.get(to, to)
        if action in ENTERS_PROGRESS:
            self.progress_marked = False
        return f"referral.{event}.v1"

    def due(self, today: date) -> str | None:
        """What the clock has to do next."""
        if self.state == "cancelling":
            return "confirm-cancellation" if today > self.cancel_by else None
        if self.state in UNANSWERED and today > self.respond_by and ("response", self.respond_by) not in self.marked:
            return "mark-response-overdue"
        if self.state in UNANSWERED and today > self.expires_on:
            return "expire"
        if self.state in PROGRESS and today > self.next_by and not self.progress_marked:
            return "mark-progress-overdue"
        return None

    def mark(self, action: str) -> None:
        if action == "mark-response-overdue":
            self.marked.add(("response", self.respond_by))
        if action == "mark-progress-overdue":
            self.progress_marked = True


@dataclass
class Time:
    """Days in a programme, the last one included."""

    since: date
    until: date | None = None
    ended_by: UUID | None = None


@dataclass
class OpenProposal:
    id: UUID
    programmes: set[str]
    by: str
    steps: int
    stage: str = "proposed"


@dataclass
class PastGraduation:
    programmes: set[str]
    on: date
    revoked: bool = False


RELAPSE = {"pkh", "sembako"}


@dataclass
class HouseholdModel:
    today: date
    left: bool = False
    members: dict[UUID, bool] = field(default_factory=dict)
    times: dict[str, list[Time]] = field(default_factory=dict)
    payments: dict[str, bool] = field(default_factory=dict)
    proposal: OpenProposal | None = None
    graduations: dict[UUID, PastGraduation] = field(default_factory=dict)
    erased: set[UUID] = field(default_factory=set)
    requests: dict[UUID, UUID | None] = field(default_factory=dict)
    """Erasures asked for and neither confirmed nor withdrawn: of a member, or None for all."""

    @property
    def nothing_left(self) -> bool:
        return self.erased >= set(self.members)

    def may_ask_to_erase(self, member: UUID | None) -> bool:
        there = not self.nothing_left if member is None else member in self.members and member not in self.erased
        return there and member not in self.requests.values()

    def erase(self, request: UUID) -> set[UUID]:
        """Those whose data goes."""
        member = self.requests[request]
        gone = set(self.members) - self.erased if member is None else {member}
        self.erased |= gone
        settled = [r for r, m in self.requests.items() if (self.nothing_left if m is None else m in gone)]
        for one in settled:
            del self.requests[one]
        return gone

    def is_in(self, programme: str) -> bool:
        return any(t.until is None for t in self.times.get(programme, []))

    def is_in_today(self, programme: str) -> bool:
        return any(t.until is None or t.until == self.today for t in self.times.get(programme, []))

    @property
    def graduate(self) -> bool:
        return any(not g.revoked for g in self.graduations.values())

    def left_this_year(self, programmes: set[str]) -> bool:
        past = [g for g in self.graduations.values() if not g.revoked and g.on.year == self.today.year]
        return any(g.programmes & programmes for g in past)

    @property
    def state(self) -> str:
        assisted = any(self.is_in(p) for p in self.times)
        status = "left" if self.left else "enrolled" if assisted else "graduated" if self.graduate else "registered"
        return f"{status}/{self.proposal.stage}" if self.proposal else status

    def may_propose(self, by: str, programmes: set[str]) -> bool:
        free = self.proposal is None or (self.proposal.stage == "returned" and self.proposal.by == by)
        return free and all(self.is_in(p) for p in programmes) and not self.left_this_year(programmes)

    def may_answer(self, action: str, role: str, by: str) -> bool:
        p = self.proposal
        if p is None:
            return False
        if action == "withdraw-graduation":
            return role in SENDERS and p.by == by
        if p.by == by:
            return False
        if action == "reject-graduation":
            return role in OFFICERS
        if p.stage == "returned":
            return False
        if action == "return-graduation":
            return role in OFFICERS
        if action == "verify-graduation":
            return role == "regional_officer" and p.steps == 2 and p.stage == "proposed"
        ready = p.steps == 1 or p.stage == "verified"
        in_all = all(self.is_in(x) for x in p.programmes)
        return role in OFFICERS and ready and in_all and not self.left_this_year(p.programmes)

    def allowed(self, role: str, by: str) -> set[tuple[str, str]]:
        """Action and what it can be taken on ("" where it needs nothing, or where it is something new)."""
        may: set[tuple[str, str]] = set()
        if role in SENDERS and any(not reversed_ for reversed_ in self.payments.values()):
            may.add(("reverse-assistance", ""))
        if role in OFFICERS:
            may |= {("revoke-graduation", str(g)) for g, past in self.graduations.items() if not past.revoked}
        if role == "programme_officer":
            may |= {(f"{verb}-erasure", str(request)) for verb in ("confirm", "withdraw") for request in self.requests}
            may |= {("request-erasure", str(m or "")) for m in (None, *self.members) if self.may_ask_to_erase(m)}
        if self.left or role not in SENDERS:
            return may
        may |= {(a, "") for a in ("add-member", "refer", "move")} if not self.nothing_left else set()
        may |= {(a, "") for a in ("rank", "assess", "assign", "visit", "leave", "enrol")}
        for member, current in self.members.items():
            may |= {("remove-member", str(member))} if current else set()
            may |= {("assess-member", str(member))} if current and member not in self.erased else set()
        for programme in self.times:
            if self.is_in(programme):
                may.add(("discontinue", programme))
                may |= {("propose-graduation", programme)} if self.may_propose(by, {programme}) else set()
            else:
                may.add(("enrol", programme))
                may |= {("re-enrol", programme)} if self.graduate else set()
            may |= {("assist", programme)} if self.is_in_today(programme) else set()
        may |= {("re-enrol", ""), ("decline-connection", "")} if self.graduate else set()
        for answer in ("return", "reject", "withdraw", "verify", "approve"):
            action = f"{answer}-graduation"
            if self.proposal is not None and self.may_answer(action, role, by):
                may.add((action, str(self.proposal.id)))
        return may

    # What allowed actions do

    def enrol(self, programme: str) -> str:
        self.times.setdefault(programme, []).append(Time(self.today))
        relapse = programme in RELAPSE and self.graduate
        return "household.re_enrolled.v1" if relapse else "household.enrolled.v1"

    def end(self, programme: str, graduation: UUID | None = None) -> None:
        for time in self.times[programme]:
            if time.until is None:
                time.until, time.ended_by = self.today, graduation

    def approve(self) -> None:
        p = self.proposal
        if p is not None:
            self.graduations[p.id] = PastGraduation(p.programmes, self.today)
            for programme in p.programmes:
                self.end(programme, p.id)
            self.proposal = None

    def revoke(self, graduation: UUID) -> None:
        self.graduations[graduation].revoked = True
        for times in self.times.values():
            *earlier, latest = times
            if latest.ended_by == graduation:
                latest.until = latest.ended_by = None
            for time in earlier:
                if time.ended_by == graduation:
                    time.until, time.ended_by = latest.until, latest.ended_by
