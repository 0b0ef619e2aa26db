"""Functions that base and head both have with the same signature, of parameters that inputs can be made for."""

import ast
from dataclasses import dataclass

SIMPLE = frozenset({"int", "bool", "float", "str", "bytes", "None"})
CONTAINERS = frozenset({"list", "set", "frozenset", "dict", "tuple"})


@dataclass(frozen=True)
class Comparable:
    """A function at a module's top level."""

    module: str
    name: str
    parameters: tuple[str, ...]
    """Annotations of its positional parameters, as they are written."""

    @property
    def label(self) -> str:
        """How people are told of it."""
        return f"{self.module}.{self.name}"


def module_of(path: str) -> str | None:
    """The name that a file is imported by, from the root or from `src`; None where there is none."""
    parts = path.removesuffix(".py").split("/")
    parts = parts[1:] if parts[0] == "src" else parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None


def comparable(path: str, base: str, head: str) -> list[Comparable]:
    """What of a file's functions can be called on both sides with the same inputs; empty where it does not parse."""
    module = module_of(path)
    before, after = _functions(base), _functions(head)
    if module is None or module.endswith("__main__"):
        return []
    found: list[Comparable] = []
    for name, function in after.items():
        known = before.get(name)
        if known is not None and ast.dump(known.args) == ast.dump(function.args):
            annotations = _annotations(function.args)
            if annotations:
                found.append(Comparable(module, name, tuple(annotations)))
    return found


def _functions(text: str) -> dict[str, ast.FunctionDef]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _annotations(arguments: ast.arguments) -> list[str] | None:
    """None where a parameter is not simple, or can't be given by its place."""
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
        return None
    each = [argument.annotation for argument in (*arguments.posonlyargs, *arguments.args)]
    simple = [annotation for annotation in each if annotation is not None and _is_simple(annotation)]
    return [ast.unparse(annotation) for annotation in simple] if len(simple) == len(each) else None


def _is_simple(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=None):
            return True
        case ast.Constant(value=str(text)):
            return _is_simple_text(text)
        case ast.Name(id=name):
            return name in SIMPLE
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _is_simple(left) and _is_simple(right)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return _is_simple(inner)
        case ast.Subscript(value=ast.Name(id=name), slice=inner) if name in CONTAINERS:
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            right = {"dict": len(parts) == 2, "tuple": True}.get(name, len(parts) == 1)
            return right and all(_is_simple(part) or _is_ellipsis(part) for part in parts)
        case _:
            return False


def _is_simple_text(text: str) -> bool:
    try:
        return _is_simple(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
