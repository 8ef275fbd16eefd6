"""Clients of a broker that does not answer leave nothing behind, however often they are tried."""

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from kafka.consumer import KafkaConsumer
from kafka.errors import KafkaTimeoutError
from kafka.producer import KafkaProducer

from consumers.clients import client


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("kind", [KafkaProducer, KafkaConsumer, KafkaAdminClient])
def test_one_that_reaches_nobody_leaves_no_thread(kind: Callable[..., Any], closed_port: int) -> None:
    before = set(threading.enumerate())
    for _ in range(2):
        nowhere = {"bootstrap_servers": f"127.0.0.1:{closed_port}", "bootstrap_timeout_ms": 300}
        with pytest.raises(KafkaTimeoutError), client(kind, nowhere):
            pass
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(5)
    assert not any(thread.is_alive() for thread in left)
