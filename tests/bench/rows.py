"""All rows of the bench, in the order in which they are measured."""

from collections.abc import Callable
from importlib import import_module
from inspect import getdoc

from tests.bench.bench import Bench
from tests.bench.measure import Measurement

ROWS = (
    "appending",
    "deciding",
    "long_histories",
    "delay",
    "catching_up",
    "reading",
    "rebuilding",
    "publishing",
    "to_the_consumer",
    "taking_in",
    "attesting",
    "exporting",
    "agreeing",
)
"""Modules of this folder; each has `measure`, and says in its docstring what is the same on both sides."""

LEFT_OUT = {
    "Disbursement import": "there is no import of payment files yet",
}


def measure_of(row: str) -> Callable[[Bench], list[Measurement]]:
    found: Callable[[Bench], list[Measurement]] = import_module(f"tests.bench.{row}").measure
    return found


def about(row: str) -> str:
    return getdoc(import_module(f"tests.bench.{row}")) or ""
