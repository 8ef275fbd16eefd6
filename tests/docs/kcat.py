"""kcat with a librdkafka that logs in to Kafka 4 by SCRAM: 2.6.1 or newer, its own or the one that `.ci/tools` fetches.

Earlier ones repeat a part of the nonce, which Kafka 4 takes for a wrong password (librdkafka, pull request 4895).
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

FETCHED = Path(__file__).parents[2] / ".venv" / "kcat"
OLDEST = (2, 6, 1)


def environment() -> dict[str, str]:
    return {**os.environ, **({"LD_LIBRARY_PATH": str(FETCHED)} if FETCHED.is_dir() else {})}


def why_not() -> str | None:
    """The reason for which it cannot be tried here."""
    kcat = shutil.which("kcat")
    if kcat is None:
        return "kcat is not installed"
    told = subprocess.run([kcat, "-V"], env=environment(), capture_output=True, text=True, check=False).stdout
    found = re.search(r"librdkafka (\d+)\.(\d+)\.(\d+)", told)
    if found is None or tuple(map(int, found.groups())) < OLDEST:
        return "kcat's librdkafka logs in to no Kafka 4 by SCRAM; .ci/tools fetches one that does"
    return None
