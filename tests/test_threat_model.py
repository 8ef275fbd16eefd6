"""The threat model names only tests that there are, and leaves out no chapter of the standard that it follows."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = re.compile(r"(tests/[\w/]+\.py)::(\w+)")


def defined(file: Path) -> set[str]:
    return {node.name for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}


def test_every_test_that_it_names_is_there() -> None:
    named = set(NAMED.findall(TEXT))
    assert len(named) > 60
    files = {file for file, _ in named}
    missing = {file for file in files if not (ROOT / file).exists()}
    assert not missing
    known = {file: defined(ROOT / file) for file in files}
    assert {f"{file}::{name}" for file, name in named if name not in known[file]} == set()


def test_whatever_looks_like_a_test_is_named_in_full() -> None:
    assert re.findall(r"`(?!tests/)[^`]*::[^`]*`", TEXT.replace("`file::name`", "")) == []


def test_every_chapter_of_the_standard_has_its_place() -> None:
    headings = " ".join(line for line in TEXT.splitlines() if line.startswith("### "))
    assert re.findall(r"\bV(\d+)\b", headings) == [str(number) for number in range(1, 18)]


def test_every_row_of_the_chapters_names_a_test() -> None:
    chapters = TEXT.partition("## The chapters")[2].partition("## Who can be told again")[0]
    rows = [line for line in chapters.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) > 35
    assert [row for row in rows if not NAMED.search(row)] == []
