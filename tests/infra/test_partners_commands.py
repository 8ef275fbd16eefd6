"""`rujukan partners`, as an operator types it, on a real broker."""

import json
import re
import stat
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from consumers import topics
from domain.codes import AgencyKind
from domain.values import Actor, Command, Role
from infra.bootstrap import composed
from infra.cli import app
from infra.commands import partners as commands
from infra.kafka.access import Access
from infra.kafka.administration import Credential
from infra.kafka.clients import proves
from infra.postgres.names import beside
from infra.settings import load_settings
from infra.terminal import console
from infra.time import WallClock
from tests.docs.partners_page import needed_settings
from tests.kafka_clients import read, write

ON = date(2026, 6, 15)
Run = Callable[..., tuple[int, str]]
SECRET = r"[\w-]{43}"


@pytest.fixture
def run(database: str, broker: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Status, and what was said, in one line."""
    for name, value in {
        "RUJUKAN_HOME": str(tmp_path), "DATABASE_URL": database, "KEYS_DATABASE_URL": beside(database),
        "KAFKA_BOOTSTRAP_SERVERS": ",".join(broker.servers), "KAFKA_SECURITY_PROTOCOL": str(broker.protocol),
        "KAFKA_SASL_USERNAME": broker.user or "", "KAFKA_SASL_PASSWORD": broker.password or "",
        "RUJUKAN_KAFKA_REPLICATION": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(console, "width", 400)  # else that of whoever imported it first, which xdist sets

    def rujukan(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["partners", *words], catch_exceptions=False)
        return result.exit_code, " ".join((result.stdout + result.stderr).split())

    yield rujukan


@pytest.fixture
def agency(run: Run, database: str) -> UUID:
    made = uuid4()
    command = Command(uuid4(), Actor("administrator-1", Role.ADMINISTRATOR), ON, ON)
    with composed(load_settings(), database) as whole:
        whole.services.application.register_agency(command, made, name="Dinas Koperasi", kind=AgencyKind.MINISTRY)
    return made


def added(run: Run, broker: Access, agency: UUID, *words: str) -> Access:
    """What the partner was handed over."""
    status, said = run("add", str(agency), *words)
    assert status == 0, said
    return handed(said, broker, agency)


def handed(said: str, broker: Access, agency: UUID) -> Access:
    found = re.search(rf" SECRET=({SECRET}) ", said)
    assert found is not None, said
    return broker.of(topics.principal(agency), found[1])


def position(database: str, agency: UUID) -> int | None:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT position FROM partners WHERE agency = %s", [agency]).fetchone()
    return row[0] if row else None


def test_the_status_tells_what_waits_for_each(run: Run, agency: UUID) -> None:
    run("add", str(agency))
    said = CliRunner().invoke(app, ["status"]).stdout
    assert re.search(rf"{agency}\W+0\W+0\.0\W+reached", said), said


def test_a_simulated_partner_that_kafka_does_not_take_is_told_so(
    run: Run, agency: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("add", str(agency))
    monkeypatch.setenv("RUJUKAN_PARTNER_PASSWORD", "another")
    result = CliRunner().invoke(app, ["simulate-partner", str(agency), "--until-idle", "1"])
    assert result.exit_code == 1
    assert f"refuses the user {topics.principal(agency)} or its password" in " ".join(result.output.split())


def test_what_is_handed_over_once_is_all_that_a_partner_needs(run: Run, broker: Access, agency: UUID) -> None:
    status, said = run("add", str(agency))
    access = handed(said, broker, agency)
    assert status == 0
    for told in (f"KAFKA={broker} PROTOCOL=SASL_PLAINTEXT ", "SCRAM-SHA-512", *topics.all_of(agency), f"{agency}.…"):
        assert told in said
    assert set(re.findall(r" ([A-Z_]+)=", said)) == needed_settings()
    assert f"rujukan token --role agency_system --sub agency-{agency} --scope {agency}" in said
    write(broker, topics.referrals(agency), b"a referral")
    assert read(access, topics.referrals(agency), group=f"{agency}.desk") == [b"a referral"]
    write(access, topics.replies(agency), b"a reply")
    status, listed = run("list")
    assert (status, access.password in listed) == (0, False)
    assert f"{agency} reached sent up to 1; nothing waits" in listed


def test_the_list_fits_a_terminal_of_80_columns(run: Run, broker: Access, agency: UUID, database: str) -> None:
    assert "Nobody is a partner." in run("list")[1]
    added(run, broker, agency)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE partners SET error = 'TopicAuthorizationFailedError', position = 123456789")
    shown = CliRunner().invoke(app, ["partners", "list"]).stdout.splitlines()
    assert shown == [
        "(of no name yet)",
        f"  {agency}  blocked: TopicAuthorizationFailedError",
        "  sent up to 123,456,789; nothing waits",
    ]
    assert max(map(len, shown)) <= 80


def test_one_that_is_a_partner_is_not_made_one_again(run: Run, broker: Access, agency: UUID) -> None:
    access = added(run, broker, agency)
    status, said = run("add", str(agency))
    assert status == 1
    assert "is a partner already" in said
    assert proves(access)


def test_a_rotation_hands_over_another_secret(run: Run, broker: Access, agency: UUID) -> None:
    before = added(run, broker, agency)
    status, said = run("rotate", str(agency))
    assert status == 0
    assert proves(handed(said, broker, agency))
    assert not proves(before)


def test_while_a_command_is_at_an_agency_no_other_is(
    run: Run, broker: Access, agency: UUID, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rotation which looked before the revocation would else hand a secret to one that was revoked."""
    other: list[tuple[int, str]] = []
    handed_over = commands.Administration.rotate

    def meanwhile(administering: commands.Administration, agency: UUID) -> Credential:
        other.append(run("revoke", str(agency)))
        return handed_over(administering, agency)

    monkeypatch.setattr(commands.Administration, "rotate", meanwhile)
    access = added(run, broker, agency)
    assert other[0][0] == 1 and "Another command is at" in other[0][1]
    assert proves(access)
    assert run("revoke", str(agency))[0] == 0
    assert not proves(access)


def test_one_revoked_is_out_until_it_is_added_again_and_goes_on_where_it_was(
    run: Run, broker: Access, agency: UUID, database: str
) -> None:
    before = added(run, broker, agency, "--from", "0")
    status, said = run("revoke", str(agency))
    assert (status, proves(before)) == (0, False)
    assert "no access to Kafka any more" in said
    status, said = run("revoke", str(agency))
    assert (status, proves(before)) == (0, False)
    assert f"was revoked already, on {WallClock().today()};" in said
    assert "any more" not in said
    assert "revoked on" in run("list")[1]
    assert run("rotate", str(agency))[0] == 1
    assert proves(added(run, broker, agency, "--from", "now"))
    assert position(database, agency) == 0


@pytest.mark.parametrize(
    ("words", "stands"), [([], 1), (["--from", "now"], 1), (["--from", "0"], 0), (["--from", "2026-01-01"], 0)]
)
def test_it_is_sent_what_stands_behind_the_position_that_is_given_or_what_is_to_come(
    run: Run, broker: Access, agency: UUID, database: str, words: list[str], stands: int
) -> None:
    added(run, broker, agency, *words)
    assert position(database, agency) == stands


@pytest.mark.parametrize(
    ("since", "message"), [("7", "--from 7 is beyond the end of the log, which is at 1."), ("-1", "must be a position")]
)
def test_a_position_that_is_none_is_told_and_nothing_is_made(
    run: Run, agency: UUID, database: str, since: str, message: str
) -> None:
    status, said = run("add", str(agency), "--from", since)
    assert status == 1
    assert message in said
    assert position(database, agency) is None


@pytest.mark.parametrize(
    ("since", "message"),
    [
        ("now", "--from must be a position of the log, or a date such as 2026-03-31."),
        ("tomorrow", "--from must be a position of the log, or a date such as 2026-03-31."),
        ("2026-02-30", "--from must be a position of the log, or a date such as 2026-03-31."),
        ("2026-W05-1", "--from must be a position of the log, or a date such as 2026-03-31."),
        ("2199-01-01", "--from 2199-01-01 is a day to come: nothing is from then on."),
        ("7", "--from 7 is beyond the end of the log, which is at 1."),
    ],
)
def test_a_replay_from_where_nothing_was_sent_is_told_and_not_begun(
    run: Run, broker: Access, agency: UUID, since: str, message: str
) -> None:
    added(run, broker, agency)
    assert run("replay", str(agency), "--from", since) == (1, f"rujukan: {message}")


def test_a_replay_begins_at_a_position_or_a_day(run: Run, broker: Access, agency: UUID) -> None:
    added(run, broker, agency, "--from", "0")
    for since in ("0", "2026-03-31", f"{WallClock().today()}"):
        status, said = run("replay", str(agency), "--from", since)
        assert (status, "was sent 0 messages again" in said) == (0, True)


@pytest.mark.parametrize("verb", ["add", "rotate", "revoke"])
def test_an_agency_that_the_log_does_not_know_is_no_partner(run: Run, verb: str) -> None:
    unknown = uuid4()
    assert run(verb, str(unknown)) == (1, f"rujukan: There is no agency {unknown}.")


def test_one_that_never_was_a_partner_is_not_revoked(run: Run, agency: UUID) -> None:
    assert run("revoke", str(agency)) == (1, "rujukan: Dinas Koperasi never was a partner.")


def test_a_cluster_that_is_away_is_told_on_one_line(run: Run, agency: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setattr("infra.kafka.clients.PATIENCE", 1.0)
    assert run("add", str(agency)) == (1, "rujukan: Kafka at 127.0.0.1:1 does not answer.")


def test_with_an_issuer_of_ones_own_a_client_is_written_for_it(
    run: Run, broker: Access, agency: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUJUKAN_OIDC_ISSUER", "https://id.test/realms/rujukan")
    monkeypatch.setenv("RUJUKAN_OIDC_AUDIENCE", "rujukan")
    status, said = run("add", str(agency))
    assert status == 0
    secret = re.search(rf" API_SECRET=({SECRET}) ", said)
    assert secret is not None
    file = tmp_path / "partners" / f"{agency}.json"
    client = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (client["clientId"], client["secret"]) == (str(agency), secret[1])
    assert "AGENCY" not in file.read_text()
    assert set(re.findall(r" ([A-Z_]+)=", said)) == needed_settings()
    assert "rujukan token" not in said
    assert str(file) in said
    assert f"client {agency} is removed" in run("revoke", str(agency))[1]
