"""What wraps intermediate keys, by one contract: the master key, and Vault's transit engine where there is one.

No package registry offers a Vault or an OpenBao to start, and one made up here would show what we think of it, not what
it does. So the contract runs over Vault only where `RUJUKAN_TEST_VAULT_ADDR` and `RUJUKAN_TEST_VAULT_TOKEN_FILE` name a
server with a transit key `rujukan`; what is shown of it everywhere is how its absence is told.
"""

import os
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.bootstrap import composed, encryption_of
from infra.keys.encryption import KeyEncryption, KeyEncryptionError
from infra.keys.vault import VaultTransit
from infra.keys.wrapping import MasterKey
from infra.settings import SettingsError, load_settings

VAULT, TOKEN = (os.environ.get(f"RUJUKAN_TEST_VAULT_{name}") for name in ("ADDR", "TOKEN_FILE"))
MAKERS: dict[str, Callable[[], KeyEncryption]] = {"master key": lambda: MasterKey(bytes(range(32)))}
if VAULT and TOKEN:
    MAKERS["Vault"] = lambda: VaultTransit(VAULT, Path(TOKEN), "rujukan", "transit")


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Callable[[], KeyEncryption]:
    return MAKERS[request.param]


def test_what_one_process_wraps_another_unwraps(make: Callable[[], KeyEncryption]) -> None:
    key = secrets.token_bytes(32)
    assert make().unwrap(make().wrap(key)) == key
    assert make().name == make().name


def test_what_is_wrapped_is_another_each_time_and_shows_nothing_of_the_key(make: Callable[[], KeyEncryption]) -> None:
    key = bytes(32)
    wrapped = {make().wrap(key) for _ in range(10)}
    assert len(wrapped) == 10
    assert not any(key in one or key.hex().encode() in one for one in wrapped)


def test_what_was_changed_cut_short_or_never_wrapped_is_not_unwrapped(make: Callable[[], KeyEncryption]) -> None:
    wrapped = make().wrap(secrets.token_bytes(32))
    changed = wrapped[:-3] + bytes([wrapped[-3] ^ 1]) + wrapped[-2:]
    for wrong in (changed, wrapped[:-5], b"", b"\xff" * 60, b"vault:v1:AAAA"):
        with pytest.raises(KeyEncryptionError):
            make().unwrap(wrong)


def test_another_key_unwraps_nothing_and_has_another_name() -> None:
    one, other = MasterKey(bytes(range(32))), MasterKey(bytes(32))
    assert one.name != other.name
    with pytest.raises(KeyEncryptionError):
        other.unwrap(one.wrap(bytes(32)))


@pytest.fixture
def nobody() -> str:
    """An address where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_vault_that_does_not_answer_is_told_on_one_line_at_start_up(
    nobody: str, tmp_path: Path, database: str
) -> None:
    file = tmp_path / "token"
    file.write_text("hvs.secret\n")
    settings = load_settings(home=tmp_path, vault_addr=nobody, vault_token_file=file)
    assert encryption_of(settings).name == "vault/transit/rujukan"
    with pytest.raises(SettingsError, match="did not encrypt") as caught, composed(settings, database):
        pass
    assert nobody in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_without_the_extra_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hvac", None)
    monkeypatch.delitem(sys.modules, "infra.keys.vault")
    settings = load_settings(home=tmp_path, vault_addr="https://vault.test", vault_token_file=tmp_path / "token")
    with pytest.raises(SettingsError, match=r"rujukan\[vault\]"):
        encryption_of(settings)


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_token_file_that_holds_none_is_named(nobody: str, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(KeyEncryptionError, match="token holds no token"):
        VaultTransit(nobody, file, "rujukan", "transit").wrap(bytes(32))
