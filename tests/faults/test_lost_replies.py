"""The reply of a commit is lost on its way, or the server ends the session before the append."""

from pathlib import Path
from random import Random

from tests.faults.load import Load
from tests.faults.mishaps import Sometimes, be_shut_down, lose_the_reply
from tests.faults.programs import eventually
from tests.faults.relay import Relay

TIMES = 12


def test_commands_whose_replies_were_lost_are_acknowledged_and_stored_once(
    told: str, tmp_path: Path, chance: Random
) -> None:
    losing = Sometimes(chance, 0.2, lambda session: session.settles, lose_the_reply)
    with Relay(told, losing) as relay, Load(told, tmp_path, chance, through=relay.url) as load:
        eventually(lambda: losing.times >= TIMES)
        load.goes_on(5)
        load.end()
        assert load.failures() == []


def test_commands_cut_off_by_a_shutdown_are_tried_again(told: str, tmp_path: Path, chance: Random) -> None:
    ending = Sometimes(chance, 0.2, lambda session: session.appends, be_shut_down)
    with Relay(told, ending) as relay, Load(told, tmp_path, chance, through=relay.url) as load:
        eventually(lambda: ending.times >= TIMES)
        load.goes_on(5)
        load.end()
        assert load.failures() == []
