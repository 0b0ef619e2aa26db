"""A real repository and a real git server on loopback: what the tests of this directory play the other side with."""

import os
import subprocess
from base64 import b64decode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TOKEN = "ghs_for-the-tests-alone"


@dataclass
class Workshop:
    """A work tree whose commits the tests make with plain git."""

    path: Path

    def git(self, *arguments: str, stdin: bytes | str = b"") -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _PERSON.items()},
        }
        done = subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=environment,
            check=True,
        )
        return done.stdout.decode().strip()

    def write(self, files: dict[str, str | bytes]) -> None:
        for name, content in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, files: dict[str, str | bytes], message: str = "work") -> str:
        self.write(files)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    @property
    def git_directory(self) -> Path:
        return self.path / ".git"


_PERSON = {"NAME": "A Person", "EMAIL": "person@example.test", "DATE": "2026-01-02T03:04:05Z"}


@dataclass
class GitServer:
    """`git http-backend` behind loopback HTTP; counts what was asked and with which authorization."""

    root: Path
    port: int
    authorizations: list[str | None] = field(default_factory=list[str | None])
    answers: dict[str, int] = field(default_factory=dict[str, int])
    """Path prefix -> status that is answered instead of git's own."""

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"


class Listening(ThreadingHTTPServer):
    """The socket, and what the tests know of it."""

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), Backend)
        self.described = GitServer(root, self.server_port)


class Backend(BaseHTTPRequestHandler):
    """The common gateway interface, as https://git-scm.com/docs/git-http-backend describes it."""

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        assert isinstance(self.server, Listening)
        server = self.server.described
        authorization = self.headers.get("Authorization")
        server.authorizations.append(authorization)
        path, _, query = self.path.partition("?")
        for prefix, status in server.answers.items():
            if path.startswith(prefix):
                self._refuse(status)
                return
        if authorization is None or b64decode(authorization.split()[-1]) != f"x-access-token:{TOKEN}".encode():
            self._refuse(401)
            return
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": "tests",
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().splitlines()]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self.send_response(status)
        for name, value in headers:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="tests"')
        self.send_header("Content-Length", "0")
        self.end_headers()
