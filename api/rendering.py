"""Long answers, written as they are: to have each row checked against its schema takes longer than all the rest.

Who answers so is held to the schema by a test.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Response

encoded = msgspec.json.Encoder(uuid_format="canonical").encode


def rendered(content: Mapping[str, Any]) -> Response:
    """`content` has exactly what the route's schema says: ids, dates and plain values."""
    return Response(encoded(content), media_type="application/json")
