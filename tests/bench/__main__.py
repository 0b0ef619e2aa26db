"""`python -m tests.bench`: every benchmark, one after the other."""

import asyncio

from tests.bench import commands, failures, overhead

if __name__ == "__main__":
    failures.report()
    commands.report()
    asyncio.run(overhead.report())
