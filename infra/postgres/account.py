"""The account that the embedded PostgreSQL runs under: one's own, or for root (which it refuses) one without rights."""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME_FOR_ROOT = "pgserver"


@dataclass(frozen=True, slots=True)
class Account:
    """`uid` and `gid` to change to, or none to stay as one is."""

    uid: int | None = None
    gid: int | None = None

    def process_arguments(self) -> dict[str, Any]:
        """Arguments of `subprocess` by which a child runs under this account."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Makes `path` this account's own, and lets it pass through the directories above."""
        if self.uid is None or self.gid is None:
            return
        os.chown(path, self.uid, self.gid)
        let_pass(path)


def account(binaries: Path) -> Account:
    """The account for this process; as root it is made where missing, and let at the server's programs."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam(NAME_FOR_ROOT)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/bin/false", NAME_FOR_ROOT], check=True, capture_output=True)
        entry = pwd.getpwnam(NAME_FOR_ROOT)
    let_pass(binaries / "postgres")
    for folder, _, files in os.walk(binaries.parent):
        _add(Path(folder), stat.S_IROTH | stat.S_IXOTH)
        for file in files:
            path = Path(folder, file)
            _add(path, stat.S_IROTH | (stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0))
    return Account(entry.pw_uid, entry.pw_gid)


def let_pass(path: Path) -> None:
    """Adds the right to pass through, not to list, to the directories above `path`."""
    for folder in path.parents:
        _add(folder, stat.S_IXOTH)


def _add(path: Path, rights: int) -> None:
    mode = path.stat().st_mode
    if mode & rights != rights:
        path.chmod(stat.S_IMODE(mode) | rights)
