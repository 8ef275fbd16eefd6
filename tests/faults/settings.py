"""The settings of everything that these tests start; the key is the one that the story is sealed with."""

import base64

from pydantic import SecretStr

from infra.settings import Settings

SETTINGS = Settings(master_key=SecretStr(base64.b64encode(bytes(range(32))).decode()))
