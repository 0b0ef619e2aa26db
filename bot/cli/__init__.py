"""The command line: one file a command group, no logic. Heavy imports wait until a command needs them."""

import sys

from bot.cli.interrupt import Interrupted, heed
from bot.model.errors import RmoError


def main() -> None:
    """Run the command; a user's mistake is one line on standard error and exit code 2, never a traceback."""
    heed()
    try:
        from bot.cli.app import app

        app()
    except RmoError as error:
        sys.stderr.write(f"rmo: {' '.join(str(error).split())}\n")
        sys.exit(2)
    except Interrupted:
        sys.stderr.write("rmo: interrupted before anything was begun; run it again\n")
        sys.exit(1)
