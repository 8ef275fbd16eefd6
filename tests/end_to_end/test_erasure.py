"""Whoever was erased is gone from the API, both databases and every file; kills and restores bring nobody back."""

import json
import threading
import time
from typing import Any

import httpx
import pytest

from domain.values import Actor, Role
from tests.end_to_end.erasing import (
    KEYS,
    LOG,
    REASON,
    connected,
    dumps,
    erase,
    files_with,
    keep,
    restore,
    rewrite_files,
    wrapped_keys,
)
from tests.end_to_end.test_canaries import CANARIES, VILLAGE, Caller, forms, live_a_whole_life, member

PERSONAL = {name: secret for name, secret in CANARIES.items() if name != "officer"}
"""All that is the household's; the officer stays."""
TOPIC = "household.personal_data_erased.v1"


def caller(whole: Any) -> Caller:
    call = Caller(whole)
    call.introduce("analyst", Actor("ana", Role.ANALYST))
    call.introduce("auditor", Actor("aud", Role.AUDITOR))
    return call


def register(call: Caller) -> tuple[str, str]:
    """A household and its only member."""
    body = {"kk": CANARIES["kk"], "address": CANARIES["address"], "region": VILLAGE, "members": [member("nik", True)]}
    home = call.post("programme", "/v1/households", body)["id"]
    (one,) = read(call, f"/v1/households/{home}")["members"]
    return home, one["id"]


def read(call: Caller, path: str, who: str = "programme") -> Any:
    """As of everything that was written."""
    with connected(call.home) as log:
        row = log.execute("SELECT coalesce(max(notification_id), 0) FROM rujukan_events").fetchone()
    assert row is not None
    headers = {"Authorization": call.identities[who]}
    answer = call.client.get(path, params={"after": row[0]}, headers=headers)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def settled(call: Caller) -> None:
    """Until every projection has folded the whole log."""
    for path in ("/v1/households", "/v1/referrals", "/v1/follow-up", "/v1/graduations", "/v1/graduations/proposals"):
        read(call, path)


def everything_shown(call: Caller, ids: dict[str, list[str]]) -> dict[str, str]:
    """The answer of every route that reads, to every caller, on every record there is."""
    paths = call.client.get("/openapi.json").json()["paths"]
    shown = {}
    for template in (path for path, verbs in paths.items() if "get" in verbs):
        of = next((found for start, found in ids.items() if template.startswith(start)), [""])
        for path in {template.replace("{id}", one).replace("{code}", "pkh") for one in of}:
            for who, token in call.identities.items():
                answer = call.client.get(path, headers={"Authorization": token})
                assert answer.status_code in (200, 403, 404), (path, who, answer.text)
                shown[f"{who} {path}"] = answer.text
    return shown


def figures(call: Caller) -> Any:
    asked = ("by=facilitator", "by=kind", "by=region", "by=month", "by=programme")
    return [read(call, f"/v1/graduations?{question}", "analyst")["rows"] for question in asked]


def test_nothing_of_an_erased_household_is_left_anywhere(whole: Any) -> None:
    whole.start()
    call = caller(whole)
    live_a_whole_life(call)
    settled(call)
    (household,) = read(call, "/v1/households")["items"]
    home = household["id"]
    members = [m["id"] for m in read(call, f"/v1/households/{home}")["members"]]
    referrals = [r["id"] for r in read(call, "/v1/referrals")["items"]]
    ids = {"/v1/households": [home], "/v1/referrals": referrals}
    before, wrapped = figures(call), wrapped_keys(whole.home, [home, *members])
    assert len(wrapped) == 3
    shown = "".join(everything_shown(call, ids).values())
    seen = {name for name, secret in PERSONAL.items() if secret in shown}
    assert {"kk", "nik", "name", "address", "birth date", "need", "basis", "note"} <= seen, "it would be found"
    assert all(key.hex() in dumps(whole.home) for key in wrapped.values())

    erase(call, home)
    settled(call)
    for where, text in everything_shown(call, ids).items():
        assert not [name for name, secret in PERSONAL.items() if secret in text], where
    assert figures(call) == before
    for kind in ("kk", "nik"):
        headers = {"Authorization": call.identities["programme"]}
        answer = call.client.post("/v1/households/lookup", json={kind: CANARIES[kind]}, headers=headers)
        assert answer.status_code == 404
    for words in (("rebuild", "--check"), ("rebuild",)):
        ran = whole.run(*words)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert figures(call) == before

    rewrite_files(whole.home)
    stored = dumps(whole.home)
    in_clear = {name: [form.encode() for form in forms(secret)] for name, secret in PERSONAL.items()}
    in_keys = {f"key of {id_}": [key, key.hex().encode()] for id_, key in wrapped.items()}
    assert not [name for name, all_ in (in_clear | in_keys).items() for form in all_ if form.decode("latin1") in stored]
    assert whole.stop() == 0
    assert files_with(whole.home, {"village": [VILLAGE.encode()]}), "what is in the clear would be found"
    assert files_with(whole.home, in_clear | in_keys) == set()


def test_a_process_killed_between_event_and_key_leaves_the_rest_to_the_next(whole: Any) -> None:
    whole.start()
    call = caller(whole)
    home, person = register(call)
    asked = call.post("programme", "/v1/households/{household_id}/erasures", REASON, household_id=home)
    erasure = asked["erasure_id"]
    path = f"/v1/households/{home}/erasures/{erasure}/confirm"
    headers = {"Authorization": call.identities["second"]}

    def confirm() -> None:
        with pytest.raises(httpx.HTTPError):
            call.client.post(path, json={}, headers=headers)

    asking = threading.Thread(target=confirm)
    with connected(whole.home, keys=True) as holding, holding.transaction(), connected(whole.home) as log:
        holding.execute("LOCK TABLE data_keys IN ROW EXCLUSIVE MODE")
        asking.start()
        while log.execute("SELECT count(*) FROM rujukan_events WHERE topic = %s", [TOPIC]).fetchone() == (0,):
            time.sleep(0.02)
        whole.kill(database=False)
        asking.join()
    assert set(wrapped_keys(whole.home, [home, person])) == {home, person}
    whole.start()
    assert "2 keys destroyed whose erasure the log records" in whole.output.read_text()
    assert wrapped_keys(whole.home, [home, person]) == {}


@pytest.mark.parametrize("database", [LOG, KEYS])
def test_a_restore_of_either_databases_backup_brings_nobody_back(whole: Any, database: str) -> None:
    whole.start()
    call = caller(whole)
    home, person = register(call)
    whole.stop()
    keep(whole.home, database)
    whole.start()
    call = caller(whole)
    erase(call, home)
    whole.stop()
    restore(whole.home, database)
    whole.start()
    call = caller(whole)
    settled(call)
    shown = read(call, f"/v1/households/{home}")
    assert (shown["kk"], shown["address"], shown["head_name"]) == (None, None, None)
    assert [(m["id"], m["nik"], m["name"], m["birth_date"]) for m in shown["members"]] == [(person, None, None, None)]
    assert wrapped_keys(whole.home, [home, person]) == {}
    assert not any(secret in json.dumps(shown) for secret in PERSONAL.values())
    told = whole.run("keys", "reconcile").stdout
    if database == LOG:
        assert "2 keys are destroyed without an erasure in the log" in " ".join(told.split())
        body = {"kk": CANARIES["kk"], "address": "x", "region": VILLAGE, "members": [member("nik", True)]}
        headers = {"Authorization": call.identities["programme"]}
        assert call.client.post("/v1/households", json=body, headers=headers).status_code == 409
        erase(call, home)  # what the older log does not know of can be erased again
        told = whole.run("keys", "reconcile").stdout
    assert told.splitlines()[-1] == "Every key whose erasure the log records is destroyed."
