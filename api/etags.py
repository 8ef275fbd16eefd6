"""Versions of records as strong entity tags: `ETag` on what is read and done, `If-Match` on what is asked."""

import re
from typing import Annotated

from fastapi import Depends, Header

from api.problems import Refusal

NEVER = -1
"""No record is at this version."""
STRONG = re.compile(r'"[\x21\x23-\x7e]*"')
VERSION = re.compile(r'"([1-9][0-9]{0,17})"')


def etag(version: int) -> str:
    return f'"{version}"'


async def expected_version(
    if_match: Annotated[
        str | None,
        Header(
            description="The strong ETag of the version that the caller decided on; 412 if it is another now.",
            json_schema_extra={"pattern": f"^{VERSION.pattern}$"},
        ),
    ] = None,
) -> int | None:
    """None where nothing, or `*`, is expected; `NEVER` for a tag that no record has. Raises 400 where malformed."""
    if if_match is None or if_match.strip() == "*":
        return None
    if not STRONG.fullmatch(if_match.strip()):
        raise Refusal(400, "malformed-if-match", 'If-Match must be one strong ETag, such as "3".', field="If-Match")
    found = VERSION.fullmatch(if_match.strip())
    return int(found[1]) if found else NEVER


Expected = Annotated[int | None, Depends(expected_version)]
