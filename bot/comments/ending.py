"""How a run ends, in words, always with the next step that a person can take."""

from bot.comments.quoting import line
from bot.model.phase import StopReason

_LEAK = (
    "Nothing of it was pushed. Please see that no secret stands in the issue or the repository, replace one that does, "
    "and label the issue again."
)
NEXT_STEP: dict[StopReason, str] = {
    "completed": "Please review the pull request.",
    "unverified": "Please look at the draft: it may still be what you want.",
    "no_change": "If you think that something should change, say more in the issue and label it again.",
    "not_reproduced": "If the issue still shows for you, say in its text how, and label it again.",
    "already_done": "If something is still missing, say in the issue's text what, and label it again.",
    "cancelled": "Label the issue again, or comment `/rmo retry`, to start over.",
    "not_permitted": "Somebody with write access can label the issue.",
    "setup_failed": "Please mend the set-up or give `setup:` in `.github/fractal-rmo.yml`, then label it again.",
    "needs_answer": "Please answer in the issue's text and label it again.",
    "stuck": "The branch holds what was tried; a hint in the issue's text may help, then label it again.",
    "budget_steps": "Label the issue again to continue with a fresh budget, or split it.",
    "budget_attempts": "The branch holds what was tried; a hint in the issue's text may help, then label it again.",
    "budget_requests": "Label the issue again to continue with a fresh budget, or split it.",
    "budget_tokens": "Label the issue again to continue with a fresh budget, or split it.",
    "budget_money": "Comment `/rmo retry` for another run with a fresh budget, or split the issue.",
    "budget_time": "Label the issue again to continue with a fresh budget, or split it.",
    "checks_timed_out": "Please see why the checks did not finish, and label the issue again.",
    "checks_cancelled": "Label the issue again when the checks may run.",
    "branch_moved": "The branch is yours now; I will not touch it again. Label the issue again for a new one.",
    "edited": "Label the issue again, or comment `/rmo retry`, to begin with the text as it is now.",
    "duplicate": "Please review that pull request; if it should not count, close it and label the issue again.",
    "conflict": "Please merge the base branch into this one yourself, or comment `/rmo retry` to begin anew "
    "on top of it.",
    "too_large": "Please split the issue, or raise `most_files` or `most_lines` in `.github/fractal-rmo.yml`; "
    "then label it again.",
    "secret_found": _LEAK,
    "unsafe_checks": "Please keep what is named above from branches `rmo/**`, or accept secrets by name under "
    "`accept_ci_secrets` in `.github/fractal-rmo.yml`; then label the issue again.",
    "repository_moved": "If the work should go on where the repository is now, label the issue there again.",
    "refused": "Please change what is named above and label the issue again.",
    "needs_human": "Please see to what is named above and label the issue again.",
    "failed": "This is not your fault. Label the issue again to retry; if it happens twice, please tell the operator.",
}


def ending(reason: StopReason, detail: str) -> str:
    """What happened, and what the reader can do."""
    said = line(detail, 1_000)
    return f"{said[:1].upper()}{said[1:]}.\n\n**Next step:** {NEXT_STEP[reason]}"
