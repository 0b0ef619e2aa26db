"""The agents' answers as they come over the wire: the JSON Schemas that models and scripts have to keep to.

Unknown keys are refused: an answer that says more than was asked for was not written for us.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Line = Annotated[str, Field(max_length=500)]
Text = Annotated[str, Field(max_length=20_000)]
Path = Annotated[str, Field(min_length=1, max_length=1_000)]
FileText = Annotated[str, Field(max_length=1_000_000)]


class Wire(BaseModel):
    """Strict about keys; strings stay strings."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PlanItem(Wire):
    action: Annotated[str, Field(description="Id of an action item of the taxonomy", max_length=100)]
    title: Annotated[str, Field(description="Imperative, at most 72 characters", min_length=1, max_length=200)]
    instructions: Annotated[str, Field(description="What exactly is to be done", min_length=1, max_length=20_000)]
    inputs: Annotated[list[Line], Field(max_length=50)] = []
    expected_files: Annotated[list[Path], Field(description="Paths that this item changes", max_length=50)] = []
    postconditions: Annotated[list[Line], Field(description="What a machine can check afterwards", max_length=50)] = []
    limitations: Annotated[
        list[Line], Field(description="Limitations of language models that may bite here", max_length=20)
    ] = []
    children: Annotated[
        list["PlanItem"], Field(description="Parts of this item; an item with parts is carried out part by part")
    ] = []


class PlanReply(Wire):
    """The Thinker's answer: a tree of action items in the order in which they are to be carried out."""

    summary: Annotated[str, Field(description="What will be done and why, in a few sentences", max_length=4_000)]
    items: Annotated[list[PlanItem], Field(max_length=30)]
    questions: Annotated[
        list[Line], Field(description="Only what a human must answer before any work can start", max_length=10)
    ] = []


class PostconditionReply(Wire):
    item: Annotated[str, Field(max_length=20)]
    text: Line


class DecisionReply(Wire):
    """The Processor's answer."""

    note: Annotated[str, Field(description="The decision in one or two sentences", max_length=2_000)]
    order: Annotated[list[str], Field(description="Keys of pending items that come first", max_length=50)] = []
    drop: Annotated[list[str], Field(description="Keys of pending items to leave out", max_length=50)] = []
    postconditions: Annotated[list[PostconditionReply], Field(max_length=50)] = []
    retry: Annotated[str | None, Field(description="After failed checks: key of the finished item to try again")] = None
    question: Annotated[str, Field(description="A question that only a human can answer", max_length=2_000)] = ""


class ListCall(Wire):
    """Paths of the files that match a glob pattern, such as `src/**/*.py`."""

    tool: Literal["list"]
    pattern: Annotated[str, Field(max_length=500)] = "**"


class SearchCall(Wire):
    """Lines that contain a text, with path and line number."""

    tool: Literal["search"]
    text: Annotated[str, Field(min_length=1, max_length=500)]
    pattern: Annotated[str, Field(description="Glob of the paths to look in", max_length=500)] = ""


class ReadCall(Wire):
    """A file, or some of its lines, with line numbers."""

    tool: Literal["read"]
    path: Path
    first_line: Annotated[int, Field(ge=1)] = 1
    last_line: Annotated[int | None, Field(ge=1)] = None


class EditCall(Wire):
    """Change one file: `old` (which must occur exactly once) becomes `new`; or create, delete or rename it."""

    tool: Literal["edit"]
    path: Path
    old: FileText | None = None
    new: FileText | None = None
    create: Annotated[FileText | None, Field(description="Whole text of a new file")] = None
    delete: bool = False
    rename: Annotated[Path | None, Field(description="New path of the file")] = None


class CheckCall(Wire):
    """Run deterministic checks on what was changed: 1 syntax, 2 lint and security, 3 tests."""

    tool: Literal["check"]
    level: Annotated[int, Field(ge=1, le=3)]
    tests: Annotated[list[Line], Field(description="Test ids or files; empty for all", max_length=50)] = []


class DoneCall(Wire):
    """End the item: with a summary of the change, because there is nothing to do, or because it is blocked."""

    tool: Literal["done"]
    summary: Text | None = None
    nothing_to_do: Text | None = None
    blocked: Text | None = None


AnyCall = Annotated[
    ListCall | SearchCall | ReadCall | EditCall | CheckCall | DoneCall,
    Field(discriminator="tool"),
]


class ExecutorReply(Wire):
    """The Executor's answer: one or more tool calls, carried out in order."""

    calls: Annotated[list[AnyCall], Field(min_length=1, max_length=20)]
