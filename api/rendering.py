"""Long answers, written as they are: to have each row checked against its schema takes longer than all the rest.

Who answers so is held to the schema by a test.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

import msgspec
from fastapi import Response
from pydantic import BaseModel

encoded = msgspec.json.Encoder(uuid_format="canonical").encode


def rendered(content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """`content` has exactly what the route's schema says: ids, dates and plain values."""
    return Response(encoded(content), headers=headers, media_type="application/json")


def shaped(schema: type[BaseModel], row: Mapping[str, Any]) -> dict[str, Any]:
    """The schema's fields and no others, each from the column that it is validated from, and so of the models within;
    a column that is not there gives the field's default."""
    return {
        name: default if column not in row else row[column] if model is None else _within(model, row[column])
        for name, column, model, default in _fields(schema)
    }


def _within(model: type[BaseModel], value: Any) -> Any:
    if value is None:
        return None
    return [shaped(model, row) for row in value] if isinstance(value, list) else shaped(model, value)


@cache
def _fields(schema: type[BaseModel]) -> tuple[tuple[str, str, type[BaseModel] | None, Any], ...]:
    return tuple(
        (name, str(field.validation_alias or name), _model_in(field.annotation), field.default)
        for name, field in schema.model_fields.items()
    )


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Of a model, a list of one, or one or None."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None
