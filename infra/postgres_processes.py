"""The processes of a PostgreSQL server told from all others, by the directory they work in.

Every PostgreSQL process, the postmaster and each backend, has the data directory as its working directory, whereas a
process id in `postmaster.pid` may belong to anything by now.
"""

import contextlib
import time
from pathlib import Path

import psutil


def postgres_processes(data: Path) -> list[psutil.Process]:
    """Living PostgreSQL processes of this data directory."""
    found = []
    for process in psutil.process_iter(["name", "status"]):
        with contextlib.suppress(psutil.Error, OSError):
            named = "postgres" in (process.info["name"] or "")
            if named and process.info["status"] != psutil.STATUS_ZOMBIE and Path(process.cwd()) == data:
                found.append(process)
    return found


def recorded_pid(data: Path) -> int | None:
    """The postmaster's process id as its file says; None where the file is missing, half-written or nonsense."""
    lines = pid_file_lines(data)
    try:
        return int(lines[0]) if lines else None
    except ValueError:
        return None


def recorded_socket_directory(data: Path) -> Path | None:
    """Where the server put its socket, as its file says."""
    lines = pid_file_lines(data)
    return Path(lines[4]) if len(lines) > 4 and lines[4] else None


def pid_file_lines(data: Path) -> list[str]:
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except (OSError, UnicodeDecodeError):
        return []


def postmaster(data: Path) -> psutil.Process | None:
    """The living postmaster of this data directory: the one its file names, if that is a PostgreSQL process here."""
    pid = recorded_pid(data)
    return next((process for process in postgres_processes(data) if process.pid == pid), None)


def end(processes: list[psutil.Process], patience: float) -> None:
    """Ends backends that outlived their postmaster: asked first, and killed after `patience` seconds.

    Nothing is lost: what they had committed is in the write-ahead log, and the rest was not promised to anybody.
    """
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    deadline = time.monotonic() + patience
    _, alive = psutil.wait_procs(processes, timeout=max(0.0, deadline - time.monotonic()))
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=patience)
