"""A real Keycloak on 127.0.0.1 with the realm of `infra/keycloak`, gone with everything in it at the end."""

import hashlib
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from jgo.maven import MavenContext

from tests.end_to_end.conftest import directory, free_port

FILES = Path(__file__).parents[2] / "infra" / "keycloak"
VERSION = "26.4.0"
SHA256 = "1b6a11a2726ac8a8dc9c91d5fafe989a75ce4f1622d7f7b45c21d5bc16629c0a"
ADMIN, DESK, AT_THE_DESK = "admin", "rujukan-desk", "http://127.0.0.1:8000/desk"
READY_WITHIN = 400.0
OLDEST_JAVA = 17


def has_java() -> bool:
    """Whether there is a Java that Keycloak runs on."""
    java = shutil.which("java")
    if java is None:
        return False
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return found is not None and int(found[1]) >= OLDEST_JAVA


class Keycloak:
    def __init__(self, port: int, password: str) -> None:
        self.issuer = f"http://127.0.0.1:{port}/realms/rujukan"
        self._admin = f"http://127.0.0.1:{port}/admin/realms/rujukan"
        self._master = f"http://127.0.0.1:{port}/realms/master"
        self._password = password

    def manage(self, method: str, path: str, content: Any = None) -> httpx.Response:
        """As its administrator."""
        asked = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": self._password}
        token = httpx.post(f"{self._master}/protocol/openid-connect/token", data=asked).json()["access_token"]
        answer = httpx.request(
            method, f"{self._admin}{path}", json=content, headers={"Authorization": f"Bearer {token}"}, timeout=30
        )
        assert answer.is_success, answer.text
        return answer

    def add_user(self, name: str, role: str, scope: str = "") -> str:
        """Returns the new user's password."""
        password = token_urlsafe(16)
        self.manage("POST", "/users", {
            "username": name, "enabled": True, "attributes": {"rujukan_scope": [scope]} if scope else {},
            "credentials": [{"type": "password", "value": password, "temporary": False}],
        })  # fmt: skip
        (user,) = self.manage("GET", f"/users?username={name}&exact=true").json()
        self.manage("POST", f"/users/{user['id']}/role-mappings/realm", [self.manage("GET", f"/roles/{role}").json()])
        return password

    def add_agency(self, agency: str) -> str:
        """A client for its system; returns its secret."""
        client = json.loads((FILES / "agency-client.json").read_text().replace("AGENCY", agency))
        secret = token_urlsafe(32)
        self.manage("POST", "/clients", {**client, "secret": secret})
        return secret

    def rotate(self) -> None:
        """From now on tokens are signed by a new key."""
        self.manage("POST", "/components", {
            "name": "rsa-new", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
            "config": {"priority": ["1000"], "algorithm": ["RS256"], "keySize": ["2048"]},
        })  # fmt: skip

    def for_client(self, client: str, secret: str) -> str:
        answer = httpx.post(self._token_endpoint, data={"grant_type": "client_credentials"}, auth=(client, secret))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def log_in(self, name: str, password: str) -> dict[str, str]:
        """By authorization code with PKCE, as a browser does it; returns the tokens."""
        verifier = token_urlsafe(48)
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        with httpx.Client(follow_redirects=False, timeout=30) as browser:
            page = browser.get(f"{self.issuer}/protocol/openid-connect/auth", params={
                "client_id": DESK, "response_type": "code", "scope": "openid", "redirect_uri": AT_THE_DESK,
                "code_challenge": challenge, "code_challenge_method": "S256",
            })  # fmt: skip
            form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
            assert form is not None, page.text
            # Browsers send cookies for secure connections to a loopback address; this client would not.
            kept = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)
            typed = {"username": name, "password": password}
            sent = browser.post(unescape(form[1]), data=typed, headers={"Cookie": kept})
            assert sent.status_code == 302, sent.text
            (code,) = parse_qs(urlsplit(sent.headers["location"]).query)["code"]
            asked = {"grant_type": "authorization_code", "client_id": DESK, "code": code, "code_verifier": verifier}
            tokens: dict[str, str] = browser.post(
                self._token_endpoint, data={**asked, "redirect_uri": AT_THE_DESK}
            ).json()
        return tokens

    @property
    def _token_endpoint(self) -> str:
        return f"{self.issuer}/protocol/openid-connect/token"


@contextmanager
def keycloak() -> Iterator[Keycloak]:
    with directory() as folder:
        home = _unpacked(folder)
        (home / "data" / "import").mkdir(parents=True)
        shutil.copy(FILES / "rujukan-realm.json", home / "data" / "import")
        port, password = free_port(), token_urlsafe(16)
        output = folder / "keycloak.out"
        with output.open("w") as out:
            process = subprocess.Popen(
                [
                    home / "bin" / "kc.sh", "start-dev", "--import-realm", "--http-host=127.0.0.1",
                    f"--http-port={port}", f"--http-management-port={free_port()}",
                ],
                env={
                    **os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": password,
                    "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx1g",
                },
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}/realms/rujukan", process, output)
            yield Keycloak(port, password)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _unpacked(folder: Path) -> Path:
    """Downloaded once, and unpacked anew each time: it writes into its own folder. Certificates are those the system
    trusts, as for everything else that is installed."""
    system = ssl.get_default_verify_paths()
    if trusted := system.cafile or system.capath:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", trusted)
    project = MavenContext().project("org.keycloak", "keycloak-quarkus-dist")
    archive = project.at_version(VERSION).artifact(packaging="zip").resolve()
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        archive.unlink()
        raise RuntimeError("The Keycloak that was downloaded is damaged; it was removed.")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    home = folder / f"keycloak-{VERSION}"
    (home / "bin" / "kc.sh").chmod(0o755)
    return home


def _wait(url: str, process: "subprocess.Popen[bytes]", output: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"Keycloak is not there:\n{output.read_text()[-5000:]}")
