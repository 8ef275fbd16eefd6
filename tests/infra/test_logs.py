"""Run logs: one JSON object a line, and never an identity number."""

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from infra.logs import MOST_KINDS, SUMMARISED_EVERY, Summarised, log_to

NIK = "3324040101800001"


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    log_to(tmp_path)
    yield tmp_path / "rujukan.log"
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = before
    structlog.reset_defaults()


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_our_own_lines_and_those_of_libraries_are_json(written: Path) -> None:
    structlog.get_logger("ours").info("deadlines-passed", events=3)
    logging.getLogger("theirs").warning("it took %d s", 5)
    first, second = lines(written)
    assert (first["event"], first["events"], first["level"], first["logger"]) == ("deadlines-passed", 3, "info", "ours")
    assert (second["event"], second["level"]) == ("it took 5 s", "warning")
    assert first["timestamp"].endswith("Z")


def test_what_the_library_of_kafka_says_again_and_again_is_said_seldom_with_how_often(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("infra.logs.time.monotonic", lambda: now[0])
    library = logging.getLogger("kafka.cluster")
    for second in range(90):
        library.error("Metadata refresh: failed %s", second)
        logging.getLogger("publisher").warning("ours")
    now[0] += SUMMARISED_EVERY
    library.error("Metadata refresh: failed %s", "again")
    said = [line["event"] for line in lines(written)]
    assert [line for line in said if line != "ours"] == [
        "Metadata refresh: failed 0",
        "Metadata refresh: failed again (left out since the last alike: 89)",
    ]
    assert said.count("ours") == 90


def test_kinds_of_lines_without_end_are_not_all_remembered() -> None:
    seldom = Summarised()
    for number in range(MOST_KINDS * 3):
        assert seldom.filter(logging.LogRecord("kafka.cluster", 40, "", 0, f"failed {number}", (), None))
        assert len(seldom) <= MOST_KINDS


def test_the_owner_alone_may_read_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    directory = tmp_path / "log"
    directory.mkdir(mode=0o755)
    (directory / "rujukan.log").touch(0o644)
    monkeypatch.setattr("infra.logs.LARGEST", 200)
    log_to(directory)
    for _ in range(5):
        logging.getLogger("theirs").warning("x" * 100)
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = before
    structlog.reset_defaults()
    files = list(directory.iterdir())
    assert len(files) > 1
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize("number", [NIK, "3324 0401 0180 0001", "3324-0401-0180-0001", "33.24.04.010180.0001"])
def test_an_identity_number_is_masked_wherever_it_stands(written: Path, number: str) -> None:
    structlog.get_logger().info(f"about {number}", nik=number, nested={"kk": [number]})
    logging.getLogger("theirs").error("bad value %r", {"nik": number})
    try:
        raise ValueError(f"cannot use {number}")
    except ValueError:
        logging.getLogger("theirs").exception("failed")
        structlog.get_logger().exception("failed")
    text = written.read_text()
    assert number not in text
    assert len(lines(written)) == 4


def test_values_of_local_variables_are_not_written_with_an_error(written: Path) -> None:
    secret_name = "Suparman bin Kasno"
    try:
        raise ValueError(len(secret_name))
    except ValueError:
        logging.getLogger("theirs").exception("failed")
    assert "Suparman" not in written.read_text()


SECRET = "Geheim7f3a"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://rujukan_login:{SECRET}@db.example/rujukan",
        f"postgresql://rujukan_login:{SECRET}@{SECRET}@db.example/rujukan?sslmode=require",
        f"postgresql://:{SECRET}@db.example/rujukan",
        f"host=db.example user=u password={SECRET} dbname=d",
        f"host=db.example password='{SECRET}'",
        f"RUJUKAN_MASTER_KEY={SECRET}",
        f"grant_type=client_credentials&client_secret={SECRET}&x=1",
        f"X-Vault-Token: hvs.{SECRET}",
        f"Authorization: Bearer eyJhbGciOiJFUzI1NiJ9.{SECRET}.{SECRET}",
    ],
)
def test_a_secret_is_masked_wherever_it_stands(written: Path, text: str) -> None:
    structlog.get_logger().info(f"tried {text}", url=text, nested={"given": [text]})
    logging.getLogger("theirs").error("cannot use %s", text)
    try:
        raise ValueError(text)
    except ValueError:
        structlog.get_logger().exception("failed")
    assert SECRET not in written.read_text()
    assert len(lines(written)) == 3


def test_secrets_under_names_of_their_own_are_masked(written: Path) -> None:
    structlog.get_logger().info("given", password=SECRET, client_secret=SECRET, db={"owner_password": SECRET})
    assert SECRET not in written.read_text()
    assert lines(written)[0]["password"] == "****"


def test_addresses_and_words_without_secrets_stay_as_they_are(written: Path) -> None:
    told = "https://sso.example.go.id/realms/a?x=1 and 12:30 at somebody@example.org; identity-refused eyJ"
    structlog.get_logger().info("told", text=told, code="password-missing")
    assert lines(written)[0]["text"] == told
    assert lines(written)[0]["code"] == "password-missing"


def test_what_the_server_says_of_nonsense_again_and_again_is_mostly_left_out(written: Path) -> None:
    for _ in range(5000):
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    logging.getLogger("uvicorn.error").warning("Something else")
    found = [line["event"] for line in lines(written)]
    assert found.count("Invalid HTTP request received.") == 100 + 6
    assert found[-1] == "Something else"
