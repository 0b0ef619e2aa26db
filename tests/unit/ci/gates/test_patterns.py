"""Each pattern on code that has it and on code that only looks alike; the lines that are blamed are marked `# here`."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ci.gates import CATEGORIES, pattern_findings
from bot.ci.gates.patterns import DETECTORS, MESSAGES
from bot.model.gate import CODE_PATTERNS, REQUIRED_TESTS, CodePattern

CASES: dict[CodePattern, str] = {
    "mutable_default": """
        from collections import deque
        import collections
        def a(x=[]): ...  # here
        def b(*, x={}, y): ...  # here
        async def c(x=deque()): ...  # here
        d = lambda x=[1]: x  # here
        def e(x=collections.Counter()): ...  # here
        def f(x={n for n in range(2)}): ...  # here
        def g(x=None, y=(), z=frozenset(), *, w=tuple()): ...
        def h(x=make()(1)): ...
    """,
    "float_equality": """
        a = x == 0.1  # here
        b = -0.3 != x  # here
        c = 0 < x == 0.7  # here
        d = x == 0.5 or x == 2.0 or x < 0.1 or x == 1
        e = x == -y
        f = 0.1 < x != y
    """,
    "discarded_result": """
        sorted(names)  # here
        def a(line: str, other, *, more: "str"):
            line.strip()  # here
            other.strip()
            line.split()
            line = line.strip()
            self.line.strip()
            print(line)
            "constant"
        def b():
            try:
                sorted(x)
            except TypeError:
                pass
            with raises():
                reversed(x)
    """,
    "missing_await": """
        from store import imported
        import store as renamed
        async def imported(): ...
        async def renamed(): ...
        async def caught(): ...
        try:
            imported()
        except OSError as caught:
            caught()
        renamed()
        async def save(): ...
        async def twice(): ...
        def twice(): ...
        @task
        async def made(): ...
        async def main():
            save()  # here
            await save()
            twice()
            made()
            x = save()
        class Store:
            async def load(self): ...
            def plain(self): ...
            async def again(self): ...
            async def again(self): ...
            async def all(self):
                self.load()  # here
                self.plain()
                self.again()
                other.load()
                await self.load()
    """,
    "unreachable_code": """
        def a():
            return 1
            print()  # here
        def b(xs):
            for x in xs:
                if x:
                    continue
                    x = 2  # here
                break
        def c():
            return
            yield
        def d():
            raise NotImplementedError
            def inner():  # here
                yield
    """,
    "unbounded_recursion": """
        def a(x):  # here
            '''Doc.'''
            return a(x - 1)
        def b(x):
            if x:
                return b(x - 1)
        def c(x):
            return x
            c(x)
        def d(x):
            def d2():
                return d(x)
            return d2
        def e(x):
            return e
        @cache
        def f(x):
            return f(x)
        def g(): ...
        g = wrap(g)
        class H:
            def m(self):  # here
                self.m()
            @property
            def size(self):  # here
                return self.size
            @property
            def name(self):
                self.name = 1
                return self._name
            @cached_property
            def other(self):
                return self.other
            @staticmethod
            def n():
                return n()
            def k():
                return k()
        def last():
            x = 1
    """,
    "swallowed_exception": """
        try:
            a()
        except:  # here
            pass
        try:
            a()
        except Exception:  # here
            '''Never mind.'''
        except (ValueError, BaseException):  # here
            ...
        try:
            a()
        except ValueError:
            pass
        except (KeyError, OSError):
            pass
        except Exception as error:
            log(error)
    """,
    "changed_while_iterated": """
        for x in xs:
            if x:
                xs.remove(x)  # here
        for key in self.table.keys():
            del self.table[key]  # here
        for key, value in d.items():
            y = d.pop(key)  # here
        for x in xs:
            if x:
                xs.remove(x)
                break
        for x in queue:
            queue.append(x)
            del other[x], x
            z = 1
            print(x)
            other.remove(x)
        for x in list(xs):
            xs.remove(x)
        for x in xs:
            xs = xs[1:]
            xs.remove(x)
        for x in xs:
            def later():
                xs.remove(x)
        else:
            xs.clear()
        for x in make()[0]:
            pass
    """,
    "top_level_print": """
        print(1)  # here
        if DEBUG:
            print(2)  # here
        try:
            a()
        except ValueError:
            print(3)  # here
        class A:
            print(4)  # here
        def f():
            print(5)
        if __name__ == "__main__":
            print(6)
        match x:
            case 1:
                print(7)  # here
        f()
    """,
    "top_level_assert": """
        assert x  # here
        def f():
            assert x
    """,
    "unfinished_function": """
        def a(x):  # here
            '''Doc.'''
            pass
        async def b(x) -> int:  # here
            ...
        def c():  # here
            raise NotImplementedError
        def d():  # here
            raise NotImplementedError("later")
        def e() -> None:
            pass
        def f():
            '''Nothing on purpose.'''
        def g():
            raise ValueError
        def h():
            raise
        def i():
            1
        def i2():
            '''Doc.'''
            return 1
        @decorated
        def j(): ...
        class K:
            def __init__(self): ...
            def a(self): ...
            def b(self) -> int: ...  # here
            def c(self): raise NotImplementedError
        class L(Protocol):
            def b(self) -> int: ...
        class M(metaclass=ABCMeta):
            def b(self) -> int: ...
    """,
}


@pytest.mark.parametrize("pattern", CODE_PATTERNS)
def test_a_pattern_is_found_where_it_is_and_nowhere_else(pattern: CodePattern) -> None:
    text = dedent(CASES[pattern])
    marked = [number for number, line in enumerate(text.splitlines(), start=1) if line.endswith("# here")]
    assert len(marked) > 0

    found = pattern_findings([pattern], ["src/a.py"], {"src/a.py": text}, {})

    assert [(each.tool, each.rule, each.path) for each in found] == [("check", pattern, "src/a.py")] * len(found)
    assert [each.line for each in found] == marked
    assert {each.message for each in found} == {MESSAGES[pattern]}
    assert pattern_findings([pattern], ["src/a.py"], {"src/a.py": text}, {"src/a.py": text}) == ()
    assert pattern_findings([], ["src/a.py"], {"src/a.py": text}, {}) == ()


def test_every_pattern_has_all_that_belongs_to_it() -> None:
    assert set(DETECTORS) == set(MESSAGES) == set(CASES) == set(CODE_PATTERNS)
    assert set(CATEGORIES) == {*CODE_PATTERNS, *REQUIRED_TESTS}


def test_what_is_a_fault_in_source_alone_is_none_in_tests_and_programs() -> None:
    text = "print(1)\nassert x == 0.1\ndef f(x=[]): ...\n"
    head: dict[str, str] = {path: text for path in ("tests/test_a.py", "shop/__main__.py", "a.py")}

    found = pattern_findings(CODE_PATTERNS, head, head, {})

    assert {(each.path, each.rule) for each in found} == {
        ("a.py", "float_equality"),
        ("a.py", "mutable_default"),
        ("a.py", "top_level_assert"),
        ("a.py", "top_level_print"),
        ("a.py", "unfinished_function"),
        ("shop/__main__.py", "mutable_default"),
        ("tests/test_a.py", "mutable_default"),
    }


def test_only_what_the_change_brings_is_found() -> None:
    old = "def f(x=[]):\n    return x\n"
    base = {"a.py": old, "gone.py": "def moved(y={}):\n    return y\n"}
    head = {"a.py": f"import os\n\n\n{old}\n\ndef g(x=[]):\n    return x\n", "b.py": base["gone.py"]}

    found = pattern_findings(["mutable_default"], ["a.py", "b.py", "gone.py", "c.md"], head, base)

    assert [(each.path, each.line) for each in found] == [("a.py", 8)]


def test_what_does_not_parse_has_no_patterns() -> None:
    assert pattern_findings(CODE_PATTERNS, ["a.py"], {"a.py": "def f(x=[]:\n"}, {}) == ()
    nested = "x = " + "[" * 60 + "]" * 60 + "\nprint(x)\n"
    assert [each.rule for each in pattern_findings(CODE_PATTERNS, ["a.py"], {"a.py": nested}, {})] == [
        "top_level_print"
    ]


@given(st.text(max_size=60))
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    pattern_findings(CODE_PATTERNS, ["a.py"], {"a.py": f"def f(x):\n    {text}\n{text}"}, {"a.py": text})
