"""Where the program `rujukan` begins."""

import sys

from typer import Typer


def main() -> None:
    """`token` is asked for many times in a script, and so does not wait until everything else is loaded."""
    if sys.argv[1:2] == ["token"]:
        from infra.commands.token import token

        alone = Typer(add_completion=False, pretty_exceptions_show_locals=False)
        alone.command()(token)
        alone(sys.argv[2:], prog_name="rujukan token")
    else:
        from infra.cli import app

        app()
