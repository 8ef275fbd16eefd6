"""What a token must be to be accepted."""

from dataclasses import dataclass

from infra.oidc.algorithms import Algorithm


@dataclass(frozen=True, slots=True)
class Terms:
    """`issuer` is compared as it is. `leeway` is in seconds, for clocks that differ.

    A claim is named by its name or, where there is none of that name, by a path with dots (`realm_access.roles`).
    """

    issuer: str
    audience: str
    algorithms: frozenset[Algorithm]
    role_claim: str = "rujukan_role"
    scope_claim: str = "rujukan_scope"
    leeway: int = 30
