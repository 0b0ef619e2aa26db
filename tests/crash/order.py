"""What a test wants of one life of the bot: who it is, and where it dies. Crosses a pipe as one line of JSON."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

Moment = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class AtBoundary:
    """Die when this boundary of a step is reached; named as `Context.reached` names it, `3:Freeze:intended`."""

    boundary: str


@dataclass(frozen=True, slots=True)
class AtNewBoundary:
    """Die at the first boundary with this ending that no earlier life has reached."""

    ending: str = ""


@dataclass(frozen=True, slots=True)
class AtWrite:
    """Die before this write to GitHub is sent, or after its answer has come; they are counted from 1, tokens not."""

    number: int
    moment: Moment


Death = AtBoundary | AtNewBoundary | AtWrite
_KINDS: dict[str, type[Death]] = {kind.__name__: kind for kind in (AtBoundary, AtNewBoundary, AtWrite)}


@dataclass(frozen=True, slots=True)
class Order:
    """One life."""

    home: Path
    """State directory, the same in all lives."""
    github_api_url: str
    app_id: int
    private_key: str
    webhook_secret: str
    script: str
    """The model's replies, as JSON lines."""
    environments: Path
    death: Death | None = None
    """None: it lives until every run has ended."""
    database_url: str = ""
    poll_seconds: float = 1.0

    def encode(self) -> str:
        data: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        data |= {"home": str(self.home), "environments": str(self.environments)}
        if self.death is not None:
            data["death"] = {"kind": type(self.death).__name__, **asdict(self.death)}
        return json.dumps(data)

    @classmethod
    def decode(cls, line: str) -> "Order":
        data: dict[str, Any] = json.loads(line)
        data |= {"home": Path(data["home"]), "environments": Path(data["environments"])}
        if data["death"] is not None:
            kind = _KINDS[data["death"].pop("kind")]
            data["death"] = kind(**data["death"])
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Diary:
    """What the lives of one bot leave behind for the test; a line that was written survives SIGKILL."""

    home: Path

    @property
    def boundaries(self) -> tuple[str, ...]:
        """Every boundary that was reached, in order; also those that were reached again."""
        return self._lines("boundaries")

    @property
    def writes(self) -> tuple[str, ...]:
        """Every write that was about to be sent: `POST /repos/...`."""
        return self._lines("writes")

    @property
    def asks(self) -> tuple[str, ...]:
        """Every request that the model has answered: `thinker 0`."""
        return self._lines("asks")

    def note(self, kind: Literal["boundaries", "writes", "asks"], text: str) -> None:
        with (self.home / f"{kind}.diary").open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")

    def _lines(self, kind: str) -> tuple[str, ...]:
        path = self.home / f"{kind}.diary"
        return tuple(path.read_text("utf-8").splitlines()) if path.exists() else ()
