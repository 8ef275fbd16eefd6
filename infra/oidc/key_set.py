"""The keys of a JWK set (RFC 7517) by which a signature may be checked; all others are passed over."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

FEWEST_BITS = 2048
MOST_KEYS = 100
CURVES = {"EC": "P-256", "OKP": "Ed25519"}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`thumbprint` (RFC 7638) tells keys apart, whatever they are called."""

    key: Key
    thumbprint: str


Keys = Mapping[str, PublicKey]
"""By their `kid`."""


def keys_of(jwks: Any) -> Keys:
    """`ValueError` where it is no JWK set, or none of its keys can be used."""
    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it is no JWK set")
    found: dict[str, PublicKey] = {}
    for jwk in listed[:MOST_KEYS]:
        key = _key(jwk) if isinstance(jwk, dict) else None
        if key is not None and key.kid:
            found.setdefault(key.kid, PublicKey(key, key.thumbprint()))
    if not found:
        raise ValueError("it holds no key that can be used")
    return found


def _key(jwk: dict[str, Any]) -> Key | None:
    try:
        if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
            return None
        match jwk.get("kty"):
            case "RSA" if _bits(jwk.get("n")) >= FEWEST_BITS:
                return RSAKey.import_key({name: jwk[name] for name in _named(jwk, "n", "e")})
            case "EC" if jwk.get("crv") == CURVES["EC"]:
                return ECKey.import_key({name: jwk[name] for name in _named(jwk, "crv", "x", "y")})
            case "OKP" if jwk.get("crv") == CURVES["OKP"]:
                return OKPKey.import_key({name: jwk[name] for name in _named(jwk, "crv", "x")})
    except (JoseError, ValueError, TypeError, KeyError):
        pass
    return None


def _named(jwk: dict[str, Any], *material: str) -> tuple[str, ...]:
    """What is public, and what says how the key is called and may be used."""
    return ("kty", "kid", *material, *(("alg",) if "alg" in jwk else ()))


def _bits(modulus: Any) -> int:
    if not isinstance(modulus, str):
        return 0
    try:
        number = base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))
    except (binascii.Error, ValueError):
        return 0
    return int.from_bytes(number).bit_length()
