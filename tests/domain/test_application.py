"""The application's verbs on a real log: roles, scopes, what a command names, versions, refusals kept, one append."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from domain.application import Rujukan
from domain.codes import (
    AgencyKind,
    AssignmentRole,
    Channel,
    Cluster,
    Evidence,
    Frequency,
    GraduationKind,
    LegalBasis,
    Measure,
    MemberLeftReason,
    Pillar,
    ReferralOutcome,
    ReferralReason,
    ServiceKind,
    VisitPurpose,
    VisitResult,
)
from domain.errors import (
    AlreadyRegistered,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    StaleVersion,
)
from domain.programme import Terms
from domain.service import Offer
from domain.values import Actor, Claim, LookupKey, NewMember, Outcome, Receipt, Role
from infra.persistence import persistence_environment
from tests.domain.given import (
    ADMINISTRATOR,
    AGENCY,
    AGENCY_ID,
    BEGAN,
    BUDI,
    CLOCK,
    FACILITATOR,
    KEMENSOS,
    OTHER_AGENCY,
    OTHER_FACILITATOR,
    REGIONAL,
    SERVICE_ID,
    SITI,
    TODAY,
    VILLAGE,
    command,
    deadline,
    member,
    sealed,
)

PKH = Terms("Program Keluarga Harapan", Cluster.PROTECTION, 4, Frequency.QUARTERLY, True, True, 2)
ATENSI = Terms("Asistensi Rehabilitasi Sosial", Cluster.REHABILITATION, None, Frequency.YEARLY, False, False, 1)
CAPITAL = Offer("Modal usaha", ServiceKind.CAPITAL, ("33.24",), 5)
ELSEWHERE = Offer("Pelatihan", ServiceKind.TRAINING, ("33.25",), 5)
OTHER_SERVICE_ID, FAR_SERVICE_ID = UUID(int=0x52), UUID(int=0x53)


@pytest.fixture
def app(database: str) -> Iterator[Rujukan]:
    """The application with two programmes, two agencies' services and two facilitators."""
    made = Rujukan(env=persistence_environment(database))
    first = command(ADMINISTRATOR, BEGAN)
    made.define_programme(first, code="pkh", terms=PKH)
    made.define_programme(first, code="atensi", terms=ATENSI)
    made.register_agency(first, AGENCY_ID, name="BRI", kind=AgencyKind.STATE_ENTERPRISE)
    for service, offer in {SERVICE_ID: CAPITAL, OTHER_SERVICE_ID: CAPITAL, FAR_SERVICE_ID: ELSEWHERE}.items():
        made.publish_service(first, service, agency=AGENCY_ID, offer=offer)
    for facilitator in (BUDI, SITI):
        made.appoint_facilitator(first, facilitator, name=sealed(), pillar=Pillar.PKH, region="33.24")
    yield made
    made.close()


def register(app: Rujukan, kk: str = "kk-1", *, by: Actor = FACILITATOR, nik: str = "head", **other: Any) -> UUID:
    household = uuid4()
    head = member(nik, head=True, household=household)
    app.register_household(
        household,
        command(by, BEGAN, **other),
        region=VILLAGE,
        kk=sealed(kk),
        kk_key=LookupKey("kk", kk.encode(), 1),
        address=sealed("address"),
        members=(head,),
    )
    return household


@pytest.fixture
def household(app: Rujukan) -> UUID:
    """Led by Budi, in PKH since the registration."""
    found = register(app)
    app.assign(found, command(on=BEGAN), facilitator=BUDI, role=AssignmentRole.LEAD)
    app.enrol(found, command(on=BEGAN), programme="pkh")
    return found


def propose(app: Rujukan, household: UUID, by: Actor = FACILITATOR, **other: Any) -> Outcome:
    asked: dict[str, Any] = {"programmes": ("pkh",), "evidence": (Evidence.HOME_VISIT,), **other}
    return app.propose_graduation(household, command(by), uuid4(), kind=GraduationKind.INDEPENDENT, **asked)


def send(app: Rujukan, household: UUID, service: UUID = SERVICE_ID, **other: Any) -> UUID:
    referral = uuid4()
    app.send_referral(household, other.pop("asked", command()), referral, **need(service), **other)
    return referral


def need(service: UUID) -> dict[str, Any]:
    return {
        "service": service,
        "need": sealed("need"),
        "legal_basis": LegalBasis.CONSENT,
        "respond_by": deadline(date(2026, 7, 7)),
        "expires_on": date(2026, 8, 6),
    }


def visit(app: Rujukan, household: UUID, **other: Any) -> Outcome:
    asked = command(other.pop("by", FACILITATOR), **other)
    return app.visit(household, asked, purpose=VisitPurpose.VERIFICATION, result=VisitResult.DONE)


def rows(database: str, query: str, *parameters: object) -> list[dict[str, Any]]:
    with psycopg.connect(database, row_factory=dict_row) as connection:
        return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]


def head(database: str) -> int:
    return int(rows(database, "SELECT coalesce(max(position), 0) AS head FROM log")[0]["head"])


def not_done(database: str, kind: type[DomainError], do: Callable[[], object]) -> Any:
    """The error; the log has no more events than before."""
    before = head(database)
    with pytest.raises(kind) as caught:
        do()
    assert head(database) == before
    return caught.value


# Outcomes


def test_an_outcome_names_position_version_and_records(app: Rujukan, household: UUID, database: str) -> None:
    outcome = visit(app, household)
    assert outcome == Outcome(head(database), 5, False, {"id": str(household)})


def test_a_repeated_command_answers_with_the_streams_last_position(app: Rujukan, household: UUID) -> None:
    first = visit(app, household)
    register(app, "kk-2", nik="other")
    assert visit(app, household) == replace(first, satisfied=True)


def test_a_repeated_proposal_answers_with_the_proposal_that_is_open(app: Rujukan, household: UUID) -> None:
    first = propose(app, household)
    again = propose(app, household)
    assert (again.ids, again.satisfied) == (first.ids, True)


def test_a_receipt_is_kept_with_the_events_and_also_where_none_were_needed(
    app: Rujukan, household: UUID, database: str
) -> None:
    for key in ("one", "two"):
        visit(app, household, receipt=Receipt("budi", "POST /visits", key, b"f", 201))
    kept = rows(database, "SELECT key, status, position, version FROM idempotency ORDER BY key")
    assert [(r["key"], r["status"]) for r in kept] == [("one", 201), ("two", 200)]
    assert {(r["position"], r["version"]) for r in kept} == {(head(database), 5)}


# Who may, and on what


@pytest.mark.parametrize("role", [r for r in Role if r not in ("facilitator", "regional_officer", "programme_officer")])
def test_a_role_that_may_not_is_told_so_whatever_it_asks_about(app: Rujukan, database: str, role: Role) -> None:
    not_done(database, Forbidden, lambda: visit(app, uuid4(), by=Actor("x", role)))
    not_done(database, Forbidden, lambda: register(app, "kk-9", by=Actor("x", role)))
    not_done(database, Forbidden, lambda: send(app, uuid4(), asked=command(Actor("x", role))))


def test_facilitators_do_not_determine_nor_programme_officers_verify(
    app: Rujukan, household: UUID, database: str
) -> None:
    graduation = UUID(propose(app, household).ids["graduation_id"])
    not_done(database, Forbidden, lambda: app.approve_graduation(household, command(OTHER_FACILITATOR), graduation))
    not_done(database, Forbidden, lambda: app.verify_graduation(household, command(KEMENSOS), graduation))


def test_senders_do_not_answer_and_agencies_do_not_send(app: Rujukan, household: UUID, database: str) -> None:
    referral = send(app, household)
    not_done(database, Forbidden, lambda: app.accept(referral, command(FACILITATOR), next_by=deadline()))
    not_done(database, Forbidden, lambda: app.settle(referral, command(AGENCY), reason=ReferralReason.NO_LONGER_NEEDED))
    not_done(database, Forbidden, lambda: app.pass_deadline(referral, command(AGENCY)))


def test_only_administrators_keep_the_directories_and_facilitators_plan_their_own_year(
    app: Rujukan, database: str
) -> None:
    not_done(database, Forbidden, lambda: app.define_programme(command(KEMENSOS), code="x", terms=PKH))
    not_done(
        database, Forbidden, lambda: app.publish_service(command(KEMENSOS), uuid4(), agency=uuid4(), offer=CAPITAL)
    )
    plan: dict[str, Any] = {"year": 2026, "measure": Measure.GRADUATIONS, "planned": 12}
    not_done(database, NotFound, lambda: app.plan(command(OTHER_FACILITATOR), BUDI, **plan))
    assert app.plan(command(FACILITATOR), BUDI, **plan).version == 2


def test_what_is_outside_the_scope_is_not_found(app: Rujukan, household: UUID, database: str) -> None:
    referral = send(app, household)
    far = Actor("far", Role.REGIONAL_OFFICER, "33.25")
    for by in (OTHER_FACILITATOR, far):
        not_done(database, NotFound, lambda b=by: visit(app, household, by=b))  # type: ignore[misc]
        not_done(database, NotFound, lambda b=by: send(app, household, asked=command(b)))  # type: ignore[misc]
    not_done(database, NotFound, lambda: app.receive(referral, command(OTHER_AGENCY)))
    with pytest.raises(NotFound):
        app.household_actions(household, command(OTHER_FACILITATOR))
    with pytest.raises(NotFound):
        app.referral_actions(referral, command(OTHER_AGENCY))


def test_what_does_not_exist_or_is_something_else_is_not_found(app: Rujukan, household: UUID, database: str) -> None:
    for wrong in (uuid4(), SERVICE_ID):
        not_done(database, NotFound, lambda w=wrong: visit(app, w, by=KEMENSOS))  # type: ignore[misc]
        not_done(database, NotFound, lambda w=wrong: app.receive(w, command(AGENCY)))  # type: ignore[misc]
    not_done(database, NotFound, lambda: app.receive(household, command(AGENCY)))
    not_done(database, NotFound, lambda: app.withdraw_service(command(ADMINISTRATOR), household))


def test_an_officer_registers_in_the_own_region_only(app: Rujukan, database: str) -> None:
    register(app, by=REGIONAL)
    not_done(
        database, Forbidden, lambda: register(app, "kk-2", nik="b", by=Actor("far", Role.REGIONAL_OFFICER, "33.25"))
    )


# What a command names


def test_what_a_command_names_must_exist(app: Rujukan, household: UUID, database: str) -> None:
    asked = command()
    for code, do in {
        "unknown-programme": lambda: app.enrol(household, asked, programme="nothing"),
        "unknown-facilitator": lambda: app.assign(household, asked, facilitator=uuid4(), role=AssignmentRole.LEAD),
        "unknown-service": lambda: send(app, household, uuid4()),
        "unknown-referral": lambda: send(app, household, previous=uuid4()),
        "unknown-agency": lambda: app.publish_service(command(ADMINISTRATOR), uuid4(), agency=uuid4(), offer=CAPITAL),
    }.items():
        assert not_done(database, Invalid, do).code == code


def test_a_service_is_referred_to_while_offered_and_where_it_serves(
    app: Rujukan, household: UUID, database: str
) -> None:
    assert not_done(database, Invalid, lambda: send(app, household, FAR_SERVICE_ID)).code == "outside-service-regions"
    app.withdraw_service(command(ADMINISTRATOR), SERVICE_ID)
    assert not_done(database, Conflict, lambda: send(app, household)).code == "service-withdrawn"


def test_a_payment_has_the_period_of_its_programme_and_an_amount_where_money(
    app: Rujukan, household: UUID, database: str
) -> None:
    paid: dict[str, Any] = {
        "programme": "pkh",
        "period": "2026-Q1",
        "channel": Channel.KKS,
        "amount": 600_000,
        "paid_on": TODAY,
        "reference": "r1",
    }

    def assist(**other: Any) -> object:
        return app.assist(household, command(), **{**paid, **other})

    assert not_done(database, Invalid, lambda: assist(period="2026-03")).code == "wrong-period"
    assert not_done(database, Invalid, lambda: assist(amount=None)).code == "amount-missing"
    assert not_done(database, Invalid, lambda: assist(amount=-1)).code == "amount-missing"
    assert not_done(database, Invalid, lambda: assist(paid_on=TODAY + timedelta(days=1))).code == "future-date"
    assist()
    assert not_done(database, Conflict, lambda: assist(amount=1)).code == "payment-conflict"


def test_only_graduable_programmes_are_graduated_from(app: Rujukan, household: UUID, database: str) -> None:
    app.enrol(household, command(), programme="atensi")
    assert not_done(database, Conflict, lambda: propose(app, household, programmes=("atensi",))).code == "not-graduable"
    assert not_done(database, Invalid, lambda: propose(app, household, programmes=())).code == "no-programmes"


def test_the_most_steps_of_the_programmes_left_hold(app: Rujukan, household: UUID, database: str) -> None:
    graduation = UUID(propose(app, household).ids["graduation_id"])
    assert not_done(
        database, Refused, lambda: app.approve_graduation(household, command(REGIONAL), graduation)
    ).code == "not-verified"  # fmt: skip
    app.verify_graduation(household, command(REGIONAL), graduation)
    app.approve_graduation(household, command(KEMENSOS), graduation)


@pytest.mark.parametrize("decile", [0, 11])
def test_a_rank_is_a_decile_of_a_quarter(app: Rujukan, household: UUID, database: str, decile: int) -> None:
    not_done(database, Invalid, lambda: app.rank(household, command(), decile=decile, period="2026-Q1", source="x"))
    not_done(database, Invalid, lambda: app.rank(household, command(), decile=3, period="2026-03", source="x"))


def test_an_enrolment_above_the_decile_limit_is_recorded_with_a_warning(app: Rujukan, database: str) -> None:
    household = register(app)
    app.rank(household, command(), decile=5, period="2026-Q1", source="dtsen")
    app.enrol(household, command(), programme="pkh")
    (state,) = rows(database, "SELECT state FROM log WHERE topic = 'household.enrolled.v1'")
    assert (state["state"]["warnings"], state["state"]["rule_version"]) == (["decile-above-limit"], 1)


def test_a_retired_facilitator_is_given_no_household(app: Rujukan, household: UUID, database: str) -> None:
    app.retire_facilitator(command(ADMINISTRATOR), SITI)
    assert not_done(
        database,
        Invalid,
        lambda: app.assign(household, command(), facilitator=SITI, role=AssignmentRole.LEAD),
    ).code == "facilitator-retired"  # fmt: skip


# Look-up rows


def test_one_household_per_family_card_and_one_membership_per_number(app: Rujukan, database: str) -> None:
    first = register(app)
    clash = not_done(database, AlreadyRegistered, lambda: register(app, nik="other"))
    assert (clash.kind, clash.household) == ("kk", first)
    clash = not_done(database, AlreadyRegistered, lambda: register(app, "kk-2"))
    assert (clash.kind, clash.household) == ("nik", first)


def test_a_number_is_free_again_after_its_member_left(app: Rujukan, database: str) -> None:
    first, second = register(app), register(app, "kk-2", nik="other")
    moving = member("child", household=first)
    app.add_member(first, command(), moving)
    again = NewMember(
        uuid4(), moving.nik, moving.name, moving.birth_date, False, Claim(moving.claim.key, second, uuid4())
    )
    not_done(database, AlreadyRegistered, lambda: app.add_member(second, command(), again))
    app.remove_member(first, command(), moving.id, reason=MemberLeftReason.MARRIED)
    app.add_member(second, command(), again)


# Refusals and versions


def test_a_refusal_is_kept_with_who_what_and_in_which_state(app: Rujukan, household: UUID, database: str) -> None:
    referral = send(app, household)
    error = not_done(
        database,
        Refused,
        lambda: app.complete(referral, command(AGENCY), outcome=ReferralOutcome.EMPLOYED),
    )
    position = rows(database, "SELECT max(position) AS at FROM log WHERE stream = %s", referral)[0]["at"]
    not_done(database, Refused, lambda: app.withdraw_graduation(household, command(), uuid4()))
    first, second = rows(database, "SELECT * FROM refusals ORDER BY id")
    assert (first["actor"], first["role"], first["stream"]) == (AGENCY.sub, "agency_officer", referral)
    assert (first["kind"], first["state"], first["action"], first["code"]) == (
        "referral", "sent", "complete", "illegal-transition"
    )  # fmt: skip
    assert (first["allowed"], first["position"]) == (list(error.allowed), position)
    assert (second["kind"], second["state"], second["action"]) == ("household", "enrolled", "withdraw-graduation")


def test_faults_of_form_scope_and_version_are_not_kept(app: Rujukan, household: UUID, database: str) -> None:
    not_done(database, Invalid, lambda: visit(app, household, on=TODAY + timedelta(days=1)))
    not_done(database, NotFound, lambda: visit(app, household, by=OTHER_FACILITATOR))
    not_done(database, StaleVersion, lambda: visit(app, household, expected_version=1))
    app.withdraw_service(command(ADMINISTRATOR), SERVICE_ID)
    changed = replace(CAPITAL, name="x")
    not_done(database, Refused, lambda: app.change_service(command(ADMINISTRATOR), SERVICE_ID, offer=changed))
    assert rows(database, "SELECT * FROM refusals") == []


def test_a_command_decided_on_an_older_state_is_not_carried_out(app: Rujukan, household: UUID, database: str) -> None:
    referral = send(app, household)
    stale = not_done(database, StaleVersion, lambda: visit(app, household, expected_version=4))
    assert stale.actual == 5
    visit(app, household, expected_version=5)
    not_done(database, StaleVersion, lambda: app.receive(referral, command(AGENCY, expected_version=9)))
    not_done(
        database, StaleVersion, lambda: app.withdraw_service(command(ADMINISTRATOR, expected_version=9), SERVICE_ID)
    )


def test_commands_on_one_household_at_once_are_all_carried_out(app: Rujukan, household: UUID, database: str) -> None:
    before = head(database)

    def rank(number: int) -> Outcome:
        return app.rank(household, command(), decile=3, period="2026-Q1", source=f"source-{number}")

    with ThreadPoolExecutor(4) as callers:
        outcomes = list(callers.map(rank, range(8)))
    assert sorted(o.position for o in outcomes) == list(range(before + 1, before + 9))
    assert sorted(o.version for o in outcomes) == list(range(5, 13))


# Referrals and their pairs


def test_a_referral_and_the_household_that_is_referred_are_one_append(
    app: Rujukan, household: UUID, database: str
) -> None:
    referral = send(app, household)
    stored = rows(database, "SELECT stream, topic, logged_at, state FROM log ORDER BY position DESC LIMIT 2")
    assert {(r["stream"], r["topic"]) for r in stored} == {
        (referral, "referral.sent.v1"),
        (household, "household.referred.v1"),
    }
    assert stored[0]["logged_at"] == stored[1]["logged_at"]


def test_a_redirect_is_stored_with_its_new_pair_and_asking_again_makes_no_second(
    app: Rujukan, household: UUID, database: str
) -> None:
    referral = send(app, household)
    app.decline(referral, command(AGENCY), reason=ReferralReason.NO_BUDGET)
    before = head(database)
    first = app.redirect(referral, command(), uuid4(), **need(OTHER_SERVICE_ID))
    stored = rows(database, "SELECT topic, logged_at, state FROM log WHERE position > %s", before)
    assert sorted(r["topic"] for r in stored) == [
        "household.referred.v1", "referral.redirected.v1", "referral.sent.v1"
    ]  # fmt: skip
    assert len({r["logged_at"] for r in stored}) == 1
    (sent,) = (r["state"] for r in stored if r["topic"] == "referral.sent.v1")
    assert sent["previous"] == str(referral)
    again = app.redirect(referral, command(), uuid4(), **need(OTHER_SERVICE_ID))
    assert (again.ids, again.satisfied) == (first.ids, True)
    not_done(database, Refused, lambda: app.redirect(referral, command(), uuid4(), **need(SERVICE_ID)))


def test_a_new_referral_that_names_an_unsuccessful_one_redirects_it(
    app: Rujukan, household: UUID, database: str
) -> None:
    referral = send(app, household)
    assert not_done(database, Conflict, lambda: send(app, household, previous=referral)).code == "previous-open"
    app.decline(referral, command(AGENCY), reason=ReferralReason.NO_CAPACITY)
    new = send(app, household, OTHER_SERVICE_ID, previous=referral)
    (redirected,) = rows(database, "SELECT state FROM log WHERE topic = 'referral.redirected.v1'")
    assert redirected["state"]["to"] == str(new)


def test_a_referral_of_another_household_is_not_its_previous_one(app: Rujukan, household: UUID, database: str) -> None:
    referral = send(app, household)
    app.decline(referral, command(AGENCY), reason=ReferralReason.NO_CAPACITY)
    other = register(app, "kk-2", nik="other")
    assert not_done(database, Invalid, lambda: send(app, other, previous=referral)).code == "unknown-referral"


def test_the_clock_records_a_deadline_once_and_is_then_satisfied(app: Rujukan, household: UUID) -> None:
    referral = send(app, household)
    late = date(2026, 7, 8)
    assert not app.pass_deadline(referral, command(CLOCK, late, today=late)).satisfied
    assert app.pass_deadline(referral, command(CLOCK, late, today=late)).satisfied


# Directories


def test_a_programme_defined_again_is_changed_only_where_it_differs(app: Rujukan, database: str) -> None:
    assert app.define_programme(command(ADMINISTRATOR), code="pkh", terms=PKH).satisfied
    assert app.define_programme(command(ADMINISTRATOR), code="pkh", terms=replace(PKH, steps=1)).version == 2
    topics = [r["topic"] for r in rows(database, "SELECT topic FROM log WHERE topic LIKE 'programme.%%'")]
    assert topics == ["programme.defined.v1"] * 2 + ["programme.changed.v1"]


def test_a_target_is_revised_by_a_new_setting_and_kept_where_it_says_the_same(app: Rujukan, database: str) -> None:
    def set_target(minimum: int, *kinds: GraduationKind) -> Outcome:
        return app.set_target(
            command(ADMINISTRATOR),
            year=2026,
            pillar=Pillar.PKH,
            measure=Measure.GRADUATIONS,
            minimum=minimum,
            kinds=kinds or None,
        )

    set_target(10)
    assert set_target(10, GraduationKind.INDEPENDENT).satisfied, "independent alone counts unless said otherwise"
    set_target(12)
    set_target(12, GraduationKind.NATURAL, GraduationKind.INDEPENDENT)
    set_target(10)
    stored = [r["state"] for r in rows(database, "SELECT state FROM log WHERE topic = 'target.set.v1'")]
    assert [(s["revision"], s["minimum"], s["kinds"]) for s in stored] == [
        (1, 10, ["independent"]),
        (2, 12, ["independent"]),
        (3, 12, ["independent", "natural"]),
        (4, 10, ["independent"]),
    ]


def test_kinds_are_of_graduations_only(app: Rujukan, database: str) -> None:
    target: dict[str, Any] = {"year": 2026, "pillar": Pillar.PKH, "measure": Measure.VISITS, "minimum": 300}
    kinds = (GraduationKind.NATURAL,)
    not_done(database, Invalid, lambda: app.set_target(command(ADMINISTRATOR), **target, kinds=kinds))
    app.set_target(command(ADMINISTRATOR), **target)
    (stored,) = rows(database, "SELECT state FROM log WHERE topic = 'target.set.v1'")
    assert stored["state"]["kinds"] == []
