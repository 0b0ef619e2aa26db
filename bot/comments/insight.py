"""Pull requests for an item that a person asked for: their word, held to the same rules and tried like any other."""

from bot.model.proposal import ProposedItem


def insight_title(item: ProposedItem) -> str:
    """What the pull request is for, in a line."""
    return f"Checklist: {item.kind} that a person asked for"


def insight_body(item: ProposedItem, path: str) -> str:
    """The text of a pull request for a person's item."""
    said = f"`{item.text}`" if item.kind == "check" else item.text
    return "\n\n".join(
        [
            f"**What happens:** `{item.id}` is added to `{path}`.",
            f"> {said}",
            f"**Why:** {item.reason}",
            "A person asked for it, so no failures stand behind it yet. It is tried like every other item: on old "
            "tasks first, then on part of the live ones, and it stays only if it shows that it helps.",
            f"**Way back:** `rmo protocols retire {item.id}`, or revert this.",
        ]
    )
