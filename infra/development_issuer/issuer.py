"""Signs tokens for development, such as the identity provider signs in production."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jwt

from domain.values import Actor
from infra.development_issuer.keys import ALGORITHM, IssuerFiles
from infra.oidc.algorithms import Algorithm
from infra.oidc.terms import Terms
from infra.settings import DEVELOPMENT_ISSUER, Settings


@dataclass(frozen=True, slots=True)
class DevelopmentIssuer:
    """Those who are to accept its tokens hold them to `terms`."""

    files: IssuerFiles
    terms: Terms

    def token(self, actor: Actor, *, now: datetime, lifetime: timedelta) -> str:
        """Whoever it names, and whether or not there is such a one."""
        key = self.files.signing_key()
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": "at+jwt"}
        claims = {
            "iss": self.terms.issuer,
            "aud": self.terms.audience,
            "sub": actor.sub,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            self.terms.role_claim: actor.role.value,
            self.terms.scope_claim: actor.scope,
        }
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def development_issuer(settings: Settings, port: int | None = None) -> DevelopmentIssuer:
    """That of this data directory; `port` is where the API listens, where that is another than set."""
    terms = Terms(
        issuer=f"http://127.0.0.1:{port or settings.port}{DEVELOPMENT_ISSUER}",
        audience=settings.oidc_audience or "rujukan",
        algorithms=frozenset({Algorithm(ALGORITHM)}),
        role_claim=settings.oidc_role_claim,
        scope_claim=settings.oidc_scope_claim,
        leeway=settings.oidc_leeway_seconds,
    )
    return DevelopmentIssuer(IssuerFiles(settings.home), terms)
