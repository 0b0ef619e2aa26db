def longest(words: list[str]) -> str:
    """The longest word, the first of several; empty where there are none."""
    found = ""
    for word in words:
        if len(word) > len(found):
            found = word
    return found


def grade(points: int) -> str:
    """Every branch gives the result a value."""
    if points >= 90:
        result = "good"
    elif points >= 50:
        result = "fair"
    else:
        result = "poor"
    return result
