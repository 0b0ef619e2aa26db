def quantity(text: str) -> int:
    """A whole number of at least 1. Raises ValueError that names the text."""
    cleaned = text.strip()
    if not cleaned.isdecimal() or int(cleaned) == 0:
        raise ValueError(f"{text!r} is no quantity: give a whole number of at least 1")
    return int(cleaned)


def key_and_value(line: str) -> tuple[str, str]:
    """Both sides of the first equals sign; an empty value where there is none."""
    key, _, value = line.partition("=")
    return key.strip(), value.strip()
