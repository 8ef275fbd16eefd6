"""The jars of `jars.txt`, and no others, from Maven Central; kept where Maven keeps its own.

Imported only where the extra `broker` is installed.
"""

import hashlib
import os
import shutil
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from jgo.maven import Artifact, MavenContext, PythonResolver

from infra.kafka.errors import BrokerError

LOCKED = Path(__file__).with_name("jars.txt")
PATIENCE = 30.0
"""Seconds without a byte after which a repository counts as out of reach."""
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Jar:
    sha256: str
    coordinate: str
    """As `group:artifact:version`."""


class WholeFiles(PythonResolver):
    """Fetches under the certificates that the system trusts, and puts a file in its place when it is whole."""

    def download(self, artifact: Artifact) -> Path:
        place = artifact.cached_path
        if place is None:
            raise BrokerError(f"there is no place to keep {artifact}.")
        (repository,) = artifact.context.remote_repos.values()
        _fetch(f"{repository}/{artifact.component.path_prefix.as_posix()}/{artifact.filename}", place)
        return place


class Jars:
    """`repository` in place of Maven Central, and `cache` in place of Maven's own."""

    def __init__(self, repository: str | None = None, cache: Path | None = None) -> None:
        remote = None if repository is None else {"given": repository}
        self._context = MavenContext(resolver=WholeFiles(), remote_repos=remote, repo_cache=cache)

    def missing(self) -> list[Jar]:
        """Those that are not there, or not what they should be."""
        return [jar for jar in locked() if not _is(self._path(jar), jar)]

    def paths(self) -> tuple[Path, ...]:
        return tuple(self._path(jar) for jar in locked())

    def fetch(self, jar: Jar) -> None:
        """Raises `BrokerError` where it cannot be had, or is not the one that is locked."""
        self._path(jar).unlink(missing_ok=True)
        try:
            path = self._artifact(jar).resolve()
        except urllib.error.HTTPError as fault:
            raise BrokerError(f"{self._source()} does not give {jar.coordinate} ({fault.code}).") from None
        except (OSError, HTTPException) as fault:
            raise BrokerError(f"{self._source()} cannot be reached for {jar.coordinate} ({_why(fault)}).") from None
        if not _is(path, jar):
            path.unlink()
            raise BrokerError(f"{jar.coordinate} from {self._source()} is not the file that it should be.")

    def _path(self, jar: Jar) -> Path:
        place = self._artifact(jar).cached_path
        if place is None:
            raise BrokerError(f"there is no place to keep {jar.coordinate}.")
        return place

    def _artifact(self, jar: Jar) -> Artifact:
        group, artifact, version = jar.coordinate.split(":")
        return self._context.project(group, artifact).at_version(version).artifact()

    def _source(self) -> str:
        (repository,) = self._context.remote_repos.values()
        return repository


def locked() -> list[Jar]:
    return [Jar(*line.split()) for line in LOCKED.read_text("ascii").splitlines() if not line.startswith("#")]


def _fetch(url: str, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as new, urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            shutil.copyfileobj(answer, new, CHUNK)
        Path(name).chmod(0o644)
        Path(name).rename(place)
    finally:
        Path(name).unlink(missing_ok=True)


def _is(path: Path, jar: Jar) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


def _why(fault: BaseException) -> str:
    reason = getattr(fault, "reason", None) or fault
    return (str(getattr(reason, "strerror", None) or reason).splitlines() or [type(fault).__name__])[0]
