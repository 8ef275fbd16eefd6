"""The process of a broker told from all others, by the directory it works in and how it was called."""

import contextlib
from pathlib import Path

import psutil

from infra.kafka.configuration import CALL


def broker_process(data: Path) -> psutil.Process | None:
    """The living broker of this data directory."""
    for process in psutil.process_iter(["name", "status"]):
        if "java" in (process.info["name"] or "") and process.info["status"] != psutil.STATUS_ZOMBIE:
            with contextlib.suppress(psutil.Error, OSError):
                if process.cmdline()[1:] == [f"@{CALL}"] and Path(process.cwd()) == data:
                    return process
    return None


def lives(process: psutil.Process) -> bool:
    """Whether it is still there: to ask that costs next to nothing, to look for it among all others does."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
