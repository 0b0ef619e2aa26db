"""The validation action's program: `python -I program install` and `python -I program validate`.

Only the standard library and only this directory: `-I` on a directory puts that directory first on the path and
nothing of the work tree, so that no file of the repository can take a module's place.
"""

import os
import sys

from ground_truth.dependencies import install
from ground_truth.settings import read_settings
from ground_truth.validation import validate

COMMANDS = {"install": install, "validate": validate}


def main(arguments: list[str]) -> int:
    """Do the command named; the exit code is the step's."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        sys.stderr.write(f"usage: program {'|'.join(COMMANDS)}\n")
        return 2
    return COMMANDS[arguments[0]](read_settings(os.environ))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
