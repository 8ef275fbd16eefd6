"""Logs as one JSON object a line, in which no identity number, password or token is ever written out."""

import logging
import re
import time
from pathlib import Path
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from api.seldom import Seldom
from infra.private_logs import PrivateRotatingFile, make_private

LARGEST = 10_000_000
KEPT = 5
SUMMARISED_EVERY = 600.0
"""Seconds."""
MOST_KINDS = 1_000
"""Remembered at a time."""
NUMBER = re.compile(r"(?<!\d)\d(?:[ .-]?\d){15}(?!\d)")
"""What may be an identity or family card number, however it is grouped."""
PASSWORD = re.compile(r"(?<=://)([^\s/:@\"]*):[^\s/\"]*@")
"""In a URL, up to the last `@` of its authority."""
NAMED = re.compile(r"""(?i)(password|secret|master_key)(=\\?["']?|["']: ["'])[^\s"'&,;\\]+""")
"""As `key=value`, or as a name and a text in JSON or a dictionary."""
TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]*(?:\.[\w-]*)?|\bhv[sbr]\.[\w-]+")
"""A signed token, or one of Vault's."""


def masked(_logger: Any, _method: str, line: Any) -> str:
    """The last thing that happens to a line, whatever it was made of. It is a net below: none of these should be logged
    in the first place."""
    line = PASSWORD.sub(r"\1:****@", NUMBER.sub("****************", line))
    return TOKEN.sub("****", NAMED.sub(r"\1\2****", line))


class FewAlike(logging.Filter):
    """Leaves out most of what a library says again and again, as whoever sends it nonsense may make it do."""

    def __init__(self) -> None:
        super().__init__()
        self._seldom = Seldom()

    def filter(self, record: logging.LogRecord) -> bool:
        return self._seldom.number((record.levelno, record.msg)) is not None


class Summarised(logging.Filter):
    """Of what the library says that talks to Kafka, each kind of line once in a while, with how many alike were left
    out since: while a broker is away it says a dozen of them at every try. What that means is told by us."""

    def __init__(self, between: float = SUMMARISED_EVERY) -> None:
        super().__init__()
        self._between = between
        self._said: dict[tuple[str, object], tuple[float, int]] = {}

    def __len__(self) -> int:
        """How many kinds are remembered."""
        return len(self._said)

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] != "kafka":
            return True
        kind, now = (record.name, record.msg), time.monotonic()
        if len(self._said) >= MOST_KINDS:
            self._said.clear()
        until, left_out = self._said.get(kind, (0.0, 0))
        if now < until:
            self._said[kind] = until, left_out + 1
            return False
        self._said[kind] = now + self._between, 0
        if left_out:
            record.msg = f"{record.msg} (left out since the last alike: {left_out:,})"
        return True


def log_to(directory: Path) -> None:
    """Sends everything that is logged to `rujukan.log` under the directory, masked; its owner alone may read it."""
    make_private(directory)
    handler = PrivateRotatingFile(directory / "rujukan.log", maxBytes=LARGEST, backupCount=KEPT)
    handler.addFilter(Summarised())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
                structlog.processors.JSONRenderer(),
                masked,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    server = logging.getLogger("uvicorn.error")
    server.filters = [FewAlike()]
    logging.getLogger("yoyo").setLevel(logging.WARNING)
    logging.getLogger("kafka").setLevel(logging.WARNING)
    logging.getLogger("kafka.net.sasl").setLevel(logging.ERROR)  # it warns at each connection to one's own machine
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
