"""The examples of `docs/partners.md` do what the page says: with a real broker, a real Rujukan, and a killed desk."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from consumers import topics
from consumers.publishing.publisher import Publisher
from consumers.publishing.replaying import replay
from consumers.taking_in.reading import ReplyReader
from infra.kafka.access import Access
from infra.kafka.administration import Credential, Shape, administration
from infra.kafka.clients import administrator
from tests.api.rig import OFFICER, Rig, rig_on
from tests.consumers.publishing.test_publisher import Partner, until
from tests.consumers.taking_in.test_intake import intake_of
from tests.docs import kcat
from tests.docs.partners_page import PAGE, files
from tests.faults.partner import Answers, standing_in

pytestmark = pytest.mark.xdist_group("partners page")
needs_kcat = pytest.mark.skipif(kcat.why_not() is not None, reason=str(kcat.why_not()))


def source(record: Any) -> bytes:
    return bytes(dict(record.headers)["ce_source"])


class Agency(Partner):
    """With the files of the page, and the settings that it names."""

    def __init__(self, rig: Rig, broker: Access, folder: Path) -> None:
        super().__init__(rig, broker)
        with administration(broker, Shape(retention_days=1, replicas=1)) as administering:
            credential: Credential = administering.rotate(self.agency)
        self.access = broker.of(credential.user, credential.password)
        self.folder = folder
        for name, program in files().items():
            (folder / name).write_text(program, "utf-8")
        self.settings = {
            "AGENCY": str(self.agency),
            "KAFKA": ",".join(broker.servers),
            "PROTOCOL": str(broker.protocol),
            "SECRET": credential.password,
        }

    def state(self, referral: str) -> str:
        return str(self.rig.latest(f"/v1/referrals/{referral}", OFFICER).json()["state"])

    def knows(self) -> dict[str, str]:
        """What the desk has stored of each referral."""
        with sqlite3.connect(self.folder / "desk.db") as desk:
            return dict(desk.execute("SELECT id, state FROM referrals"))

    def run(self, *names: str, **more: str) -> str:
        """Shell files of the page in one shell, and what they print."""
        words = ["bash", "-euc", "\n".join(f". ./{name}" for name in names)]
        settings = {**kcat.environment(), **self.settings, **more}
        done = subprocess.run(words, cwd=self.folder, env=settings, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def running(self, name: str) -> Iterator[Path]:
        """A Python file of the page, killed in the end; the file that it writes to."""
        output = self.folder / f"{name}.out"
        with output.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, name], cwd=self.folder, env={**os.environ, **self.settings}, stdout=out, stderr=out
            )
            try:
                yield output
                assert process.poll() is None, output.read_text()
            finally:
                process.kill()
                process.wait()

    def refused_before(self, referral: str, id_: str) -> None:
        """Starts a service that was not accepted."""
        answers = Answers(self.agency, self.access.client())
        answers.send("start", UUID(referral), id_=id_)
        answers.close()

    def answered(self, referral: str, *steps: tuple[str, dict[str, Any]]) -> None:
        answers = Answers(self.agency, self.access.client())
        for action, content in steps:
            answers.send(action, UUID(referral), **content)
        answers.close()

    def has_read_all(self) -> bool:
        """Whether the desk has stored all that stands in its topic."""
        with administrator(self.broker) as administering:
            committed = administering.list_group_offsets({f"{self.agency}.desk": None})[f"{self.agency}.desk"]
        ends: dict[int, int] = {}
        for record in self.messages():
            ends[record.partition] = max(record.offset + 1, ends.get(record.partition, 0))
        return all(committed[tp].offset == ends.get(tp.partition, 0) for tp in committed)

    def all_taken(self) -> bool:
        """Whether every answer that the agency wrote has been taken in, one way or the other."""
        written = {dict(record.headers)["ce_id"] for record in standing_in(topics.replies(self.agency), self.client())}
        with psycopg.connect(self.rig.url) as connection:
            found = connection.execute(
                "SELECT key FROM idempotency WHERE caller = %s UNION SELECT id FROM rejected_replies WHERE agency = %s",
                [f"agency {self.agency}", self.agency],
            )
            return written == {key.encode() for (key,) in found}

    def client(self) -> dict[str, Any]:
        return self.broker.client()


@pytest.fixture
def agency(database: str, broker: Access, tmp_path: Path) -> Iterator[Agency]:
    """A partner from the beginning of the log on, with everything at work that sends to it and takes its answers."""
    with rig_on(database) as rig:
        made = Agency(rig, broker, tmp_path)
        made.added(0)
        stop = threading.Event()
        reader = ReplyReader(intake_of(rig), rig.services.pool.connection, broker.client())
        publisher = Publisher(made.session, broker.client())
        threads = [threading.Thread(target=each.run, args=(stop,)) for each in (reader, publisher)]
        for thread in threads:
            thread.start()
        try:
            yield made
        finally:
            stop.set()
            for thread in threads:
                thread.join(30)


def test_a_desk_in_python_receives_and_accepts_and_does_nothing_twice(agency: Agency) -> None:
    first = agency.referral()
    with agency.running("desk.py"):
        until(lambda: agency.state(first) == "accepted")
    later = agency.referral()
    with agency.running("desk.py"):
        until(lambda: agency.state(later) == "accepted")
        until(lambda: agency.knows() == {first: "accepted", later: "accepted"})
    before = agency.rig.services.log.head()
    with agency.session() as session:
        assert replay(session, agency.client(), agency.agency, 0) == 6
    with sqlite3.connect(agency.folder / "desk.db") as desk:
        (done,) = desk.execute("SELECT count(*) FROM done").fetchone()
    with agency.running("desk.py"):
        until(agency.has_read_all)
        until(agency.all_taken)
    assert (done, agency.knows()) == (6, {first: "accepted", later: "accepted"})
    assert agency.rig.services.log.head() == before


def test_a_desk_that_begins_with_history_answers_what_is_open_and_nothing_else(agency: Agency) -> None:
    accepted, declined, open_ = (agency.referral() for _ in range(3))
    agency.answered(accepted, ("received", {}), ("accept", {}))
    agency.answered(declined, ("decline", {"reason": "no_capacity"}))
    until(lambda: (agency.state(accepted), agency.state(declined)) == ("accepted", "declined"))
    until(lambda: agency.sent_up_to() == agency.rig.services.log.head())
    with agency.running("desk.py"):
        until(lambda: agency.state(open_) == "accepted")
        until(lambda: agency.knows() == {accepted: "accepted", declined: "declined", open_: "accepted"})
        until(agency.has_read_all)
    by_the_desk = [r for r in standing_in(topics.replies(agency.agency), agency.client()) if b"desk" in source(r)]
    assert [record.key.decode() for record in by_the_desk] == [open_, open_]
    assert standing_in(topics.rejected(agency.agency), agency.client()) == []


def test_refusals_are_shown_to_a_person(agency: Agency) -> None:
    agency.refused_before(agency.referral(), "too-early")
    with agency.running("refusals.py") as output:
        until(lambda: "too-early illegal-transition" in output.read_text())


def test_after_a_rotation_an_old_secret_is_told_of_as_the_page_says(agency: Agency) -> None:
    with administration(agency.broker, Shape(retention_days=1, replicas=1)) as administering:
        administering.rotate(agency.agency)
    words = [sys.executable, "refusals.py"]
    settings = {**os.environ, **agency.settings}
    done = subprocess.run(words, cwd=agency.folder, env=settings, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    (told,) = re.findall(r"`(KafkaTimeoutError: Unable to bootstrap from) …`", PAGE)
    assert told in done.stderr


@needs_kcat
def test_kcat_says_of_an_old_secret_what_the_page_says(agency: Agency) -> None:
    agency.run("kcat-settings.sh")
    with administration(agency.broker, Shape(retention_days=1, replicas=1)) as administering:
        administering.rotate(agency.agency)
    words = ["kcat", "-F", "partner.conf", "-L", "-m", "10"]
    done = subprocess.run(words, cwd=agency.folder, env=kcat.environment(), capture_output=True, text=True, timeout=60)
    assert "| kcat: `SASL authentication error`" in PAGE and "SASL authentication error" in done.stderr


@needs_kcat
def test_kcat_reads_answers_and_is_told_of_refusals(agency: Agency) -> None:
    referral = agency.referral()
    until(lambda: agency.sent_up_to() == agency.rig.services.log.head())
    read = agency.run("kcat-settings.sh", "kcat-read.sh")
    assert "ce_type=rujukan.referral.sent.v1" in read and f'"referral":"{referral}"' in read
    assert (agency.folder / "partner.conf").stat().st_mode & 0o777 == 0o600
    agency.run("kcat-settings.sh", "kcat-answer.sh", REFERRAL=referral)
    until(lambda: agency.state(referral) == "received")
    agency.refused_before(referral, "too-early")
    until(lambda: '"id":"too-early"' in agency.run("kcat-refusals.sh"))


@needs_kcat
def test_answers_by_kcat_stand_where_those_of_python_do(agency: Agency) -> None:
    referrals = [agency.referral() for _ in range(4)]
    for referral in referrals:
        agency.run("kcat-settings.sh", "kcat-answer.sh", REFERRAL=referral)
        agency.refused_before(referral, f"again-{referral}")
    places: dict[bytes, set[int]] = {}
    for record in standing_in(topics.replies(agency.agency), agency.client()):
        places.setdefault(record.key, set()).add(record.partition)
    assert sorted(places) == sorted(referral.encode() for referral in referrals)
    assert all(len(partitions) == 1 for partitions in places.values())


def test_every_route_that_the_page_names_is_there(agency: Agency) -> None:
    there = agency.rig.app.openapi()["paths"]
    routes = set(re.findall(r"`(GET|POST) (/v1/[\w/{}.-]+)", PAGE))
    assert len(routes) >= 6
    assert [(verb, path) for verb, path in sorted(routes) if verb.lower() not in there.get(path, {})] == []
    called = re.findall(r"\$RUJUKAN(/v1/[\w/$.-]+)", PAGE)
    assert {path.replace("$REFERRAL", "{referral}") for path in called} <= set(there) | {
        path.replace("{id}", "{referral}") for path in there
    }
