"""`rujukan up`: everything at once, on this machine."""

import os
import shlex
import signal
import socket
import sys
import threading
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import uvicorn
from fastapi import FastAPI

from api.app import build
from consumers.erasing import Erasing
from infra.bootstrap import Composed, composed
from infra.commands.keys import told
from infra.database import database, migrated
from infra.development_issuer.endpoints import endpoints
from infra.development_issuer.issuer import development_issuer
from infra.holiday_file import HolidayFileError
from infra.http_server import server_of
from infra.kafka.beside import kafka
from infra.kafka.errors import BrokerError
from infra.keys.rotating import RotationRunning
from infra.logs import log_to
from infra.migrate import MigrationError
from infra.place import HOST, Taken, announced, listening, sole_runner
from infra.postgres.embedded import EmbeddedError
from infra.postgres.reviving import revived
from infra.running import followers, projection_names
from infra.sample.identities import REGIONAL_OFFICER
from infra.sample_loading import Sample, ensure_sample
from infra.settings import DEVELOPMENT_ISSUER, Settings, SettingsError
from infra.terminal import bar, console, fail, step
from projections.engine.positions import wait_until

LONGEST_CATCH_UP = 3600.0
KNOWN_FAULTS = (RotationRunning, Taken, SettingsError, EmbeddedError, BrokerError, MigrationError, HolidayFileError)


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM."""


class Interruption:
    """Raises `Interrupted` at the first of these signals. What fails after that only came of breaking off."""

    def __init__(self) -> None:
        self.came = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._come)

    def _come(self, *_: Any) -> None:
        self.came = True
        self.over()
        raise Interrupted

    @staticmethod
    def over() -> None:
        """From here on there is nothing to break off: not even the end of Python, which else they would kill."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)

    def end(self, server: uvicorn.Server) -> None:
        """From here on they end the server: to raise while it begins would leave it half begun."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._end(server))

    def _end(self, server: uvicorn.Server) -> None:
        self.came = server.should_exit = True


def up(
    settings: Settings, *, sample: bool, seed: int | None, sample_date: date | None, with_kafka: bool = True
) -> None:
    """Starts everything, tells where to look, and runs until Ctrl-C or SIGTERM; then stops everything in turn."""
    interruption = Interruption()
    try:
        with ExitStack() as stack:
            stack.enter_context(sole_runner(settings.home))
            bound = stack.enter_context(listening(settings.port))
            log_to(settings.home / "log")
            with step("Starting PostgreSQL"):
                url = stack.enter_context(database(settings, console.print))
            with step("Migrating the databases"):
                migrated(settings, url)
            whole = stack.enter_context(composed(settings, url))
            broker = stack.enter_context(kafka(settings, console.print, wanted=with_kafka))
            stack.enter_context(revived(whole))
            whole.recorder.forget_receipts()
            if sample:
                _sample(whole, seed, sample_date)
            erasing = _reconciled(whole)
            stack.enter_context(followers(whole, erasing, broker))
            _catch_up(whole)
            _serve(whole, bound, sample, interruption)
    except Interrupted:
        pass
    except Exception as fault:
        if not interruption.came:
            _tell(fault)
    console.print("Stopped.")


def _tell(fault: Exception) -> None:
    """On one line, where an operator can mend it."""
    if isinstance(fault, KNOWN_FAULTS):
        fail(str(fault))
    if isinstance(fault, psycopg.OperationalError):
        fail(f"The database does not answer: {str(fault).splitlines()[0]}")
    raise fault


def _reconciled(whole: Composed) -> Erasing:
    """Nothing is served while a key is there whose erasure is logged."""
    erasing = Erasing(whole.recorder, whole.sealer)
    for line in told(erasing.reconcile()):
        console.print(line)
    return erasing


def _sample(whole: Composed, seed: int | None, sample_date: date | None) -> None:
    with bar("Loading the sample") as progress:
        result = ensure_sample(whole, seed=seed, today=sample_date, progress=progress)
    told = {
        Sample.LOADED: f"The sample is loaded: {whole.recorder.head():,} events.",
        Sample.CONTINUED: f"A sample load that was cut short is finished: {whole.recorder.head():,} events.",
        Sample.OTHER: "The log holds other events, so the sample is left out.",
    }
    if result in told:
        console.print(told[result])


def _catch_up(whole: Composed) -> None:
    """A projection that has stopped does not keep the rest from being served: `/readyz` and `status` tell of it."""
    with step("Bringing the projections up to the log"):
        wait_until(whole.services.pool.connection, projection_names(), whole.recorder.head(), LONGEST_CATCH_UP)


def _serve(whole: Composed, bound: socket.socket, sample: bool, interruption: Interruption) -> None:
    server = server_of(_app(whole), whole.settings.trusted_proxies, whole.services.streams.end)
    ready = threading.Thread(target=_tell_when_ready, args=(server, whole.settings, sample), daemon=True)
    ready.start()
    with announced(whole.settings.home, whole.settings.port):
        interruption.end(server)
        server.run(sockets=[bound])


def _app(whole: Composed) -> FastAPI:
    """With the development issuer under a path of its own, where it is the one that is trusted."""
    settings = whole.settings
    app = build(whole.services, hosts=settings.allowed_hosts, secure=not settings.development)
    if whole.settings.issues_tokens:
        issuer = development_issuer(whole.settings)
        issuer.files.ensure()
        app.mount(DEVELOPMENT_ISSUER, endpoints(issuer, whole.services.time))
    return app


def _tell_when_ready(server: uvicorn.Server, settings: Settings, sample: bool) -> None:
    while not server.started and not server.should_exit:
        threading.Event().wait(0.02)
    if server.should_exit:
        return
    address = f"http://{HOST}:{settings.port}"
    console.print(f"\n[bold]Rujukan is ready[/bold] (process {os.getpid()}).")
    console.print(f"  API documents   {address}/docs")
    if settings.issues_tokens:
        console.print(f"  Token issuer    {address}{DEVELOPMENT_ISSUER} (development)")
    if settings.issues_tokens and sample:
        console.print("  Graduations of this year, by facilitator:\n")
        console.print(_an_example(settings.home, address), markup=False)
    console.print("\nCtrl-C stops it; the data stays.")


def _an_example(home: Path, address: str) -> str:
    """To be pasted into a shell in whichever directory."""
    who = REGIONAL_OFFICER
    program = f"RUJUKAN_HOME={shlex.quote(str(home))} {shlex.quote(str(Path(sys.argv[0]).absolute()))}"
    token = f"$({program} token --role {who.role} --sub {who.sub} --scope {who.scope})"
    return f"curl -H \"Authorization: Bearer {token}\" '{address}/v1/graduations?by=facilitator'"
