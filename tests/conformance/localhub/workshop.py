"""A small project with a workflow: what the tests of Actions run."""

BACKEND = """\
import pathlib
import zipfile

NAME = "shop-1.0-py3-none-any.whl"


def get_requires_for_build_editable(config_settings=None):
    return []


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    here = pathlib.Path.cwd() / "src"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / NAME, "w") as wheel:
        wheel.writestr("shop.pth", str(here))
        wheel.writestr("shop-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\n")
        wheel.writestr("shop-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("shop-1.0.dist-info/RECORD", "")
    return NAME


build_wheel = build_editable
"""
PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "shop"
version = "1.0"
"""
WORKFLOW = """\
name: CI
on: [push]
jobs:
  test:
    name: Tests
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        python: ["3.x", "3.2"]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@0a5c61591373683505ea898e09a3ea4f39ef2b9c
        with:
          python-version: ${{ matrix.python }}
      - run: python -m pip install --upgrade pip && pip install pytest && pip install -e .
      - name: pytest
        run: |
          echo "## Tested" >> "$GITHUB_STEP_SUMMARY"
          echo "::warning file=$PWD/src/shop/__init__.py,line=1,title=Style::no docstring"
          git log -1 --format=subject:%s
          pytest -p no:cacheprovider --junitxml reports/junit.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: reports-${{ matrix.python }}
          path: reports/
  publish:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - run: echo never
  coverage:
    runs-on: ubuntu-latest
    steps:
      - uses: codecov/codecov-action@v4
  elsewhere:
    runs-on: windows-latest
    steps:
      - run: echo never
"""
GREEN_WORKFLOW = """\
name: Green
on: pull_request
jobs:
  offline:
    runs-on: ubuntu-latest
    if: github.event.pull_request.draft
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/validate
      - run: test "$GITHUB_REF" = refs/pull/1/merge && test "$GITHUB_REPOSITORY" = acme/shop && test -z "$GITHUB_TOKEN"
      - run: test -z "$(env | grep -i secret)" && test ! -e /root/.ssh && ! (exec 3<>/dev/tcp/10.255.255.1/80)
"""
COMPOSITE = """\
name: validate
description: The project's own checks.
runs:
  using: composite
  steps:
    - uses: actions/setup-python@v5
      with:
        python-version: ">=3.10"
    - shell: bash
      run: ruff check --isolated src
"""
FILES = {
    ".github/workflows/ci.yml": WORKFLOW,
    ".github/workflows/green.yml": GREEN_WORKFLOW,
    ".github/actions/validate/action.yml": COMPOSITE,
    "backend.py": BACKEND,
    "pyproject.toml": PYPROJECT,
    "src/shop/__init__.py": "def total(prices):\n    return sum(prices)\n",
    "tests/test_shop.py": "from shop import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
}
