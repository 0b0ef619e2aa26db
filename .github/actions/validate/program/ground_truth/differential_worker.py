"""Runs by itself, twice removed from what it is for: makes inputs with Hypothesis, or calls functions with them.

`inputs PLAN INPUTS` knows nothing of the project. `calls PLAN INPUTS ANSWERS` imports the project's modules from
PYTHONPATH. Inputs travel as the text of literals, so that each call gets values of its own.
"""

import ast
import importlib
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

EXAMPLES = 60
CALL_SECONDS = 0.5
SHOWN = 300
INPUT_CHARACTERS = 2000


class TooLong(BaseException):
    """A call that takes longer says nothing that could be compared; nothing a function catches by accident."""


def make_inputs(plan: list[dict[str, Any]]) -> list[list[str]]:
    """For each function, the texts of argument tuples: the same for the same annotations, every time."""
    return [_examples(function["parameters"]) for function in plan]


def _examples(annotations: list[str]) -> list[str]:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    found: dict[str, None] = {}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=cast("list[HealthCheck]", list(HealthCheck)),
    )
    @given(st.tuples(*(_strategy(ast.parse(text, mode="eval").body) for text in annotations)))
    def remember(arguments: tuple[object, ...]) -> None:
        text = repr(arguments)
        if len(text) <= INPUT_CHARACTERS:
            found[text] = None

    remember()
    return list(found)


def _strategy(node: ast.expr) -> Any:
    from hypothesis import strategies as st

    match node:
        case ast.Constant(value=str(text)):
            return _strategy(ast.parse(text, mode="eval").body)
        case ast.Constant() | ast.Name(id="None"):
            return st.none()
        case ast.BinOp(left=left, right=right):
            return st.one_of(_strategy(left), _strategy(right))
        case ast.Name(id=name):
            return {
                "int": st.integers(-(2**31), 2**31) | st.integers(-10, 10),
                "bool": st.booleans(),
                "float": st.floats(allow_nan=False, allow_infinity=False),
                "str": st.text(max_size=30),
                "bytes": st.binary(max_size=30),
            }[name]
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return _container(name, parts)
        case _:
            raise ValueError(f"no inputs for the annotation {ast.unparse(node)!r}")


def _container(name: str, parts: list[ast.expr]) -> Any:
    from hypothesis import strategies as st

    inner = [_strategy(part) for part in parts if not (isinstance(part, ast.Constant) and part.value is ...)]
    if name == "Optional":
        return st.none() | inner[0]
    if name == "dict":
        return st.dictionaries(*inner, max_size=8)
    if name == "tuple":
        return st.lists(inner[0], max_size=8).map(tuple) if len(inner) < len(parts) else st.tuples(*inner)
    made: dict[str, Callable[..., Any]] = {"set": st.sets, "frozenset": st.frozensets}
    # The text of a frozen set is no literal; a set does wherever one is wanted
    return made.get(name if name != "frozenset" else "set", st.lists)(inner[0], max_size=8)


def call_all(plan: list[dict[str, Any]], inputs: list[list[str]]) -> list[list[str | None]]:
    """For each function and input what came of it, None where it took too long."""
    signal.signal(signal.SIGALRM, _give_up)
    return [_calls(function, texts) for function, texts in zip(plan, inputs, strict=True)]


def _give_up(*_: object) -> None:
    raise TooLong


def _calls(function: dict[str, Any], texts: list[str]) -> list[str | None]:
    try:
        called = getattr(importlib.import_module(function["module"]), function["name"])
    except BaseException as error:  # whatever a module of the project does when imported is its answer
        return [f"not imported: {type(error).__name__}" for _ in texts]
    return [_call(called, text) for text in texts]


def _call(called: Callable[..., object], text: str) -> str | None:
    signal.setitimer(signal.ITIMER_REAL, CALL_SECONDS)
    try:
        return f"returned {called(*_arguments(text))!r}"[:SHOWN]
    except TooLong:
        return None
    except BaseException as error:  # whatever the function raises is its answer
        return f"raised {type(error).__name__}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _arguments(text: str) -> tuple[Any, ...]:
    return tuple(ast.literal_eval(text))


def main(arguments: list[str]) -> int:
    """Do what the first argument says."""
    plan = json.loads(Path(arguments[1]).read_bytes())
    if arguments[0] == "inputs":
        Path(arguments[2]).write_text(json.dumps(make_inputs(plan)), encoding="utf-8")
    else:
        inputs = json.loads(Path(arguments[2]).read_bytes())
        Path(arguments[3]).write_text(json.dumps(call_all(plan, inputs)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
