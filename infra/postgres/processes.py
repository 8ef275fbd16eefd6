"""The processes of a PostgreSQL server told from all others, by the directory they work in.

Every PostgreSQL process, the postmaster and each backend, has the data directory as its working directory, whereas a
process id in `postmaster.pid` may belong to anything by now.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import psutil


def postgres_processes(data: Path) -> list[psutil.Process]:
    """Living PostgreSQL processes of this data directory."""
    return [process for process in _living() if _works_in(process, data)]


def _living() -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name", "status"]):
        if "postgres" in (process.info["name"] or "") and process.info["status"] != psutil.STATUS_ZOMBIE:
            yield process


def _works_in(process: psutil.Process, data: Path) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        return Path(process.cwd()) == data
    return False


def _started_on(process: psutil.Process, data: Path) -> bool:
    """By its command line, which a postmaster keeps and its backends write over."""
    with contextlib.suppress(psutil.Error, OSError):
        return bool(process.cmdline()[1:3] == ["-D", str(data)])
    return False


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
    """The living postmaster of this data directory, also one that has only begun and has no file yet."""
    pid = recorded_pid(data)
    for process in _living():
        if _started_on(process, data) or (process.pid == pid and _works_in(process, data)):
            return process
    return None


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
