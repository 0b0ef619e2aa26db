from collections import Counter


def in_both(left: list[str], right: list[str]) -> list[str]:
    """Those of the left that the right has too, in the order of the left."""
    known = set(right)
    return [word for word in left if word in known]


def repeated(words: list[str]) -> list[str]:
    """Each word that occurs more than once, counted in one pass."""
    return [word for word, count in Counter(words).items() if count > 1]
