"""Checks bearer tokens of an OpenID Connect issuer: its keys, the signature, and what the claims must hold."""
