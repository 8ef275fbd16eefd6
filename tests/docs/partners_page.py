"""`docs/partners.md`, taken apart: its examples, and the rows of its tables."""

import re
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).parents[2] / "docs" / "partners.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# ([\w-]+\.(?:py|sh))\n")
CODE = re.compile(r"`([^`]+)`")


def blocks(kind: str) -> list[str]:
    """All examples in this language, in their order."""
    return [content for language, content in BLOCK.findall(PAGE) if language == kind]


def files() -> dict[str, str]:
    """The programs: their first line names each."""
    programs = blocks("python") + blocks("bash")
    return {found[1]: program for program in programs if (found := NAMED.match(program))}


def needed_settings() -> set[str]:
    """What the programs are given from outside, by name, but for what one makes or chooses as the page goes on."""
    python = [name for program in blocks("python") for name in re.findall(r"os\.environ(?:\.get\(|\[)\"(\w+)", program)]
    shell = [name for program in blocks("bash") for name in re.findall(r"\$\{?([A-Z_]+)", program)]
    return {*python, *shell} - {"TOKEN", "REFERRAL", "LAST"}


def section(number: int) -> str:
    return PAGE.partition(f"\n## {number} ")[2].partition("\n## ")[0]


def rows(number: int) -> list[list[str]]:
    """The cells of all tables of a section, but for their heads."""
    lines = [line for line in section(number).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def codes(cell: str) -> list[str]:
    return CODE.findall(cell)


def headers(block: str) -> dict[str, Any]:
    return dict(line.split(": ", 1) for line in block.splitlines())
