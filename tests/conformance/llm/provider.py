"""A provider on loopback that speaks the wire formats of OpenAI and Anthropic as far as an answer goes."""

import json
import socket
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Canned:
    """One answer, as it goes over the wire."""

    body: Json | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    broken_off: bool = False
    """Close the connection in the middle of the body."""


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: Json


@dataclass
class Provider:
    """What it will answer, in order (the last one for ever), and what it was asked."""

    port: int
    answers: list[Canned] = field(default_factory=list[Canned])
    received: list[Received] = field(default_factory=list[Received])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Listening(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.provider = Provider(self.server_port)


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return

    def do_POST(self) -> None:
        assert isinstance(self.server, Listening)
        provider = self.server.provider
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        provider.received.append(Received(self.path, headers, body))
        answer = provider.answers.pop(0) if len(provider.answers) > 1 else provider.answers[0]
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) + (1000 if answer.broken_off else 0)))
        self.end_headers()
        self.wfile.write(content)
        if answer.broken_off:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)


def chat_completion(
    calls: list[tuple[str, str]],
    *,
    text: str | None = None,
    finish: str = "tool_calls",
    refusal: str | None = None,
    usage: Json | None = None,
) -> Canned:
    """https://platform.openai.com/docs/api-reference/chat/object"""
    tool_calls = [
        {"id": f"call_abc{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for n, (name, arguments) in enumerate(calls)
    ]
    message: Json = {"role": "assistant", "content": text, "refusal": refusal}
    if tool_calls:
        message["tool_calls"] = tool_calls
    body: Json = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1767323045,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
    }
    if usage != {}:
        body["usage"] = usage or {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    return Canned(body)


def message(
    calls: list[tuple[str, Json]], *, text: str = "", stop: str = "tool_use", usage: Json | None = None
) -> Canned:
    """https://docs.anthropic.com/en/api/messages"""
    content: list[Json] = [{"type": "text", "text": text}] if text else []
    content += [
        {"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": arguments}
        for n, (name, arguments) in enumerate(calls)
    ]
    return Canned(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-haiku-4-5-20251001",
            "content": content,
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": usage or {"input_tokens": 1000, "output_tokens": 100},
        }
    )


def openai_error(status: int, code: str | None, words: str, **headers: str) -> Canned:
    body: Json = {"error": {"message": words, "type": "error", "param": None, "code": code}}
    return Canned(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def anthropic_error(status: int, kind: str, words: str, **headers: str) -> Canned:
    body: Json = {"type": "error", "error": {"type": kind, "message": words}, "request_id": "req_1"}
    return Canned(body, status, {name.replace("_", "-"): value for name, value in headers.items()})
