"""Copies of a module from each of which one condition is taken out: what a gate is good for shows without it.

The source is changed as a syntax tree and run as a module of its own; nothing of the program is patched.
"""

import ast
import inspect
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Mutant:
    """One condition less."""

    without: str
    """Its line and its source."""
    module: ModuleType


def mutants(module: ModuleType) -> list[Mutant]:
    """Every way to take out one condition, or to call a case well that is not.

    Conditions are an `if`, a part of an `and`, `or`, `in` or `case`, a filter, and a `name=True`.
    """
    source = inspect.getsource(module)
    found: list[Mutant] = []
    while True:
        removal = _Removal(len(found))
        tree = ast.fix_missing_locations(removal.visit(ast.parse(source)))
        if removal.without is None:
            return found
        made = ModuleType(f"{module.__name__}_{len(found)}")
        code = compile(tree, f"<{module.__name__} without {removal.without}>", "exec", dont_inherit=True)
        exec(code, made.__dict__)  # the program's own source, a little shorter  # nosec B102
        found.append(Mutant(removal.without, made))


class _Removal(ast.NodeTransformer):
    """Takes out the condition of one number."""

    def __init__(self, number: int) -> None:
        self.without: str | None = None
        self._left = number

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]  # what a decorator is told is no condition
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        self.generic_visit(node)
        match node.value:
            case ast.Constant(value=True) as said if self._is_it(said):
                said.value = False
            case _:
                pass
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if self._is_it(node.test):
            node.test = ast.Constant(False)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        return node.orelse if self._is_it(node.test) else node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        node.values = [value for value in node.values if not self._is_it(value)]
        return node if len(node.values) > 1 else node.values[0]

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Compare(ops=[ast.In()], comparators=[ast.Tuple() as places]):
                places.elts = [place for place in places.elts if not self._is_it(place)]
            case _:
                pass
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.ifs = [condition for condition in node.ifs if not self._is_it(condition)]
        return node

    def visit_MatchOr(self, node: ast.MatchOr) -> ast.AST:
        node.patterns = [pattern for pattern in node.patterns if not self._is_it(pattern)]
        return node if len(node.patterns) > 1 else node.patterns[0]

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        self.generic_visit(node)
        match node.body:
            case [ast.Return(value=ast.Constant(value=str(said)) as said_node)]:
                if self._is_it(said_node):
                    said_node.value = "passed" if said != "passed" else "not run"
            case _:
                pass
        return node

    def _is_it(self, node: ast.expr | ast.pattern) -> bool:
        self._left -= 1
        if self._left == -1:
            self.without = f"line {node.lineno}: {ast.unparse(node)}"
        return self._left == -1
