class UnknownProduct(KeyError):
    """No product has this number."""


def price_of(prices: dict[str, int], number: str) -> int:
    """The price in cents. Raises UnknownProduct."""
    if number not in prices:
        raise UnknownProduct(number)
    return prices[number]


def count_words(words: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts
