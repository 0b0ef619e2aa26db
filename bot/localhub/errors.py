"""What the loopback GitHub answers when it cannot do as asked, and what goes wrong inside it.

`ApiError` is GitHub's own JSON error: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from collections.abc import Mapping, Sequence

from bot.model.errors import Final, NeedsHuman

DOCUMENTATION = "https://docs.github.com/rest"


class ApiError(Exception):
    """A request that is answered with an error; raised by an endpoint, turned into JSON by the dispatcher."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        """The JSON that GitHub sends with this error."""
        listed = {"errors": [dict(error) for error in self.errors]} if self.errors else {}
        return {
            "message": self.message,
            **listed,
            "documentation_url": DOCUMENTATION,
            "status": str(self.status),
        }


def not_found() -> ApiError:
    """Also the answer for what the caller may not see: GitHub does not tell the two apart."""
    return ApiError(404, "Not Found")


def moved(place: str, *, reading: bool) -> ApiError:
    """It is at `place` now: a read may follow, a write is not to be repeated there unasked.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
    """
    return ApiError(301 if reading else 307, "Moved Permanently", headers={"location": place})


def not_accessible() -> ApiError:
    """An installation token without the permission that the endpoint asks for."""
    return ApiError(403, "Resource not accessible by integration")


def invalid(resource: str, field: str, code: str, message: str | None = None) -> ApiError:
    """A body that parses but cannot be right."""
    said = {} if message is None else {"message": message}
    return ApiError(422, "Validation Failed", errors=[{"resource": resource, "field": field, "code": code, **said}])


class LocalhubError(Final):
    """The loopback GitHub was asked for something impossible by the program that set it up."""


class GitFailed(LocalhubError):
    """A git command did not end well."""

    def __init__(self, arguments: Sequence[str], code: int, stderr: str) -> None:
        said = stderr.strip().splitlines()
        last = said[-1] if said else ""
        command = " ".join(arguments[:3])
        super().__init__(f"git {command!r} ended with {code}: {last!r}; look at the repository of the loopback GitHub")
        self.code = code
        self.stderr = stderr


class SeedInvalid(NeedsHuman):
    """The file that describes what the server starts with cannot be used."""


class ActMissing(NeedsHuman):
    """Workflows cannot be run, because the program that does it is not there."""
