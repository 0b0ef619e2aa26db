"""Workflows of the repositories that the scenarios play in."""

STEPS = """\
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.x"
      - run: python -m pytest --junitxml=reports/junit.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: reports
          path: reports
"""
ON_PULL_REQUEST = f"""\
name: CI
on: pull_request
permissions:
  contents: read
concurrency:
  group: ${{{{ github.head_ref }}}}
  cancel-in-progress: true
jobs:
  test:
{STEPS}"""
ON_PUSH = f"""\
name: CI
on: push
jobs:
  test:
{STEPS}"""
NOT_ON_DRAFTS = f"""\
name: CI
on:
  pull_request:
    types: [opened, synchronize, reopened, ready_for_review]
jobs:
  test:
    if: github.event.pull_request.draft == false
{STEPS}"""
PATH = ".github/workflows/ci.yml"

CONFIG = ".github/fractal-rmo.yml"
CI_FINDS_IT = {CONFIG: "levels_before_push: 1\n"}
"""For stories in which CI, and not the sandbox before the push, is to refuse a try."""
GREEN_IS_ENOUGH = {CONFIG: "red_before_green: false\n"}
"""For stories that are not about proofs, of repositories without tests."""
