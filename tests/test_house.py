"""The house stays as it was drawn: who may import whom, who reads the environment, and how long a file may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("domain", "projections", "api", "consumers", "infra")
LAYERS = {
    "domain": {"domain"},
    "projections": {"projections", "domain"},
    "api": {"api", "projections", "domain"},
    "consumers": {"consumers", "projections", "domain"},
    "infra": set(PACKAGES),
}
LIBRARY_FOR_DOMAIN = {
    "eventsourcing.domain", "eventsourcing.application", "eventsourcing.persistence", "eventsourcing.utils"
}  # fmt: skip
LONGEST = 400
READS_ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv"}
CLOCKS = {"date.today", "datetime.now", "datetime.utcnow", "datetime.today", "time.time"}


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, at whatever depth."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            yield node.module or ""


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_begins_with_a_docstring_and_nothing_else(package: str) -> None:
    (only,) = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8")).body
    assert isinstance(only, ast.Expr)
    assert isinstance(only.value, ast.Constant)
    assert isinstance(only.value.value, str)


def test_tests_are_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_domain_imports_itself_the_standard_library_and_the_event_library_alone() -> None:
    for file in files("domain"):
        for name in imports(file):
            top = name.partition(".")[0]
            assert top == "domain" or top in sys.stdlib_module_names or name in LIBRARY_FOR_DOMAIN, f"{file}: {name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_each_layer_imports_those_below_it_alone(package: str) -> None:
    for file in files(package):
        ours = {name.partition(".")[0] for name in imports(file)} & set(PACKAGES)
        assert ours <= LAYERS[package], f"{file} imports {sorted(ours - LAYERS[package])}"
        assert "tests" not in {name.partition(".")[0] for name in imports(file)}, file


def test_the_engine_knows_none_of_the_questions() -> None:
    for file in files("projections/engine"):
        asked = {name for name in imports(file) if name.startswith("projections")}
        assert all(name.startswith("projections.engine") for name in asked), f"{file} imports {sorted(asked)}"


def test_the_import_contracts_are_kept() -> None:
    found = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_settings_alone_read_the_environment() -> None:
    for file in (f for package in PACKAGES for f in files(package) if f != ROOT / "infra" / "settings.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
                assert node.attr not in ("environ", "environb", "getenv", "getenvb", "putenv"), (
                    f"{file}: os.{node.attr}"
                )
            if isinstance(node, ast.ImportFrom) and node.module == "os":
                assert not {alias.name for alias in node.names} & READS_ENVIRONMENT, file


def test_only_settings_use_the_settings_library() -> None:
    for file in (f for package in PACKAGES for f in files(package) if f != ROOT / "infra" / "settings.py"):
        assert not any(name.partition(".")[0] == "pydantic_settings" for name in imports(file)), file


def test_no_file_is_long() -> None:
    for file in (f for package in PACKAGES for f in files(package)):
        lines = len(file.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGEST, f"{file} has {lines} lines"


def test_every_file_says_first_what_it_is_for() -> None:
    for file in (f for package in (*PACKAGES, "tests") for f in files(package)):
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), f"{file} has no docstring"


def test_nothing_is_left_to_be_done_and_no_clock_is_read_but_by_the_time_port() -> None:
    for file in (f for package in ("domain", "projections", "api", "consumers") for f in files(package)):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = ast.unparse(node.func)
                assert called not in CLOCKS, f"{file} reads a clock: {called}"
        assert not any(word in file.read_text(encoding="utf-8") for word in ("TODO", "FIXME")), file


@pytest.mark.parametrize("folder", ["domain", "projections"])
def test_domain_and_projections_draw_no_chance(folder: str) -> None:
    for file in files(folder):
        assert not {"random", "secrets"} & {name.partition(".")[0] for name in imports(file)}, file
