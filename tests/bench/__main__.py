"""`python -m tests.bench`: every benchmark, one after the other."""

import asyncio

from tests.bench import commands, failures, overhead, rollout

if __name__ == "__main__":
    failures.report()
    rollout.report()
    commands.report()
    asyncio.run(overhead.report())
