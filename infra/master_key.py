"""Where the master key comes from: the environment, or in development a file made on first use."""

import base64
import os
import secrets
import tempfile
from pathlib import Path

from infra.settings import Settings, SettingsError, decode_key


def master_key(settings: Settings) -> bytes:
    """The 32 bytes given, or in development those of `master.key` under the data directory.

    `SettingsError` where the file cannot be read as a key: it is never replaced, as all sealed data hangs on it.
    """
    if settings.master_key is not None:
        return decode_key(settings.master_key.get_secret_value())
    file = settings.home / "master.key"
    if not file.exists():
        _make(file)
    try:
        return decode_key(file.read_text("ascii").strip())
    except (ValueError, OSError) as error:
        raise SettingsError(f"{file} does not hold a master key: {error}") from None


def _make(file: Path) -> None:
    """Writes a new key whole or not at all; of several processes the first one's key stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".master.key.")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(name, file)
        except FileExistsError:
            return
    finally:
        Path(name).unlink()
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
