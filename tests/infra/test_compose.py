"""The settings that the deployment in separate parts gives are settings of Rujukan, and are accepted in production."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import Mode, Settings, load_settings

FILE = Path(__file__).parents[2] / "infra" / "compose" / "compose.yaml"
GIVEN = {
    "LOG_PASSWORD": "log1",
    "KEYS_PASSWORD": "keys1",
    "KAFKA_PASSWORD": "kafka1",
    "MASTER_KEY": base64.b64encode(bytes(32)).decode(),
    "OIDC_ISSUER": "https://id.example.go.id/realms/rujukan",
    "HOST_NAME": "rujukan.example.go.id",
    "KAFKA_NAME": "kafka.example.go.id",
}


def environment() -> dict[str, str]:
    """Of the API's container, with what an operator gives."""
    whole: Any = yaml.safe_load(FILE.read_text())
    found = whole["services"]["api"]["environment"]
    return {name: _filled(value) for name, value in found.items()}


def _filled(text: str) -> str:
    return re.sub(r"\$\{(\w+):([?-])([^}]*)\}", lambda m: GIVEN[m[1]] if m[2] == "?" else GIVEN.get(m[1], m[3]), text)


def known() -> set[str]:
    fields = Settings.model_fields.items()
    return {str(field.validation_alias or f"RUJUKAN_{name.upper()}") for name, field in fields}


def test_each_is_one_that_rujukan_knows() -> None:
    assert environment().keys() <= known()


def test_together_they_are_accepted_in_production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authorities = tmp_path / "kafka-ca.pem"
    authorities.touch()
    for name, value in {
        **environment(),
        "RUJUKAN_ENV": "production",
        "KAFKA_SSL_CAFILE": str(authorities),
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.env is Mode.PRODUCTION
    assert settings.kafka_access is not None
    assert settings.kafka_partner_servers == ("kafka.example.go.id:9094",)
