"""Opened text as it may be printed: what would steer a terminal, or turn signs around, is shown and does nothing."""

import re

STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters but the newline, what sets the direction of signs, and separators that some take for newlines."""


def printable(text: str, indent: str) -> str:
    """Escapes for what steers, and each further line behind the indent: none is taken for a line of another's."""
    return STEERING.sub(_escape, text.replace("\r\n", "\n")).replace("\n", f"\n{indent}")


def _escape(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode()
