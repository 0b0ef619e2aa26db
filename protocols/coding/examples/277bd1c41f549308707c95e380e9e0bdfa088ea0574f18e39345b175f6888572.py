from collections.abc import Iterable, Mapping


def index_by_length(words: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for word in words:
        found.setdefault(len(word), []).append(word)
    return found


def label(numbers: Mapping[str, int], name: str) -> str:
    """Text is made of a number before it is joined to text."""
    number = numbers.get(name)
    return name if number is None else name + " " + str(number)
