def pairs(values: list[int]) -> list[tuple[int, int]]:
    """Neighbours of a list: none for an empty list and for a single element."""
    return [(values[place], values[place + 1]) for place in range(len(values) - 1)]


def last(values: list[int], default: int) -> int:
    """The last element, or the default where there is none."""
    return values[-1] if values else default
