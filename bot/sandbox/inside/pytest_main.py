"""Starts pytest on a repository that is not installed, without letting its modules stand in for the standard library.

Run with `python -I`: the repository's own directories come last on the path, so that a `json.py` in it is imported by
no tool; pytest itself puts the directories of tests first, as it always does.
"""

import os
import sys

import pytest

if __name__ == "__main__":
    sys.path += [os.path.abspath("src"), os.path.abspath(".")]
    sys.exit(pytest.main(sys.argv[1:]))
