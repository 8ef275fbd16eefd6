"""The story that all projections are tested with."""

from domain.events import event_classes
from infra.event_log.recorder import Recorder


def test_everything_that_can_happen_happens_in_the_story(log: Recorder) -> None:
    told = {logged.topic for logged in log.read(0, 10_000)}
    assert set(event_classes()) - told == set()
