def mean(values: list[float]) -> float:
    """The mean; 0 where there are no values."""
    if not values:
        return 0.0
    return sum(values) / len(values)


def share(part: int, whole: int) -> float:
    """From 0 to 1; 0 of nothing is 0."""
    return part / whole if whole else 0.0
