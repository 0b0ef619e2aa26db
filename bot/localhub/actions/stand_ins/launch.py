"""Runs inside the sandbox: puts the prepared environment into the tool cache, then becomes `act`.

The environment is mounted read-only, but `pip install -e .` has to write somewhere. So the tool cache gets a thin
virtual environment of its own that sees the prepared one's packages, with copies of its scripts that start the thin
one's interpreter.
"""

import json
import os
import sys
from typing import TypedDict


class Plan(TypedDict):
    """What `plan.json` holds."""

    act: list[str]
    environment: str | None
    interpreter: str
    version: str
    pip: str | None


def overlay(plan: Plan, home: str) -> None:
    """Make the thin environment at `home`."""
    binaries = os.path.join(home, "bin")
    short = ".".join(plan["version"].split(".")[:2])
    library = os.path.join(home, "lib", f"python{short}", "site-packages")
    os.makedirs(binaries)
    os.makedirs(library)
    with open(os.path.join(home, "pyvenv.cfg"), "w", encoding="utf-8") as file:
        file.write(f"home = {os.path.dirname(plan['interpreter'])}\ninclude-system-site-packages = false\n")
        file.write(f"version = {plan['version']}\n")
    for name in ("python", "python3", f"python{short}"):
        os.symlink(plan["interpreter"], os.path.join(binaries, name))
    seen: list[str] = []
    if plan["environment"] is not None:
        seen.append(os.path.join(plan["environment"], "lib", f"python{short}", "site-packages"))
        _scripts(os.path.join(plan["environment"], "bin"), binaries)
    if plan["pip"] is not None:
        seen.append(plan["pip"])
        for name in ("pip", "pip3"):
            _write_script(
                os.path.join(binaries, name),
                f"#!{binaries}/python\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n",
            )
    with open(os.path.join(library, "prepared.pth"), "w", encoding="utf-8") as file:
        for path in seen:
            file.write(f"import site; site.addsitedir({path!r})\n")


def _scripts(source: str, target: str) -> None:
    for name in os.listdir(source):
        path, copy = os.path.join(source, name), os.path.join(target, name)
        if os.path.lexists(copy) or name.startswith(("python", "activate")) or not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            head, rest = file.readline(), file.read()
        if head.startswith(b"#!") and b"python" in head:
            _write_script(copy, f"#!{target}/python\n" + rest.decode("utf-8", "surrogateescape"))
        elif head.startswith(b"#!/bin/sh") and b"exec" in rest[:200]:
            body = rest.split(b"' '''\n", 1)[-1]
            _write_script(copy, f"#!{target}/python\n" + body.decode("utf-8", "surrogateescape"))
        else:
            os.symlink(path, copy)


def _write_script(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    os.chmod(path, 0o755)  # a script, in a sandbox of its own # nosec B103


def main() -> None:
    with open("plan.json", encoding="utf-8") as file:
        plan: Plan = json.load(file)
    tools = os.path.join(os.environ["AGENT_TOOLSDIRECTORY"], "Python", plan["version"])
    overlay(plan, os.path.join(tools, "x64"))
    with open(os.path.join(tools, "x64.complete"), "w", encoding="utf-8"):
        pass
    os.makedirs(os.environ["HOME"], exist_ok=True)
    os.chdir("checkout")
    os.execv(plan["act"][0], plan["act"])


if __name__ == "__main__":
    sys.exit(main())
