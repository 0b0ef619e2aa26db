"""The command line: one file a command group, no logic. Heavy imports wait until a command needs them."""

import sys

from bot.model.errors import RmoError


def main() -> None:
    """Run the command; a user's mistake is one line on standard error and exit code 2, never a traceback."""
    from bot.cli.app import app

    try:
        app()
    except RmoError as error:
        sys.stderr.write(f"rmo: {' '.join(str(error).split())}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("rmo: interrupted\n")
        sys.exit(1)
