"""Whether something is what a schema of the contract says, formats included."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from consumers.schema_files import schema


@cache
def validator(type_: str) -> Draft202012Validator:
    return Draft202012Validator(schema(type_), format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults_in(type_: str, body: Any) -> list[str]:
    """What is wrong with a body that was decoded from JSON, each with its place."""
    return [f"{fault.json_path}: {fault.message}" for fault in validator(type_).iter_errors(body)]
