"""The two candidates of the experiment, as messages: a line of advice as checklists have it, and a worked example.

The wording is reviewed like every remedy's: it was fixed before the samples that judge it are drawn, and nothing of a
reply goes into it. The example shows the form and nothing else.
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
        "careful-function-advice",
        "instruction",
        "Use exactly the name and the parameters that are given, import what is used, handle the empty input, return "
        "the result and do not print it.",
    ),
    Candidate(
        "worked-function-example",
        "example",
        "```python\ndef half(number):\n    return number / 2\n```",
        question="Write a Python function `half(number)`. Return half of a number.",
    ),
)
