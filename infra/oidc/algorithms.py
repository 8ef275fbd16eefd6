"""The signature algorithms that may be accepted: asymmetric ones alone, so that no public key passes for a secret."""

import warnings
from enum import StrEnum

from joserfc.errors import SecurityWarning
from joserfc.jws import JWSRegistry

warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)
"""Identity providers have it under no other name yet."""


class Algorithm(StrEnum):
    RS256 = "RS256"
    PS256 = "PS256"
    ES256 = "ES256"
    EDDSA = "EdDSA"
    ED25519 = "Ed25519"
    """The newer name of EdDSA with this curve (RFC 9864)."""


class Registry(JWSRegistry):
    """Accepts these algorithms and no others. Header members that it does not know are passed over (RFC 7515, 4)."""

    max_header_length = 4096

    def __init__(self, accepted: frozenset[Algorithm]) -> None:
        super().__init__(algorithms=[a.value for a in accepted], strict_check_header=False)
