"""Python source as a syntax tree, or nothing: what is read here may be half-written or made to end its reader.

A parser that gives up raises one of a few known errors (a NUL, a nesting that is too deep, a lone surrogate); all of
them mean the same here. The text is bounded, since parsing takes far more memory than the text itself.
"""

import ast
import warnings

SOURCE_CHARACTERS = 1_000_000


def parsed(text: str) -> ast.Module | None:
    """The tree of `text`; None where it does not parse or is too long. Raises nothing and warns of nothing."""
    if len(text) > SOURCE_CHARACTERS:
        return None
    with warnings.catch_warnings():
        # An invalid escape in somebody's source is not this program's to be warned of.
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return None
