"""Where keys may be fetched from: over HTTPS, or from this machine."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

LONGEST = 500


def trusted_url(text: str) -> str:
    """The URL as it is; `ValueError` where what comes from there could be anybody's. Its text holds nothing of it."""
    parts = _parts(text)
    if parts is None or not parts.hostname:
        raise ValueError("must be a URL")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be a URL without user, query and fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("must begin with https://, or be http:// on a loopback address")
    return text


def _parts(text: str) -> SplitResult | None:
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
