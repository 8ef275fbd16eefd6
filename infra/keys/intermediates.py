"""The intermediate keys, unwrapped in memory."""

from infra.keys.encryption import KeyEncryption, KeyEncryptionError
from infra.keys.session import KeySession
from infra.keys.wrapping import Wrapping

_ALL = "SELECT number, wrapped FROM intermediate_keys WHERE number <> ALL(%s::int[]) ORDER BY number"


class Intermediates:
    """By number. One that another process has made is unwrapped when it is first met."""

    def __init__(self, session: KeySession, encryption: KeyEncryption) -> None:
        self._session = session
        self._encryption = encryption
        self._known: dict[int, Wrapping] = {}

    def __getitem__(self, number: int) -> Wrapping:
        if number not in self._known:
            self._load()
        if number not in self._known:
            raise KeyEncryptionError(f"There is no intermediate key {number}.")
        return self._known[number]

    def current(self) -> tuple[int, Wrapping]:
        """The one that new keys are wrapped under, as far as this process knows: an older one does no harm."""
        if not self._known:
            self._load()
        number = max(self._known)
        return number, self._known[number]

    def forget(self) -> None:
        """Each is asked for anew."""
        self._known = {}

    def _load(self) -> None:
        for number, wrapped in self._session.rows(_ALL, [list(self._known)]):
            self._known[number] = Wrapping(self._encryption.unwrap(bytes(wrapped)))
