"""`python -m tests.bench`: every benchmark, one after the other."""

import asyncio

from tests.bench import commands, failures, known, late, mining, overhead, proof, proposing, receiver, rollout

if __name__ == "__main__":
    failures.report()
    known.report()
    proposing.report()
    rollout.report()
    late.report()
    mining.report()
    proof.report()
    commands.report()
    receiver.report()
    asyncio.run(overhead.report())
