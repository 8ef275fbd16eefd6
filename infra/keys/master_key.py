"""Where the master key comes from: the environment, or in development a file made on first use."""

import base64
import secrets

from infra.settings import Settings, SettingsError, decode_key
from infra.whole_files import write_once


def master_key(settings: Settings) -> bytes:
    """The 32 bytes given, or in development those of `master.key` under the data directory.

    `SettingsError` where the file cannot be read as a key: it is never replaced, as all sealed data hangs on it.
    """
    if settings.master_key is not None:
        return decode_key(settings.master_key.get_secret_value())
    file = settings.home / "master.key"
    if not file.exists():
        write_once(file, base64.b64encode(secrets.token_bytes(32)) + b"\n")
    try:
        return decode_key(file.read_text("ascii").strip())
    except (ValueError, OSError) as error:
        raise SettingsError(f"{file} does not hold a master key: {error}") from None


def previous_master_key(settings: Settings) -> bytes:
    """The one that a rotation takes leave of; `SettingsError` where it is not given."""
    if settings.master_key_previous is None:
        raise SettingsError("RUJUKAN_MASTER_KEY_PREVIOUS must hold the key that is in use; RUJUKAN_MASTER_KEY the new.")
    return decode_key(settings.master_key_previous.get_secret_value())
