"""The AsyncAPI document tells of the messages, topics and headers that there are."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from consumers import topics
from consumers.contracts import CODES, REJECTED
from consumers.replies import FORMS
from consumers.schema_files import schema
from infra.kafka.administration import DAY, Shape
from infra.settings import Settings
from tests.golden.examples import AGENCY
from tests.golden.wire import golden, message

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "asyncapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
CHANNELS = {
    "referrals": (topics.referrals, set(CODES), "told"),
    "replies": (topics.replies, set(FORMS), "answered"),
    "rejected": (topics.rejected, {REJECTED}, "told"),
}
UNREACHED = re.compile(r"npm (?:error|ERR!) (?:code )?(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET)")


def refs_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name == "$ref")
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from refs_in(inner)


def at(ref: str) -> Any:
    found: Any = DOCUMENT
    for name in ref.removeprefix("#/").split("/"):
        found = found[name]
    return found


def headers_of(trait: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["components"]["messageTraits"][trait]["headers"]
    return found


def test_whatever_it_refers_to_is_there() -> None:
    for ref in refs_in(DOCUMENT):
        assert at(ref) if ref.startswith("#/") else (FILE.parent / ref).resolve().is_file(), ref


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_is_a_topic_with_the_messages_that_stand_in_it(name: str) -> None:
    topic, types, trait = CHANNELS[name]
    channel = DOCUMENT["channels"][name]
    assert channel["address"].replace("{agency}", str(AGENCY)) == topic(AGENCY)
    assert set(channel["messages"]) == types
    (operation,) = [o for o in DOCUMENT["operations"].values() if o["channel"]["$ref"] == f"#/channels/{name}"]
    assert operation["action"] == ("receive" if name == "replies" else "send")
    assert {ref["$ref"].rpartition("/")[2] for ref in operation["messages"]} == types
    for type_ in types:
        found = at(channel["messages"][type_]["$ref"])
        assert found["name"] == type_
        assert found["traits"] == [{"$ref": f"#/components/messageTraits/{trait}"}]


def test_the_body_of_each_message_is_that_of_its_schema() -> None:
    messages = DOCUMENT["components"]["messages"]
    assert set(messages) == {*CODES, *FORMS, REJECTED}
    for type_, found in messages.items():
        file = (FILE.parent / found["payload"]["$ref"]).resolve()
        assert file.parent == ROOT / "consumers" / "schemas"
        assert yaml.safe_load(file.read_text("utf-8")) == schema(type_)


@pytest.mark.parametrize("type_", [*CODES, REJECTED])
def test_headers_are_those_that_agencies_read(type_: str) -> None:
    told = headers_of("told")
    for replayed in (False, True):
        headers = {name: value.decode() for name, value in message(type_).headers(replayed=replayed)}
        assert list(Draft7Validator(told).iter_errors(headers)) == []
        assert set(told["properties"]) - set(headers) == (set() if replayed else {"ce_replayed"})
        assert set(headers) <= set(told["properties"])


@pytest.mark.parametrize("type_", FORMS)
def test_headers_are_those_that_agencies_write(type_: str) -> None:
    answered, headers = headers_of("answered"), golden(type_)["headers"]
    assert list(Draft7Validator(answered).iter_errors(headers)) == []
    assert set(headers) == set(answered["properties"])


def test_who_connects_proves_it_and_finds_the_topics_as_they_are_made() -> None:
    (server,) = DOCUMENT["servers"].values()
    assert [at(scheme["$ref"])["type"] for scheme in server["security"]] == ["scramSha512"]
    topic = DOCUMENT["components"]["channelBindings"]["topic"]["kafka"]
    days = Settings.model_fields["kafka_retention_days"].default
    assert topic["partitions"] == Shape(retention_days=days, replicas=1).partitions
    assert topic["topicConfiguration"]["retention.ms"] == days * DAY


@pytest.mark.skipif(shutil.which("npx") is None, reason="AsyncAPI's command line comes by npm, and there is none")
def test_the_official_command_line_finds_nothing_wrong() -> None:
    done = subprocess.run(
        [ROOT / ".ci" / "asyncapi", "validate", FILE], cwd=ROOT, capture_output=True, text=True, timeout=1800
    )
    said = done.stdout + done.stderr
    if unreached := UNREACHED.search(said):
        pytest.skip(f"npm cannot fetch AsyncAPI's command line: {unreached[1]}")
    assert done.returncode == 0, said
    assert "is valid" in said
