"""What a checklist item of kind `check` can ask for besides a linter's rule: closed lists, shared by all who name them.

`bot/ci/gates` finds them, `protocols/schema.json` lists them, and a failure of the tool `check` has one as its rule.
"""

from typing import Final, Literal, get_args

CodePattern = Literal[
    "changed_while_iterated",
    "discarded_result",
    "float_equality",
    "missing_await",
    "mutable_default",
    "swallowed_exception",
    "top_level_assert",
    "top_level_print",
    "unbounded_recursion",
    "unfinished_function",
    "unreachable_code",
]
"""A shape of code that a change may not bring."""

RequiredTest = Literal["changed_function"]
"""`changed_function`: a public function that a change brings or alters is mentioned by some test."""

CODE_PATTERNS: Final[tuple[CodePattern, ...]] = get_args(CodePattern)
REQUIRED_TESTS: Final[tuple[RequiredTest, ...]] = get_args(RequiredTest)

CHECK_TOOL: Final = "check"
"""The tool that a failure of one of these names."""
