"""`python -m tests.bench`: every benchmark, one after the other."""

import asyncio

from tests.bench import commands, overhead

if __name__ == "__main__":
    commands.report()
    asyncio.run(overhead.report())
