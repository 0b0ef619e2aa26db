"""Level 1, before every push: what the Executor changed is parsed, in the sandbox."""

from bot.failures.failure import syntax_failure
from bot.jobs.context import Context
from bot.model.change import Overlay
from bot.model.command import Unqualified
from bot.model.environment import EnvironmentReady
from bot.model.failure import Failure
from bot.model.journal import Outcome, SyntaxChecked
from bot.model.phase import Inspecting
from bot.model.run import Run
from bot.sandbox import Sandbox
from bot.sandbox.checks import check_syntax as parse_files


async def check_syntax(run: Run, context: Context) -> Outcome:
    """The syntax errors of the changed Python files; none where no sandbox qualified, as the pull request will say."""
    assert isinstance(run.phase, Inspecting)
    if isinstance(context.sandbox, Unqualified):
        return SyntaxChecked(())
    return SyntaxChecked(await syntax_failures(context.sandbox, run.environment, run.phase.work.overlay))


async def syntax_failures(
    sandbox: Sandbox, environment: EnvironmentReady | None, overlay: Overlay
) -> tuple[Failure, ...]:
    """A failure for each Python file of `overlay` that the environment's own interpreter can't parse."""
    python = {path: text for path, text in overlay.items() if text is not None and path.endswith(".py")}
    files = {path: text.encode("utf-8", "surrogatepass") for path, text in python.items()}
    findings = await parse_files(sandbox, files, environment=environment)
    return tuple(syntax_failure(finding.path, finding.line, finding.message) for finding in findings)
