"""A checkpoint is three lines; what is not exactly that is none."""

import pytest

from domain.proof.checkpoint import Checkpoint, NoCheckpoint, read_checkpoint

ROOT = bytes(range(32))
TEXT = "rujukan.example/log\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


def test_a_checkpoint_is_written_and_read() -> None:
    found = Checkpoint("rujukan.example/log", 20852163, ROOT)
    assert found.text() == TEXT
    assert read_checkpoint(TEXT) == found
    assert read_checkpoint(TEXT + "an extension\n") == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        TEXT[:-1],
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", "٢"),
        TEXT.replace("20852163", "9" * 40),
        TEXT.replace("20852163", ""),
        TEXT.replace("AAEC", "AAE"),
        TEXT.replace("AAEC", "AAE?"),
        TEXT.replace("AAECAwQF", ""),
        TEXT + "\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoCheckpoint):
        read_checkpoint(text)
