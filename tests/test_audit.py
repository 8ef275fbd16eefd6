"""The audit of dependencies: it fails at a known vulnerability, and says so where it could learn of none."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ADVISORY = {
    "id": "OSV-2026-1",
    "modified": "2026-01-01T00:00:00Z",
    "published": "2026-01-01T00:00:00Z",
    "summary": "Something bad",
    "affected": [
        {
            "package": {"name": "starlette", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
        }
    ],
}


@contextmanager
def advisories(vulnerable: str | None) -> Iterator[str]:
    """The URL of a service that knows of one vulnerable package, or none (https://google.github.io/osv.dev/api)."""

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            known = {"vulns": [{"id": ADVISORY["id"], "modified": ADVISORY["modified"]}]}
            self._answer({"results": [known if q["package"]["name"] == vulnerable else {} for q in asked]})

        def do_GET(self) -> None:
            self._answer(ADVISORY)

        def _answer(self, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def audited(tmp_path: Path, url: str, *given: str, ignoring: str = "") -> tuple[int, str]:
    file = tmp_path / "ignored"
    file.write_text(ignoring)
    environment = {**os.environ, "IGNORED_ADVISORIES": str(file), "UV_CACHE_DIR": str(tmp_path / "cache")}
    ran = subprocess.run(
        [sys.executable, ROOT / ".ci" / "audit", "--service-url", url, *given],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.returncode, (ran.stdout + ran.stderr).strip()


def test_without_a_known_vulnerability_it_passes(tmp_path: Path) -> None:
    with advisories(None) as url:
        code, said = audited(tmp_path, url)
    assert code == 0, said
    assert "NOT AUDITED" not in said


def test_a_known_vulnerability_fails_it_and_is_named(tmp_path: Path) -> None:
    with advisories("starlette") as url:
        code, said = audited(tmp_path, url)
    assert code == 1, said
    assert "starlette" in said
    assert "OSV-2026-1" in said


def test_it_is_passed_over_with_a_reason_alone(tmp_path: Path) -> None:
    with advisories("starlette") as url:
        code, said = audited(tmp_path, url, ignoring="# why\nOSV-2026-1 concerns forms, which are never parsed here\n")
        assert code == 0, said
        code, said = audited(tmp_path, url, ignoring="OSV-2026-1\n")
        assert (code, said) == (1, "ignored-advisories: OSV-2026-1 is to be ignored without a reason.")


@pytest.mark.parametrize(("given", "expected"), [((), 0), (("--must-reach",), 1)])
def test_where_the_advisories_cannot_be_reached_it_says_so_on_one_line(
    tmp_path: Path, given: tuple[str, ...], expected: int
) -> None:
    code, said = audited(tmp_path, "http://127.0.0.1:1/", *given)
    assert code == expected
    assert said.startswith("NOT AUDITED: ")
    assert "\n" not in said


def test_a_fault_of_the_audit_itself_is_no_pass(tmp_path: Path) -> None:
    code, said = audited(tmp_path, "not a url")
    assert code not in (0, None), said


def test_every_advisory_passed_over_has_a_reason() -> None:
    lines = (ROOT / ".ci" / "ignored-advisories").read_text("utf-8").splitlines()
    assert all(line.startswith("#") or len(line.split(maxsplit=1)[-1]) >= 10 for line in lines if line.strip())
