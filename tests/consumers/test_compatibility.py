"""No schema changes so that an agency could not go on with it."""

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.consumers.compatibility import breaks
from tests.golden.released import FOLDER, ROOT, present, released, released_in

DECLINED, ACCEPTED = "rujukan.referral.declined.v1", "rujukan.referral.accepted.v1"
COMPLETED, REQUESTED = "rujukan.referral.completed.v1", "rujukan.referral.information_requested.v1"
REJECTED = "rujukan.reply.rejected.v1"
DECLINE, COMPLETE, ASK = "rujukan.reply.decline.v1", "rujukan.reply.complete.v1", "rujukan.reply.request_information.v1"
Change = Callable[[dict[str, Any]], object]


def changed(type_: str, change: Change) -> dict[str, Any]:
    """The present schemas, with a change to one."""
    found = copy.deepcopy(present())
    change(found[type_])
    return found


def at(place: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The schema of a field such as `codes.reason`."""

    def find(schema: dict[str, Any]) -> dict[str, Any]:
        for name in place.split(".") if place else ():
            schema = schema["properties"][name]
        return schema

    return find


def put(place: str, **words: Any) -> Change:
    return lambda schema: at(place)(schema).update(words)


def drop(place: str, *words: str) -> Change:
    return lambda schema: [at(place)(schema).pop(word) for word in words]


def without(place: str, name: str) -> Change:
    def change(schema: dict[str, Any]) -> None:
        found = at(place)(schema)
        del found["properties"][name]
        found["required"] = [other for other in found["required"] if other != name]

    return change


def optional(place: str, name: str) -> Change:
    return lambda schema: at(place)(schema)["required"].remove(name)


def needed(place: str, name: str) -> Change:
    return lambda schema: at(place)(schema)["required"].append(name)


def more(place: str, name: str, **words: Any) -> Change:
    return lambda schema: at(place)(schema)["properties"].update({name: words})


def code(place: str, value: str) -> Change:
    return lambda schema: at(place)(schema)["enum"].append(value)


def no_code(place: str, value: str) -> Change:
    return lambda schema: at(place)(schema)["enum"].remove(value)


def in_list(change: Change) -> Change:
    return lambda schema: change(schema["properties"]["information"]["items"])


REFUSED: list[tuple[str, Change, str]] = [
    # What agencies read
    (DECLINED, without("codes", "reason"), "codes.reason is told no more."),
    (COMPLETED, without("codes", "amount"), "codes.amount is told no more."),
    (DECLINED, without("", "member"), "member is told no more."),
    (DECLINED, optional("codes", "reason"), "codes.reason may be missing now."),
    (DECLINED, optional("", "household"), "household may be missing now."),
    (DECLINED, put("referral", type=["string", "null"]), "referral may be null now."),
    (COMPLETED, put("codes.amount", type="number"), "codes.amount may be number now."),
    (COMPLETED, drop("codes.amount", "type"), "codes.amount may be anything now."),
    (COMPLETED, put("codes.amount", minimum=-1), "codes.amount may be what `minimum` did not allow."),
    (COMPLETED, drop("codes.amount", "minimum"), "codes.amount may be what `minimum` did not allow."),
    (DECLINED, code("codes.reason", "bored"), "codes.reason may be `bored` now, which those who read it do not know."),
    (ACCEPTED, code("state", "on_hold"), "state may be `on_hold` now, which those who read it do not know."),
    (ACCEPTED, drop("state", "enum"), "state may be `anything` now, which those who read it do not know."),
    (DECLINED, put("type", const="x"), "type may be `x` now, which those who read it do not know."),
    (ACCEPTED, put("codes.next_by", format="date-time"), "codes.next_by may be what `format` did not allow."),
    (ACCEPTED, drop("codes.next_by", "pattern"), "codes.next_by may be what `pattern` did not allow."),
    (REJECTED, put("code", pattern="."), "code may be what `pattern` did not allow."),
    (REQUESTED, put("codes.information", minItems=0), "codes.information may be what `minItems` did not allow."),
    (
        REQUESTED,
        lambda schema: at("codes.information")(schema)["items"]["enum"].append("gossip"),
        "codes.information[] may be `gossip` now, which those who read it do not know.",
    ),
    (DECLINED, put("", **{"$id": "urn:x"}), "the message has another `$id`."),
    (DECLINED, put("codes", minProperties=1), "codes differs in `minProperties`, of which this check knows nothing."),
    # What agencies write
    (COMPLETE, needed("", "amount"), "amount is needed now."),
    (DECLINE, needed("", "on"), "on is needed now."),
    (COMPLETE, without("", "amount"), "amount is taken no more."),
    (DECLINE, no_code("reason", "other"), "reason is taken no more as `other`."),
    (ASK, in_list(no_code("", "other")), "information[] is taken no more as `other`."),
    (DECLINE, put("on", type="string"), "on is taken no more as null."),
    (COMPLETE, put("amount", maximum=10**12), "amount is bound by another `maximum`."),
    (COMPLETE, put("amount", minimum=1), "amount is bound by another `minimum`."),
    (ASK, put("information", maxItems=5), "information is bound by another `maxItems`."),
    (ASK, put("", minProperties=1), "the message differs in `minProperties`, of which this check knows nothing."),
    (DECLINE, put("reason", maxLength=20), "reason is bound by another `maxLength`."),
    (DECLINE, put("referral", pattern="^[0-9a-f-]{36}$"), "referral is bound by another `pattern`."),
    (DECLINE, put("referral", format="uuid"), "referral is bound by another `format`."),
]  # fmt: skip
PASSED: list[tuple[str, Change]] = [
    (DECLINED, more("codes", "since", type="string", format="date")),
    (DECLINED, more("", "region", type="string")),
    (COMPLETED, needed("codes", "amount")),
    (COMPLETED, put("codes.amount", minimum=1)),
    (DECLINED, no_code("codes.reason", "no_budget")),
    (DECLINED, put("member", type="string")),
    (REJECTED, put("code", maxLength=40)),
    (DECLINED, put("", title="Declined", description="In other words.")),
    (DECLINE, code("reason", "bored")),
    (DECLINE, optional("", "reason")),
    (COMPLETE, put("amount", maximum=10**16)),
    (COMPLETE, put("amount", type=["number", "null"])),
    (COMPLETE, drop("amount", "minimum", "maximum")),
    (ASK, put("information", minItems=0)),
    (DECLINE, more("", "appointment", type="string")),
]


@pytest.mark.parametrize(("type_", "change", "sentence"), REFUSED, ids=[f"{t} {s}" for t, _, s in REFUSED])
def test_a_change_that_breaks_somebody_s_work_is_refused(type_: str, change: Change, sentence: str) -> None:
    assert breaks(present(), changed(type_, change)) == [f"{type_}: {sentence}"]


@pytest.mark.parametrize(("type_", "change"), PASSED)
def test_a_change_with_which_everybody_can_go_on_is_let_through(type_: str, change: Change) -> None:
    later = changed(type_, change)
    assert later != present()
    assert breaks(present(), later) == []


def test_a_type_may_come_and_none_may_go() -> None:
    less = present()
    gone = less.pop(DECLINED)
    assert breaks(less, {**less, DECLINED: gone}) == []
    assert breaks(present(), less) == [f"{DECLINED} is gone; who relies on it needs it."]


def test_an_open_schema_may_not_be_asked_of_who_writes_and_a_closed_one_not_be_told_less_of() -> None:
    opened = changed(DECLINE, put("", additionalProperties=True))
    assert breaks(present(), opened) == []
    assert breaks(opened, present()) == [f"{DECLINE}: the message is taken no more with other fields."]


def test_nothing_breaks_the_work_of_those_who_have_the_schemas() -> None:
    assert breaks(released(), present()) == []


def test_what_has_changed_is_taken_over() -> None:
    """By `python -m tests.golden.released`, so that what was added is held from then on."""
    assert released() == present()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """In its only commit an agency may answer with a reason more than now."""
    folder = tmp_path / FOLDER.relative_to(ROOT)
    folder.mkdir(parents=True)
    richer = changed(DECLINE, code("reason", "bored"))[DECLINE]
    (folder / f"{DECLINE}.json").write_text(json.dumps(richer))
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "Begins")):
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True)
    return tmp_path


def test_what_stands_in_a_commit_is_held_though_schema_and_copy_were_changed_at_once(repository: Path) -> None:
    relied_on = released_in("main", repository)
    assert relied_on is not None
    assert breaks(relied_on, present()) == [f"{DECLINE}: reason is taken no more as `bored`."]
    assert released_in("no-such-commit", repository) is None
