"""Logs as one JSON object a line, in which no identity number, password or token is ever written out."""

import logging
import re
from pathlib import Path
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from api.seldom import Seldom
from infra.private_logs import PrivateRotatingFile, make_private

LARGEST = 10_000_000
KEPT = 5
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


def log_to(directory: Path) -> None:
    """Sends everything that is logged to `rujukan.log` under the directory, masked; its owner alone may read it."""
    make_private(directory)
    handler = PrivateRotatingFile(directory / "rujukan.log", maxBytes=LARGEST, backupCount=KEPT)
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
