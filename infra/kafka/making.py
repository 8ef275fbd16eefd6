"""Makes a data directory of the broker, with the secrets of its administrator and of its controller."""

import base64
import secrets
import subprocess
import uuid
from pathlib import Path

from infra.kafka.configuration import ADMINISTRATOR, ENVIRONMENT, LOGS, SETTINGS, Secrets, call, settings
from infra.kafka.distribution import Distribution
from infra.kafka.errors import BrokerError
from infra.kafka.ports import Ports
from infra.whole_files import replace

CALL = "format.args"
WITHIN = 120.0
"""Seconds."""


def is_made(data: Path) -> bool:
    return (data / LOGS / "meta.properties").exists()


def make(data: Path, found: Distribution) -> None:
    """In a directory that is there and empty; raises `BrokerError`, and then it is of no use."""
    own = Secrets(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    write(data / "administrator", own.administrator)
    write(data / "controller", own.controller)
    write(data / SETTINGS, settings(Ports(1, 2), own))
    credential = f"SCRAM-SHA-512=[name={ADMINISTRATOR},password={own.administrator}]"
    words = ("format", "--cluster-id", new_cluster_id(), "--config", SETTINGS, "--add-scram", credential)
    write(data / CALL, call(found, "kafka.tools.StorageTool", *words))
    try:
        done = subprocess.run(
            [str(found.java), f"@{CALL}"],
            check=False, capture_output=True, text=True, cwd=data, env=ENVIRONMENT, timeout=WITHIN,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BrokerError(f"Kafka has not made its data directory in {WITHIN:.0f} s.") from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise BrokerError(f"Kafka could not make its data directory: {(said or ['it left no message'])[-1]}")
    (data / CALL).unlink()


def new_cluster_id() -> str:
    """As Kafka writes a UUID, in 22 characters; never with a dash in front, which its command takes for an option."""
    while True:
        drawn = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not drawn.startswith("-"):
            return drawn


def secrets_of(data: Path) -> Secrets:
    try:
        return Secrets((data / "administrator").read_text(), (data / "controller").read_text())
    except OSError as fault:
        raise BrokerError(f"The secrets of {data} cannot be read: {fault.strerror}.") from None


def write(file: Path, text: str) -> None:
    """For its owner alone."""
    replace(file, text.encode())
