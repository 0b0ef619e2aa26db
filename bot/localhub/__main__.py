"""`python -m bot.localhub --root DIR --port N --seed FILE.json`: the loopback GitHub as a process of its own.

For tests that kill the bot but not GitHub. Prints one line of JSON when it listens: its url, and each App's id.
It runs until it is terminated; its memory is gone then, so it is not to be restarted within a test.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from bot.localhub.actions.scripted import scripted_runner
from bot.localhub.hub import LocalHub
from bot.localhub.seed import plant, read_seed
from bot.localhub.serving import serve
from bot.model.errors import RmoError


async def run(root: Path, port: int, seed_file: Path) -> None:
    """Serve until SIGTERM or SIGINT."""
    seed = await asyncio.to_thread(read_seed, seed_file)
    execute = None if seed.actions == "off" else scripted_runner(seed.actions or ["success"])
    hub = LocalHub(root, execute=execute)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with serve(hub, port) as url:
        apps = await plant(hub, seed)
        told = [{"id": app.id, "slug": app.slug} for app in apps]
        sys.stdout.write(json.dumps({"url": url, "apps": told}) + "\n")
        sys.stdout.flush()
        await ended.wait()


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot.localhub")
    parser.add_argument("--root", type=Path, required=True, help="where the git repositories are kept")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=Path, required=True, help="what it starts with")
    chosen = parser.parse_args()
    try:
        asyncio.run(run(chosen.root, chosen.port, chosen.seed))
    except RmoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
