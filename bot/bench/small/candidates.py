"""The two candidates of the experiment, as messages: a line of advice, and a worked example.

Both say the same thing, each in its own way. The wording is reviewed like every remedy's: it was fixed before the
samples that judge it are drawn, and nothing of a reply goes into it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.bench.small.sampling import Message
from bot.model.protocol import ItemKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item on trial."""

    id: str
    kind: ItemKind
    text: str
    question: str = ""
    """What an example answers; empty for an instruction."""

    def asked(self, question: str) -> tuple[Message, ...]:
        """What the treated arm is sent."""
        if self.kind == "instruction":
            return ({"role": "user", "content": f"{question}\n\nChecklist:\n1. {self.text}"},)
        return (
            {"role": "user", "content": self.question},
            {"role": "assistant", "content": self.text},
            *plain(question),
        )


def plain(question: str) -> tuple[Message, ...]:
    """What the control arm is sent."""
    return ({"role": "user", "content": question},)


CANDIDATES: Final[Sequence[Candidate]] = (
    Candidate(
        "reply-form-advice",
        "instruction",
        "Reply with the code of the function alone: no explanation before it, no print and no assert outside of it.",
    ),
    Candidate(
        "reply-form-example",
        "example",
        "```python\ndef double(number):\n    return number * 2\n```",
        question="Write a Python function `double(number)`.\nReturn twice the number.",
    ),
)
