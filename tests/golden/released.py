"""The schemas as agencies have them: a copy of each, to which the present ones are held.

    python -m tests.golden.released                 takes the present ones over, where nobody's work breaks
    python -m tests.golden.released --since main    says whether they, and the copies, break what stands in main

The copies are no part of the package, as they are of no use to whoever runs Rujukan. The second form is for a change
that brings schema and copy at once: to change both by hand is no way round.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from consumers.schema_files import schema, types
from tests.consumers.compatibility import breaks

FOLDER = Path(__file__).parent / "schemas"
ROOT = FOLDER.parents[2]


def released() -> dict[str, Any]:
    """By type."""
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))}


def present() -> dict[str, Any]:
    return {type_: schema(type_) for type_ in types()}


def released_in(ref: str, root: Path = ROOT) -> dict[str, Any] | None:
    """Those of a commit; None where there is no such commit here."""
    folder = FOLDER.relative_to(ROOT).as_posix()
    listed = _git(root, "ls-tree", "--name-only", ref, f"{folder}/")
    if listed is None:
        return None
    return {Path(name).stem: json.loads(_git(root, "show", f"{ref}:{name}") or "") for name in listed.splitlines()}


def record(found: Mapping[str, Any]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for type_, body in found.items():
        (FOLDER / f"{type_}.json").write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _git(root: Path, *words: str) -> str | None:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--since", help="the commit that agencies rely on")
    ref = parser.parse_args().since
    faults = breaks(released(), present())
    if ref is not None:
        relied_on = released_in(ref)
        if relied_on is None:
            print(f"There is no {ref} here to compare with; the copies alone were looked at.")  # noqa: T201
        else:
            faults += breaks(relied_on, present())
    for fault in sorted(set(faults)):
        print(fault, file=sys.stderr)  # noqa: T201
    if ref is None and not faults:
        record(present())
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
