"""The program as it is installed beside the Python that runs the tests."""

import sys
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("rujukan"))
