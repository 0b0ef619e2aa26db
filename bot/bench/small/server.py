"""The small model's server, as a process of its own: `python -m bot.bench.small.server MODEL`.

It speaks OpenAI's interface on a free port of the loopback interface, which it prints, and ends when its standard
input does: whoever started it need not live to end it. One thread is the fastest on a machine that others use too.
"""

import os
import socket
import sys
from importlib import import_module
from typing import Any, Final

CONTEXT_TOKENS: Final = 2_048


def main(model: str) -> None:
    """Serve until standard input ends."""
    # Of the extra `small-model`, and without types.
    xllamacpp: Any = import_module("xllamacpp")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = _free_port()
    parameters.n_parallel = 1
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    # The model's own threads would keep the process alive.
    os._exit(0)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


if __name__ == "__main__":
    main(sys.argv[1])
