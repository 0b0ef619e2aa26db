"""What can go wrong at the sandbox's edge; how the command itself ended is never an error but a `Completed`."""

from bot.model.errors import Final, NeedsHuman, RmoError


class SandboxError(RmoError):
    """Anything the sandbox refused or could not do."""


class UnsafePath(SandboxError, Final):
    """A path to lay in, to collect or to mount leaves the place it belongs to."""


class FilesRefused(SandboxError, Final):
    """The archive or the files could not be laid into the work directory."""


class NotStarted(SandboxError, NeedsHuman):
    """The backend itself failed before the command ran."""

    def __init__(self, complaint: str, mend: str) -> None:
        super().__init__(f"{complaint}; {mend}")
        self.complaint = complaint
        self.mend = mend


class EnvironmentGone(SandboxError, Final):
    """Installed dependencies that a run counts on were removed."""


class MountUnusable(SandboxError, NeedsHuman):
    """The sandbox's user could not read what is to be mounted, or not write where it must."""
