"""Code that reaches for its judge, code that looks like it, and modules that stand in for others."""

import pytest

from bot.ci.tampering import Allowance
from tests.unit.ci.tampering.asking import TEST, found

SOURCE = "shop/cart.py"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("import os\nos._exit(0)\n", ["process-exited"]),
        ("from os import _exit as leave\ndef f():\n    leave(0)\n", ["process-exited"]),
        ("import os\nf = os.abort\n", ["process-exited"]),
        ("import sys\nsys.exit()\n", ["process-exited"]),
        ("raise SystemExit\n", ["process-exited"]),
        ("class A:\n    exit()\n", ["process-exited"]),
        ("import sys\ndef main():\n    sys.exit(0)\n    raise SystemExit\n", []),
        ("import sys\nf = lambda: sys.exit()\n", []),
        ("import sys\nif __name__ == '__main__':\n    sys.exit(main())\n", []),
        ("import sys\nif __name__ == '__main__':\n    pass\nelse:\n    sys.exit()\n", ["process-exited"]),
        ("import sys\nif name:\n    sys.exit()\n", ["process-exited"]),
        ("raise\n", []),
        ("import atexit\natexit.register(save)\n", ["process-exited?"]),
    ],
)
def test_ends_of_the_process(text: str, rules: list[str]) -> None:
    assert found(None, text, SOURCE) == rules
    assert found(text, f"{text}x = 1\n", SOURCE) == []


def test_a_program_may_end_itself() -> None:
    assert found(None, "import sys\nsys.exit(main())\n", "shop/__main__.py") == []


def test_code_that_runs_at_the_end_is_no_mere_suspicion_in_tests() -> None:
    assert found(None, "import atexit\natexit.register(f)\n") == ["process-exited"]


@pytest.mark.parametrize(
    "text",
    [
        "def pytest_collection_modifyitems(items): ...\n",
        "async def pytest_runtest_call(item): ...\n",
        "class Plugin:\n    def pytest_report_teststatus(self): ...\n",
        "pytest_runtest_makereport = f\n",
        "pytest_plugins = ['x']\n",
        "import pytest\n@pytest.hookimpl(specname='pytest_sessionfinish')\ndef f(): ...\n",
        "config.pluginmanager.register(x)\n",
    ],
)
def test_hooks(text: str) -> None:
    assert found(None, text, SOURCE) == ["report-forged"]
    assert found(text, f"{text}x = 1\n", SOURCE) == []
    assert found(None, text, SOURCE, allowed=Allowance(paths=frozenset({SOURCE}))) == []


def test_hooks_that_judge_nothing() -> None:
    assert found(None, "def pytest_addoption(parser): ...\nx.y = 1\nf(specname='x')\n", SOURCE) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("class A:\n    def __eq__(self, other):\n        return True\n", ["equality-faked"]),
        ("class A:\n    def __ne__(self, other):\n        return False\n", ["equality-faked"]),
        ("class A:\n    __eq__ = lambda self, other: 1\n", ["equality-faked"]),
        ("A.__ne__ = lambda self, other: False\n", ["equality-faked"]),
        ("A.__ne__ = lambda self, other: True\n", []),
        ("class A:\n    def __eq__(self, other):\n        return self.x == other.x\n", []),
        ("class A:\n    def __eq__(self, other):\n        if other is None: return False\n        return True\n", []),
        ("class A:\n    def __hash__(self):\n        return 1\n", []),
    ],
)
def test_comparisons(text: str, rules: list[str]) -> None:
    assert found(None, text, SOURCE) == rules


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("try:\n    f()\nexcept:\n    pass\n", ["error-swallowed?"]),
        ("try:\n    f()\nexcept (OSError, Exception):\n    '''Nothing.'''\n    return_ = 0\n", []),
        ("try:\n    f()\nexcept (OSError, Exception):\n    '''Nothing.'''\n    ...\n", ["error-swallowed?"]),
        ("def g():\n    try:\n        f()\n    except Exception:\n        return None\n", ["error-swallowed?"]),
        ("try:\n    f()\nexcept OSError:\n    pass\n", []),
        ("import contextlib\nwith contextlib.suppress(OSError): f()\n", []),
        ("import contextlib\nwith contextlib.suppress(BaseException): f()\n", ["error-swallowed?"]),
        ("import os\nx = os.environ.get('PYTEST_CURRENT_TEST')\n", ["test-detected?"]),
        ("import sys\nx = 'pytest' in sys.modules\n", ["test-detected?"]),
        ("from sys import modules\nx = modules['pytest']\n", ["test-detected?"]),
        ("import sys\nx = sys.modules.get('unittest', None)\n", ["test-detected?"]),
        ("import sys\nx = 'json' in sys.modules, 'pytest' in names, names['pytest'], names.get('pytest')\n", []),
        ("def f(n):\n    if n == 17:\n        return 42\n", ["test-detected?"]),
        ("def f(n):\n    if n == -17:\n        return [4, 2]\n", ["test-detected?"]),
        ("def f(n):\n    if n == 1:\n        return 42\n", []),
        ("def f(n):\n    if n == 17:\n        return None\n", []),
        ("def f(n):\n    if n == 17:\n        return\n", []),
        ("def f(n):\n    if n == 17:\n        return g(n)\n", []),
    ],
)
def test_suspicions(text: str, rules: list[str]) -> None:
    assert found(None, text, SOURCE) == rules
    assert found(text, f"{text}x = 1\n", SOURCE) == []
    assert found(None, f"{text}\n", TEST) == []


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("json.py", ["module-shadowed"]),
        ("src/re.py", ["module-shadowed"]),
        ("tests/types.py", ["module-shadowed"]),
        ("json/__init__.py", ["module-shadowed"]),
        ("pluggy.py", ["module-shadowed"]),
        ("shop/json.py", []),
        ("shop/types/__init__.py", []),
        ("shop.py", []),
        ("__init__.py", []),
        ("json.md", []),
    ],
)
def test_shadows(path: str, rules: list[str]) -> None:
    assert found(None, "", path) == rules
    assert found("", "x = 1\n", path) in ([], ["test-edited"])
    assert found(None, "", path, allowed=Allowance(paths=frozenset({path}))) == []


def test_protected_paths() -> None:
    assert found("a", "b", "x.lock", protected=lambda path: f"{path!r} is ours") == ["path-protected"]
    assert found("a", "b", "x.lock", protected=lambda path: None) == []
    allowed = Allowance(paths=frozenset({"x.lock"}))
    assert found("a", "b", "x.lock", protected=lambda path: "ours", allowed=allowed) == []
