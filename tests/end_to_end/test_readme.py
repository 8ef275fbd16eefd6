"""The README does what it shows: every command, run in order, answers in the shape and words given."""

import re
import subprocess
from pathlib import Path

from tests.end_to_end.conftest import Whole
from tests.program import PROGRAM

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```(bash|json|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARYING = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+\d\d:\d\d)?"), "<moment>"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "<date>"),
    (re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}"), "<day>"),
    (re.compile(r"(?<![A-Za-z_])\d+(?![A-Za-z_])"), "<number>"),
    (re.compile(r"\s+"), " "),
)


def masked(text: str) -> str:
    """What is the same on every day and in every run."""
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text.strip()


def steps(section: str) -> list[tuple[str, str | None]]:
    """Each command of a section, with the output that the README shows for it."""
    text = README.read_text().split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    found: list[tuple[str, str | None]] = []
    for kind, content in BLOCK.findall(text):
        if kind == "bash":
            found.append((content, None))
        else:
            found[-1] = (found[-1][0], content)
    return found


def answers(whole: Whole, steps: list[tuple[str, str | None]]) -> list[str]:
    """What each command prints, pasted into one shell."""
    script = ["set -e", "shopt -s expand_aliases"]
    for number, (command, _) in enumerate(steps):
        here = command.replace("http://127.0.0.1:8000", whole.url).replace(".venv/bin/rujukan", PROGRAM)
        script += [f"echo '--- step {number}'", here]
    ran = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=README.parent,
        env=whole.environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
    outputs = re.split(r"--- step \d+\n", ran.stdout)[1:]
    assert len(outputs) == len(steps)
    return outputs


def test_every_command_answers_as_shown(whole: Whole) -> None:
    whole.start_with_kafka("--sample")
    tour, by_kafka = steps("A five-minute tour"), steps("An agency that answers by Kafka")
    assert len(tour) > 15 and by_kafka
    pasted = tour + by_kafka
    for (command, shown), output in zip(pasted, answers(whole, pasted), strict=True):
        if shown is not None:
            assert masked(output) == masked(shown), f"{command}\nanswers\n{output}"
