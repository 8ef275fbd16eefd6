"""What databases are called."""

import re

DATABASE = "rujukan"
KEYS = "_keys"


def beside(url: str) -> str:
    """URL of the database of the keys to the log in this one, on the same server."""
    return re.sub(r"(?<=[^/])/([^/?]+)(?=\?|$)", rf"/\1{KEYS}", url, count=1)
