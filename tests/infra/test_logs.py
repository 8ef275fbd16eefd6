"""Run logs: one JSON object a line, and never an identity number."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from infra.logs import log_to

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
