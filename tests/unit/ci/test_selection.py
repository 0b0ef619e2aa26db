"""Which tests a change selects: by what they import, by name, by place; never an error, whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ci.selection import MOST_TESTS, is_inert, is_test_module, select_tests

SHOP = {
    "src/shop/__init__.py": "",
    "src/shop/cart.py": "from shop.prices import price\nfrom . import log\n",
    "src/shop/prices.py": "from .rates import RATE\n",
    "src/shop/rates.py": "RATE = 1\n",
    "src/shop/log.py": "",
    "src/shop/pay/__init__.py": "from ..rates import RATE\n",
    "src/shop/pay/card.py": "from . import RATE\n",
    "tests/conftest.py": "",
    "tests/helpers.py": "import shop.log\n",
    "tests/test_cart.py": "from shop.cart import total\n",
    "tests/test_pay.py": "import shop.pay.card as card\n",
    "tests/test_print.py": "import helpers\n",
    "tests/test_mocked.py": "import sys\n\nNAME = 'shop.rates.RATE'\n",
    "tests/deep/conftest.py": "",
    "tests/deep/test_rates.py": "",
    "tests/deep/other_test.py": "import os\n",
}


@pytest.mark.parametrize(
    ("changed", "selected"),
    [
        ("src/shop/cart.py", ["tests/test_cart.py"]),
        ("src/shop/log.py", ["tests/test_cart.py", "tests/test_print.py"]),
        (
            "src/shop/rates.py",
            ["tests/deep/test_rates.py", "tests/test_cart.py", "tests/test_mocked.py", "tests/test_pay.py"],
        ),
        ("src/shop/pay/__init__.py", ["tests/test_pay.py"]),
        (
            "src/shop/__init__.py",
            ["tests/test_cart.py", "tests/test_mocked.py", "tests/test_pay.py", "tests/test_print.py"],
        ),
        ("tests/test_cart.py", ["tests/test_cart.py"]),
        ("tests/helpers.py", ["tests/test_print.py"]),
        ("tests/deep/conftest.py", ["tests/deep/other_test.py", "tests/deep/test_rates.py"]),
        ("src/shop/gone.py", []),
        ("README.md", []),
    ],
)
def test_what_touches_a_change_is_selected(changed: str, selected: list[str]) -> None:
    assert list(select_tests(SHOP, [changed])) == selected


def test_a_conftest_at_the_root_touches_every_test() -> None:
    every = [path for path in SHOP if is_test_module(path)]

    assert select_tests({**SHOP, "conftest.py": ""}, ["conftest.py"]) == tuple(sorted(every))


def test_a_deleted_module_selects_those_that_still_import_it() -> None:
    files = {path: text for path, text in SHOP.items() if path != "src/shop/cart.py"}

    assert select_tests(files, ["src/shop/cart.py"]) == ("tests/test_cart.py",)


def test_a_file_that_is_no_python_may_be_anybodys_input() -> None:
    every = [path for path in SHOP if is_test_module(path)]

    assert select_tests(SHOP, ["src/shop/rates.toml"]) == tuple(sorted(every))
    assert select_tests(SHOP, ["tests/README.md"]) == tuple(sorted(every))


def test_the_nearest_are_kept_where_there_are_too_many() -> None:
    many = {f"tests/test_{number:04}.py": "" for number in range(MOST_TESTS + 5)}
    near = {"code.py": "", "tests/test_zzz.py": "import code_of\n", "code_of.py": "import code\n"}

    selected = select_tests({**many, **near}, ["code.py", "pyproject.toml"])

    assert len(selected) == MOST_TESTS
    assert "tests/test_zzz.py" in selected


def test_names_are_found_from_every_usual_root() -> None:
    """The tree's own root, `src`, the nearest directory without an `__init__.py`, and relative to the importer."""
    files = {
        "app/__init__.py": "",
        "app/tool.py": "",
        "services/one/core/__init__.py": "",
        "services/one/core/work.py": "",
        "tests/test_root.py": "from app.tool import run\nfrom .missing import x\n",
        "tests/test_nested.py": "from core.work import do\n",
        "tests/test_whole.py": "import services.one.core.work\n",
        "tests/pack/__init__.py": "",
        "tests/pack/near.py": "from ..far import x\nfrom ....beyond import y\n",
        "tests/far.py": "",
        "tests/pack/test_near.py": "from .near import x\nfrom . import near\n",
    }

    assert select_tests(files, ["app/tool.py"]) == ("tests/test_root.py",)
    assert select_tests(files, ["services/one/core/work.py"]) == ("tests/test_nested.py", "tests/test_whole.py")
    assert select_tests(files, ["tests/far.py"]) == ("tests/pack/test_near.py",)


def test_a_star_and_a_name_in_a_package_lead_to_its_init() -> None:
    files = {"pkg/__init__.py": "", "test_star.py": "from pkg import *\n", "sub/test_up.py": "from .. import pkg\n"}

    assert select_tests(files, ["pkg/__init__.py"]) == ("sub/test_up.py", "test_star.py")


@pytest.mark.parametrize("text", ["def f(:\n", "x = '\0'\n", "-" * 100_000 + "1", "x" * 1_000_001, "'\\d'\n", "\ud800"])
def test_text_that_does_not_parse_selects_by_name_alone(text: str) -> None:
    assert select_tests({"a.py": text, "test_a.py": text, "test_b.py": text}, ["a.py"]) == ("test_a.py",)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=60), max_size=6), st.lists(st.text(max_size=12)))
def test_no_input_raises(files: dict[str, str], changed: list[str]) -> None:
    selected = select_tests({f"{path}.py": text for path, text in files.items()}, changed)

    assert set(selected) <= {f"{path}.py" for path in files}


def test_which_files_hold_tests_and_which_matter_to_none() -> None:
    assert [
        is_test_module(path) for path in ("a/test_x.py", "x_test.py", "shop/tests.py", "testing.py", "test_x.md")
    ] == [
        True,
        True,
        True,
        False,
        False,
    ]
    inert = (
        "README.md",
        "LICENSE",
        "LICENSE.txt",
        ".gitignore",
        "docs/index.html",
        ".github/workflows/ci.yml",
        "a.pyi",
    )
    assert all(is_inert(path) for path in inert)
    assert not any(is_inert(path) for path in ("pyproject.toml", "tests/data.md", "docs/conf.py", "data.json"))
