"""What a child is started with whose own work is in question: counting its lines would cost more than the work."""

import os


def environment() -> dict[str, str]:
    """The environment of this process, without what makes a child count the lines that it runs."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
