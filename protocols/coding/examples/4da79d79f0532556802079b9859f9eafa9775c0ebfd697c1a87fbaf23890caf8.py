from collections.abc import Iterator


def depth(tree: list[object]) -> int:
    """How deeply lists are nested; an empty list has depth 1."""
    nested = [branch for branch in tree if isinstance(branch, list)]
    if not nested:
        return 1
    return 1 + max(depth(branch) for branch in nested)


def flatten(tree: list[object]) -> Iterator[object]:
    """The leaves in order; a stack of its own, so that no depth is too deep."""
    stack = [iter(tree)]
    while stack:
        for branch in stack[-1]:
            if isinstance(branch, list):
                stack.append(iter(branch))
                break
            yield branch
        else:
            stack.pop()
