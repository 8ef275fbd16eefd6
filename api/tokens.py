"""What the API needs of whoever checks tokens: who the bearer is, or by which stable code the token is refused."""

from enum import StrEnum
from typing import Protocol

from domain.values import Actor


class TokenFault(StrEnum):
    """Why a token is refused. The code is all that the caller is told; codes are never renamed."""

    MALFORMED = "malformed-token"
    TYPE = "token-type"
    ALGORITHM = "token-algorithm"
    CRITICAL = "token-critical"
    KEY = "token-key"
    SIGNATURE = "token-signature"
    CLAIMS = "token-claims"
    ISSUER = "token-issuer"
    AUDIENCE = "token-audience"
    EXPIRED = "token-expired"
    NOT_YET_VALID = "token-not-yet-valid"
    ROLE = "token-role"
    SCOPE = "token-scope"


class TokenRefused(Exception):
    """`kid` and `issuer` are what the token says of itself, unverified, where it could be read that far."""

    def __init__(self, fault: TokenFault, *, kid: str | None = None, issuer: str | None = None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.kid = kid
        self.issuer = issuer


class IssuerAway(Exception):
    """The issuer's keys cannot be had at present, so nothing can be said of the token."""


class TokenVerifier(Protocol):
    """Knows which issuer is trusted, and its keys."""

    async def verify(self, token: str) -> Actor:
        """The bearer of a token; raises `TokenRefused` or `IssuerAway`. Never blocks the event loop on the network."""
        ...
