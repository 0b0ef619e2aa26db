"""Existing tests stay: what counts as the same test, what as an edit, and which kind of edit it is."""

import pytest

from bot.ci.tampering import Allowance
from tests.unit.ci.tampering.asking import TEST, details, found

BASE = '''\
"""Tests."""
import pytest
from shop import add
X = 3
Y: int = 4

@pytest.fixture
def three():
    return 3

class TestGroup:
    """A group."""
    limit = 1

    def test_in(self):
        assert add(1, 1) == 2

if X:
    def test_if():
        assert add(0, 0) == 0
else:
    def test_else():
        """Nothing."""

try:
    import fast
except ImportError:
    fast = None
else:
    ready = 1
finally:
    done = 1

async def test_add(three, *, other=1):
    """Adds."""
    assert add(1, 2) == three, "sum"
'''


def edited(old: str, new: str) -> list[str]:
    assert BASE.count(old) == 1, old
    return found(BASE, BASE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Adds."""', '"""Adds two numbers."""'),
        ("assert add(1, 1) == 2", "assert add(1,1)==2  # said so"),
        ("import pytest\n", "import pytest\nimport json\nfrom shop import sub\n"),
        ("X = 3\n", "X = 3\nZ = W = 5\nV: int = 1\nU: int\n"),
        (
            "class TestGroup",
            "def test_new():\n    pass\n\n@pytest.fixture(scope='session')\ndef new(): ...\n\nclass TestGroup",
        ),
        ("    limit = 1\n", "    limit = 1\n    other = 2\n    def test_more(self): ...\n"),
        ("class TestGroup", "class TestMore(TestGroup0): ...\n\nclass TestGroup"),
        ("@pytest.fixture\n", "@pytest.fixture(autouse=False)\ndef lazy(): ...\n\n@pytest.fixture\n"),
    ],
)
def test_what_may_be_done_beside_existing_tests(old: str, new: str) -> None:
    assert edited(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("        assert add(1, 1) == 2", "        pass", ["assertion-removed"]),
        ("assert add(1, 1) == 2", "assert add(1, 1)", ["assertion-weakened"]),
        ("assert add(1, 1) == 2", "assert add(1, 1) == 3", ["expectation-rewritten"]),
        ("assert add(1, 1) == 2", "add = print\n        assert add(1, 1) == 2", ["test-edited"]),
        ("    def test_in(self)", "    async def test_in(self)", ["test-edited"]),
        ("if X:", "if not X:", ["test-edited", "test-edited"]),
        ("    limit = 1\n", "    limit = 2\n", ["test-edited"]),
        ("    limit = 1\n", "    limit = 1\n    def setup_method(self): ...\n", ["test-edited"]),
        ("class TestGroup", "@pytest.fixture(autouse=True)\ndef quiet(): ...\n\nclass TestGroup", ["test-edited"]),
        ("class TestGroup", "@pytest.fixture\ndef other(): ...\n\nclass TestGroup", ["test-edited"]),
        ("class TestGroup", "@pytest.mark.usefixtures('x')\nclass TestGroup", ["test-edited"]),
        ("class TestGroup:", "class TestGroup(Quiet):", ["test-edited"]),
        ("    return 3", "    return add(1, 2)", ["test-edited"]),
        ("X = 3", "X = 0", ["test-edited"]),
        ("from shop import add", "from fake import add", ["test-edited"]),
        ("class TestGroup", "class add: ...\n\nclass TestGroup", ["test-edited"]),
        ("class TestGroup", "add.x = 1\n\nclass TestGroup", ["test-edited"]),
        ("class TestGroup", "del TestGroup\n\nclass TestGroup", ["test-edited"]),
        ("class TestGroup", "pytestmark = pytest.mark.usefixtures('x')\n\nclass TestGroup", ["test-edited"]),
        ('"sum"', '"the sum"', ["test-edited"]),
        ("    fast = None", "    pass", ["test-edited"]),
        ("def test_if", "def test_when", ["test-deleted"]),
        ("async def test_add", "async def test_sum", ["test-deleted"]),
        ("class TestGroup", "class TestBunch", ["test-deleted", "test-edited", "test-edited"]),
    ],
)
def test_edits(old: str, new: str, rules: list[str]) -> None:
    assert sorted(edited(old, new)) == sorted(rules)


def test_a_second_definition_hides_the_first() -> None:
    head = f"{BASE}\n\nasync def test_add(three, *, other=1): ...\n"
    assert "test-deleted" in found(BASE, head)
    assert "hidden by a second definition" in details(BASE, head)


def test_what_a_person_approved() -> None:
    without = BASE.replace("def test_if", "def test_when")
    assert found(BASE, without, allowed=Allowance(removed_tests=frozenset({f"{TEST}::test_if"}))) == []
    weaker = BASE.replace("assert add(1, 1) == 2", "assert True")
    assert found(BASE, weaker, allowed=Allowance(edited_tests=frozenset({f"{TEST}::TestGroup"}))) == []
    assert found(BASE, weaker, allowed=Allowance(edited_tests=frozenset({f"{TEST}::test_add"}))) != []
    assert found(BASE, None, allowed=Allowance(removed_tests=frozenset({TEST}))) == []
    assert found("x = 1\n", None, allowed=Allowance(edited_tests=frozenset({TEST}))) == []


def test_an_id_with_parameters_is_approved_as_a_whole_or_alone() -> None:
    allowed = Allowance(removed_tests=frozenset({"a.py::test_a", "b.py::test_b[1]"}))
    assert allowed.may_vanish("a.py::test_a[x::y]")
    assert allowed.may_vanish("b.py::test_b[1]")
    assert not allowed.may_vanish("b.py::test_b[2]")


@pytest.mark.parametrize(
    ("base", "rules"),
    [
        ("def test_a(): ...\n", ["test-deleted"]),
        ("def helper(): ...\n", ["test-edited"]),
        ("def (\n", ["test-deleted"]),
    ],
)
def test_a_file_of_tests_is_deleted(base: str, rules: list[str]) -> None:
    assert found(base, None) == rules


def test_files_of_no_tests_may_go() -> None:
    assert found("def add(): ...\n", None, "shop/add.py") == []


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        ("assert f() == 1", "assert f()"),
        ("assert f() == 1", "assert f() > 0"),
        ("assert f() == 1", "assert f() != 2"),
        ("assert f() == 1", "assert 1"),
        ("assert f() == 1", "assert f() == f()"),
        ("assert f() == 1", "assert f() == 1 or True"),
        ("assert f() == 1", "assert (f() == 1, 'x')"),
        ("assert f() == 1", "assert not False"),
        ("assert f() == 1", "assert isinstance(f(), object)"),
        ("assert f() == 1", "assert not f()"),
        ("assert f() == 1 and g()", "assert g() and h()"),
        ("with pytest.raises(KeyError, match='x'): f()", "with pytest.raises(KeyError): f()"),
        ("with pytest.raises(KeyError): f()", "with pytest.raises((KeyError, OSError)): f()"),
        ("with pytest.raises(KeyError): f()", "with pytest.raises((KeyError, Exception)): f()"),
        ("with pytest.raises(KeyError): f()", "with pytest.raises(): f()"),
        ("self.assertEqual(f(), 1)", "self.assertTrue(f())"),
        ("self.assertEqual(f(), 1)", "self.assertEqual(1, 1)"),
        ("self.assertEqual(f(), 1)", "self.assertIn(f(), [1])"),
        ("self.assertTrue(f())", "self.assertTrue(True)"),
        ("self.assertRaisesRegex(KeyError, 'x', f)", "self.assertRaises(Exception, f)"),
        ("thing.assert_called_once_with(1)", "self.assertIsNotNone(thing)"),
    ],
)
def test_order_of_assertions(stronger: str, weaker: str) -> None:
    before, after = (f"import pytest\n\n\ndef test_a(self):\n    {line}\n" for line in (stronger, weaker))
    assert found(before, after) == ["assertion-weakened"]
    assert found(after, before) == ["expectation-rewritten"]


def test_what_asserts_nothing_is_no_assertion() -> None:
    base = "def test_a():\n    assert f() == 1\n    print(1)\n    assert_never(x)\n"
    assert found(base, base.replace("print(1)", "print(2)")) == ["test-edited"]
    assert found(base, base.replace("assert_never(x)", "assert_never(y)")) == ["test-edited"]
    assert found("def test_a():\n    self.assertTrue('x')\n", "def test_a():\n    self.assertTrue('y')\n") == [
        "expectation-rewritten"
    ]


def test_recorded_results() -> None:
    path = "tests/data/answer.json"
    assert found(None, "{}", path) == []
    assert found("{}", "[]", path) == ["expectation-rewritten"]
    assert found("{}", "[]", path, allowed=Allowance(paths=frozenset({path}))) == []
    assert found("a", "b", "tests/README.md") == []
    assert found("a", "b", "docs/shot.SNAP") == ["expectation-rewritten"]
