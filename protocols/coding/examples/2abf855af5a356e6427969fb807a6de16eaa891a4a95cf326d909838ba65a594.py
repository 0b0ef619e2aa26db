def first_word(line: str) -> str:
    """Returned, not printed; empty for a line without words."""
    words = line.split()
    return words[0] if words else ""


def split_name(name: str) -> tuple[str, str]:
    """Both parts on every path, always in this order."""
    first, _, rest = name.strip().partition(" ")
    return first, rest.strip()
