"""Any sequence of actions on a household and its referrals comes to what the model of the two tables says."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.codes import (
    AssignmentRole,
    Channel,
    ConnectionDeclinedReason,
    DiscontinuationReason,
    ErasureReason,
    Evidence,
    GraduationKind,
    HouseholdLeftReason,
    IncomeBand,
    Information,
    LegalBasis,
    MemberLeftReason,
    PasClass,
    ReferralOutcome,
    ReferralReason,
    RejectionReason,
    ReturnReason,
    ReversalReason,
    RevocationReason,
    VisitPurpose,
    VisitResult,
)
from domain.errors import Refused
from domain.household import Household
from domain.referral import Referral
from domain.values import Actor, Command, Deadline, Role
from tests.domain.given import AGENCY_ID, SERVICE_ID, VILLAGE, command, event, member, sealed, settled_down
from tests.domain.model import REFERRALS, HouseholdModel, OpenProposal, ReferralModel

PROGRAMMES = ("pkh", "sembako", "pena")
PROPOSERS = (
    Actor("siti", Role.FACILITATOR),
    Actor("kendal", Role.REGIONAL_OFFICER, "33.24"),
    Actor("kemensos", Role.PROGRAMME_OFFICER),
)
ANSWERS = {f"{verb}-graduation" for verb in ("return", "reject", "withdraw", "verify", "approve")}
ASSISTANCE = {"enrol", "assist", "reverse-assistance", "discontinue"}
GRADUATION = {*ANSWERS, "propose-graduation", "revoke-graduation", "decline-connection"}
ERASURE = {f"{verb}-erasure" for verb in ("request", "confirm", "withdraw")}
FAR = {"verify-graduation", "approve-graduation", "revoke-graduation"}
"""Taken more often where possible, because the way to them is long."""
HOUSEHOLD_ACTIONS = sorted(
    {
        *ASSISTANCE,
        *GRADUATION,
        *ERASURE,
        *(
            "add-member",
            "remove-member",
            "assess-member",
            "rank",
            "assess",
            "assign",
            "visit",
            "refer",
            "move",
            "leave",
        ),
    }
)
PERSONAL = {
    "add-member",
    "assess",
    "visit",
    "refer",
    "move",
    "propose-graduation",
    "return-graduation",
    "reject-graduation",
    "revoke-graduation",
}
"""What adds something personal, as it is taken here: with a note wherever there may be one."""


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.count = self.done = 0
        self.verified: tuple[str, Actor, UUID, date] | None = None
        self.model = HouseholdModel(date(2025, 11, 3))
        self.referrals: list[tuple[Referral, ReferralModel]] = []

    @initialize()
    def registers(self) -> None:
        self.head = member("head", head=True)
        self.household = settled_down(
            Household.register(
                self.command(PROPOSERS[0]),
                uuid4(),
                region=VILLAGE,
                kk=sealed("kk"),
                address=sealed("address"),
                members=(self.head,),
            )
        )
        self.model.members[self.head.id] = True
        for programme in ("pkh", "sembako"):
            self.do("enrol", programme, PROPOSERS[0])
        for _ in range(2):
            self.do("refer", None, PROPOSERS[0])

    def command(self, by: Actor) -> Command:
        return command(by, self.model.today, today=self.model.today)

    def somebody(self, role: Role) -> Actor:
        """Nobody seen before, so that nothing was brought about by the same actor already."""
        return Actor(f"{role}-{self.unique()}", role, "33.24")

    def unique(self) -> str:
        self.count += 1
        return str(self.count)

    # How each action is taken: on a subject of the model's, which may be wrong

    def decide(self, action: str, by: Actor, subject: Any) -> object:
        h, c, note = self.household, self.command(by), sealed(self.unique())
        programme, graduation, who = str(subject), subject, subject
        match action:
            case "request-erasure":
                return h.request_erasure(c, uuid4(), member=who, reason=ErasureReason.OWN_REQUEST)
            case "confirm-erasure":
                return h.confirm_erasure(c, who)
            case "withdraw-erasure":
                return h.withdraw_erasure(c, who)
            case "add-member":
                return h.add_member(c, member(f"m{self.unique()}"))
            case "remove-member":
                return h.remove_member(c, who, reason=MemberLeftReason.MARRIED)
            case "assess-member":
                return h.assess_member(c, who, details=note, pas_class=PasClass.GENERAL)
            case "rank":
                return h.rank(c, decile=2, period="2026-Q1", source=self.unique())
            case "assess":
                return h.assess(c, has_business=True, income_band=IncomeBand.OVER_5M, criteria=(), note=note)
            case "assign":
                return h.assign(c, uuid4(), AssignmentRole.HELPER)
            case "enrol":
                relapse = programme in ("pkh", "sembako")
                return h.enrol(c, programme, relapse=relapse, rule_version=1, warnings=())
            case "assist":
                reference = f"{programme}-{self.unique()}"
                return h.assist(
                    c,
                    programme=programme,
                    period="2026",
                    channel=Channel.KKS,
                    amount=1,
                    paid_on=c.on,
                    reference=reference,
                )
            case "reverse-assistance":
                programme = str(subject).partition("-")[0]
                return h.reverse_assistance(c, programme, "2026", str(subject), reason=ReversalReason.DUPLICATE)
            case "visit":
                return h.visit(c, purpose=VisitPurpose.AFTERCARE, result=VisitResult.STABLE, note=note)
            case "propose-graduation":
                return h.propose_graduation(
                    c,
                    uuid4(),
                    kind=GraduationKind.NATURAL,
                    programmes=tuple(sorted(subject)),
                    evidence=(Evidence.HOME_VISIT,),
                    own_request=False,
                    steps=2 if "pkh" in subject else 1,
                    note=note,
                )
            case "return-graduation":
                return h.return_graduation(c, graduation, reason=ReturnReason.VISIT_NEEDED, note=note)
            case "reject-graduation":
                return h.reject_graduation(c, graduation, reason=RejectionReason.STILL_ELIGIBLE, note=note)
            case "withdraw-graduation":
                return h.withdraw_graduation(c, graduation)
            case "verify-graduation":
                return h.verify_graduation(c, graduation)
            case "approve-graduation":
                return h.approve_graduation(c, graduation)
            case "revoke-graduation":
                return h.revoke_graduation(c, graduation, reason=RevocationReason.APPEAL_UPHELD, note=note)
            case "discontinue":
                return h.discontinue(c, programme, reason=DiscontinuationReason.INELIGIBLE)
            case "refer":
                return h.refer(c, referral=uuid4(), agency=AGENCY_ID, service=SERVICE_ID, member=None)
            case "decline-connection":
                return h.decline_connection(c, reason=ConnectionDeclinedReason.NO_INTEREST)
            case "move":
                return h.move(c, region=VILLAGE, address=note)
            case "leave":
                return h.leave(c, reason=HouseholdLeftReason.MERGED)
        raise AssertionError(action)

    def candidates(self, action: str) -> list[Any]:
        """Subjects to try, right and wrong ones."""
        m = self.model
        if action == "request-erasure":
            return [None, *m.members, uuid4()]
        if action in ERASURE:
            return [*m.requests, uuid4()]
        if action in ("remove-member", "assess-member"):
            return [*m.members, uuid4()]
        if action in ("enrol", "discontinue", "assist"):
            return list(PROGRAMMES)
        if action == "reverse-assistance":
            return [*m.payments, "unknown"]
        if action == "propose-graduation":
            return [frozenset(s) for s in ({"pkh"}, {"sembako"}, {"pkh", "sembako"}, {"pena"})]
        if action == "revoke-graduation":
            return [*m.graduations, uuid4()]
        if action in ANSWERS:
            return [*([m.proposal.id] if m.proposal else []), uuid4()]
        return [None]

    def permitted(self, action: str, by: Actor, subject: Any) -> bool:
        m = self.model
        if action in PERSONAL and m.nothing_left:
            return False
        if action == "reverse-assistance":
            return m.payments.get(subject) is False
        if action == "revoke-graduation":
            return subject in m.graduations and not m.graduations[subject].revoked
        if action == "request-erasure":
            return m.may_ask_to_erase(subject)
        if action in ERASURE:
            return subject in m.requests
        if m.left:
            return False
        if action == "remove-member":
            return m.members.get(subject, False)
        if action == "assess-member":
            return m.members.get(subject, False) and subject not in m.erased
        if action == "enrol":
            return not m.is_in(subject)
        if action == "discontinue":
            return m.is_in(subject)
        if action == "assist":
            return m.is_in_today(subject)
        if action == "propose-graduation":
            return m.may_propose(by.sub, set(subject))
        if action == "decline-connection":
            return m.graduate
        if action in ANSWERS:
            named = m.proposal is not None and m.proposal.id == subject
            return named and m.may_answer(action, by.role, by.sub)
        return True

    def actor_for(self, action: str, chosen: Actor) -> Actor:
        """Proposals and their answers come from few actors, so that eyes meet; all else from somebody new."""
        return chosen if action in ANSWERS | {"propose-graduation"} else self.somebody(chosen.role)

    def evolve(self, action: str, by: Actor, subject: Any) -> str | None:
        """Moves the model on; returns the topic where it depends on the state."""
        m = self.model
        match action:
            case "request-erasure":
                m.requests[event(self.household).erasure] = subject
            case "withdraw-erasure":
                del m.requests[subject]
            case "confirm-erasure":
                gone = m.erase(subject)
                assert set(event(self.household).keys) == gone | ({self.household.id} if m.nothing_left else set())
            case "add-member":
                m.members[event(self.household).member] = True
            case "remove-member":
                m.members[subject] = False
            case "enrol":
                return m.enrol(subject)
            case "discontinue":
                m.end(subject)
            case "assist":
                m.payments[event(self.household).reference] = False
            case "reverse-assistance":
                m.payments[subject] = True
            case "propose-graduation":
                identity = event(self.household).graduation
                assert m.proposal is None or m.proposal.id == identity
                m.proposal = OpenProposal(identity, set(subject), by.sub, 2 if "pkh" in subject else 1)
            case "return-graduation" | "verify-graduation" if m.proposal is not None:
                m.proposal.stage = "returned" if action == "return-graduation" else "verified"
            case "reject-graduation" | "withdraw-graduation":
                m.proposal = None
            case "approve-graduation":
                m.approve()
            case "revoke-graduation":
                m.revoke(subject)
            case "refer":
                self.send(by)
            case "leave":
                m.left, m.proposal = True, None
        return None

    # Steps

    @rule(days=st.integers(1, 9))
    def time_passes(self, days: int) -> None:
        self.model.today += timedelta(days=days)

    @rule(data=st.data(), chosen=st.sampled_from(PROPOSERS))
    def life_goes_on(self, data: st.DataObject, chosen: Actor) -> None:
        self.do_one(data, chosen, set(HOUSEHOLD_ACTIONS) - ASSISTANCE - GRADUATION - ERASURE - {"leave"})

    @rule(data=st.data(), chosen=st.sampled_from(PROPOSERS))
    def assistance_comes_and_goes(self, data: st.DataObject, chosen: Actor) -> None:
        self.do_one(data, chosen, ASSISTANCE)

    @rule(data=st.data(), chosen=st.sampled_from(PROPOSERS))
    def a_graduation_moves_on(self, data: st.DataObject, chosen: Actor) -> None:
        self.do_one(data, chosen, GRADUATION)

    @rule(data=st.data(), chosen=st.sampled_from(PROPOSERS))
    def a_graduation_moves_on_again(self, data: st.DataObject, chosen: Actor) -> None:
        self.do_one(data, chosen, GRADUATION)

    @precondition(lambda self: self.done > 8)
    @rule(data=st.data())
    def data_is_erased(self, data: st.DataObject) -> None:
        self.do_one(data, PROPOSERS[2], ERASURE)

    @precondition(lambda self: self.done > 20)
    @rule(chosen=st.sampled_from(PROPOSERS))
    def the_household_leaves(self, chosen: Actor) -> None:
        if not self.model.left:
            self.do("leave", None, chosen)

    def do_one(self, data: st.DataObject, chosen: Actor, actions: set[str]) -> None:
        possible = [
            (action, subject)
            for action in sorted(actions)
            for subject in self.candidates(action)
            if self.permitted(action, chosen, subject) and self.has_role(action, chosen)
            for _ in range(8 if action in FAR else 1)
        ]
        if possible:
            self.do(*data.draw(st.sampled_from(possible)), by=chosen)

    def do(self, action: str, subject: Any, by: Actor) -> None:
        self.done += 1
        by = self.actor_for(action, by)
        self.decide(action, by, subject)
        if action in ANSWERS | {"propose-graduation"}:
            self.verified = (action, by, subject, self.model.today) if action == "verify-graduation" else None
        happened = event(self.household)
        topic = self.evolve(action, by, subject)
        assert topic in (None, happened.TOPIC)
        assert (happened.on, happened.by) == (self.model.today, by.sub)
        settled_down(self.household)

    @rule(data=st.data())
    def an_agency_moves_a_referral_on(self, data: st.DataObject) -> None:
        self.move_on(data, Role.AGENCY_OFFICER)

    @rule(data=st.data())
    def an_agencys_system_moves_a_referral_on(self, data: st.DataObject) -> None:
        self.move_on(data, Role.AGENCY_SYSTEM)

    @rule(data=st.data())
    def a_sender_moves_a_referral_on(self, data: st.DataObject) -> None:
        self.move_on(data, Role.FACILITATOR)

    def move_on(self, data: st.DataObject, role: Role) -> None:
        possible = [(i, a) for i, (_, m) in enumerate(self.referrals) for a in sorted(m.allowed(role))]
        if not possible:
            return
        index, action = data.draw(st.sampled_from(possible))
        referral, m = self.referrals[index]
        self.step(referral, m, action, self.somebody(role))
        assert m.take(action) == event(referral).TOPIC
        settled_down(referral)

    @rule()
    def the_clock_ticks(self) -> None:
        clock = Actor("clock", Role.CLOCK)
        for referral, m in self.referrals:
            while (action := m.due(self.model.today)) is not None:
                referral.pass_deadline(self.command(clock))
                m.mark(action)
                assert m.take(action) == event(referral).TOPIC
                settled_down(referral)
            assert referral.pass_deadline(self.command(clock)) is None

    def has_role(self, action: str, by: Actor) -> bool:
        if action == "verify-graduation":
            return by.role is Role.REGIONAL_OFFICER
        officers_only = action in ANSWERS - {"withdraw-graduation"} | {"revoke-graduation"}
        return by.role is not Role.FACILITATOR or not officers_only

    def send(self, by: Actor) -> None:
        respond_by = self.model.today + timedelta(days=5)
        expires_on = respond_by + timedelta(days=20)
        referral = Referral.send(
            self.command(by),
            uuid4(),
            household=self.household.id,
            agency=AGENCY_ID,
            service=SERVICE_ID,
            need=sealed(),
            legal_basis=LegalBasis.CONSENT,
            respond_by=respond_by,
            expires_on=expires_on,
            calendar="official",
            region=VILLAGE,
        )
        self.referrals = [*self.referrals, (settled_down(referral), ReferralModel(respond_by, expires_on))][-3:]

    def step(self, r: Referral, m: ReferralModel, action: str, by: Actor) -> object:
        c, reason = self.command(by), ReferralReason.NO_CAPACITY
        soon = Deadline(self.model.today + timedelta(days=7), "official")
        if action in ("accept", "attend", "miss", "start"):
            m.next_by = soon.date if action in m.allowed(by.role) else m.next_by
            return getattr(r, action)(c, next_by=soon)
        if action in ("decline", "fail", "settle"):
            return getattr(r, action)(c, reason=reason, note=None)
        match action:
            case "received":
                return r.receive(c)
            case "request-information":
                return r.request_information(c, information=(Information.OTHER,), note=None)
            case "supply-information":
                m.respond_by = soon.date if action in m.allowed(by.role) else m.respond_by
                return r.supply_information(c, deadline=soon, note=None)
            case "schedule":
                m.next_by = soon.date if action in m.allowed(by.role) else m.next_by
                return r.schedule(c, appointment=soon.date, next_by=soon)
            case "complete":
                return r.complete(c, outcome=ReferralOutcome.EMPLOYED, amount=None, note=None)
            case "cancel":
                m.cancel_by = soon.date if action in m.allowed(by.role) else m.cancel_by
                return r.cancel(c, reason=reason, note=None, cancel_by=soon)
            case "confirm-cancellation":
                return r.confirm_cancellation(c)
            case "refuse-cancellation":
                return r.refuse_cancellation(c)
            case "redirect":
                return r.redirect(c, uuid4())
        raise AssertionError(action)

    # What holds after every step

    @invariant()
    def the_states_agree(self) -> None:
        if not hasattr(self, "household"):
            return
        assert self.household.state == self.model.state
        assert {p for p in PROGRAMMES if self.household.is_enrolled(p)} == {
            p for p in PROGRAMMES if self.model.is_in(p)
        }
        for referral, m in self.referrals:
            assert referral.state == m.state

    @invariant()
    def actions_lists_what_would_be_accepted(self) -> None:
        if not hasattr(self, "household"):
            return
        for actor in (*PROPOSERS, Actor("agency", Role.AGENCY_SYSTEM), Actor("auditor", Role.AUDITOR)):
            listed = [
                (a.action, next(iter(a.subject.values()), "")) for a in self.household.actions(actor, self.model.today)
            ]
            assert len(listed) == len(set(listed))
            assert set(listed) == self.model.allowed(actor.role, actor.sub)
            for referral, m in self.referrals:
                assert {a.action for a in referral.actions(actor)} == m.allowed(actor.role)

    @invariant()
    def whatever_is_not_allowed_is_refused_and_changes_nothing(self) -> None:
        if not hasattr(self, "household"):
            return
        before = picture(self.household)
        chosen = PROPOSERS[self.done % len(PROPOSERS)]
        for action in HOUSEHOLD_ACTIONS:
            for subject in self.candidates(action):
                if self.permitted(action, chosen, subject) or not self.has_role(action, chosen):
                    continue
                by = self.actor_for(action, chosen)
                if self.verified == (action, by, subject, self.model.today):
                    self.decide(action, by, subject)  # the same again, and therefore success without an event
                    continue
                with pytest.raises(Refused) as caught:
                    self.decide(action, by, subject)
                assert caught.value.state == self.model.state
                assert caught.value.action in (("enrol", "re-enrol") if action == "enrol" else (action,))
                assert set(caught.value.allowed) == {a for a, _ in self.model.allowed(by.role, by.sub)}
        assert picture(self.household) == before
        for referral, m in self.referrals:
            self.refuses_the_rest(referral, m)

    def refuses_the_rest(self, referral: Referral, m: ReferralModel) -> None:
        before = picture(referral)
        for action, (_, _, by, _) in REFERRALS.items():
            if "clock" in by and action != "confirm-cancellation":
                continue
            role = Role.FACILITATOR if Role.FACILITATOR in by else Role.AGENCY_OFFICER
            if action not in m.allowed(role):
                with pytest.raises(Refused) as caught:
                    self.step(referral, m, action, self.somebody(role))
                assert (caught.value.state, caught.value.action) == (m.state, action)
                assert set(caught.value.allowed) == m.allowed(role)
        assert picture(referral) == before


def picture(record: Household | Referral) -> str:
    return repr(vars(record))


def test_the_tables_hold_for_any_sequence_of_actions() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=100,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
