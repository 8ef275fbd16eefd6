"""A command hears that it is to stop wherever it is interrupted."""

import signal
import subprocess
import sys
import threading

import pytest

from infra.told_to_stop import STOPS, told_to_stop

WITHIN = 30.0
INTERRUPTED = """
import signal, sys
from infra.told_to_stop import told_to_stop

with told_to_stop() as stop:
    with stop._cond:  # as within stop.wait()
        signal.raise_signal(int(sys.argv[1]))
    print("told" if stop.wait(10) else "deaf")
"""


@pytest.mark.parametrize("number", STOPS)
def test_told_while_it_waits_to_be_told_it_does_not_wait_for_ever(number: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(int(number))],
        capture_output=True, text=True, timeout=WITHIN, check=True,
    )  # fmt: skip
    assert ran.stdout == "told\n"


def test_what_a_signal_did_before_it_does_again() -> None:
    assert threading.current_thread() is threading.main_thread()
    before = [signal.getsignal(number) for number in STOPS]
    with told_to_stop():
        assert [signal.getsignal(number) for number in STOPS] != before
    assert [signal.getsignal(number) for number in STOPS] == before
