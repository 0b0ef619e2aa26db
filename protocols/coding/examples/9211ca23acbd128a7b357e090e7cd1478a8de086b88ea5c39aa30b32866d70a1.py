def add_tag(tag: str, tags: list[str] | None = None) -> list[str]:
    """A new list, with the tag at its end."""
    return [*(tags or []), tag]


def with_defaults(settings: dict[str, int] | None = None) -> dict[str, int]:
    return {"width": 80, "height": 25, **(settings or {})}
