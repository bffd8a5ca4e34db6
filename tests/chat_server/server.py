"""An OpenAI-compatible chat server that says whatever a test lets it say.

It speaks the wire protocol (``/v1/chat/completions``, streamed or not, tools, response formats) and
hands each request to a player, which reads the prompt as a model would and returns what to do.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PIECE = re.compile(
    r"^\[(e[0-9a-f]{8})\] [^\n]*:\n(.*?)(?=\n\n\[e[0-9a-f]{8}\] |\n\nSaid before:)",
    re.DOTALL | re.MULTILINE,
)
_QUESTION = re.compile(r"^(?:Last question|Question): (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """A request as a model sees it.

    :param body: the JSON of the request.
    """

    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return "\n\n".join(str(message["content"]) for message in self.body["messages"])

    @property
    def evidence(self) -> dict[str, str]:
        """key → text, as the prompt holds them."""
        return dict(_PIECE.findall(self.prompt))

    @property
    def question(self) -> str:
        return str(_QUESTION.findall(self.prompt)[-1])

    @property
    def form(self) -> str:
        if self.body.get("tools"):
            return "function_calling"
        kind = str((self.body.get("response_format") or {}).get("type"))
        return {"json_schema": "json_schema", "json_object": "json_mode"}.get(kind, "text")


@dataclass(frozen=True)
class Said:
    """What the server does.

    :param content: the reply's text, or the arguments of the tool call.
    :param status: an HTTP error instead, from 400 on.
    :param headers: with an error.
    :param finish_reason: as the protocol names it.
    :param delay: seconds before anything is sent.
    :param cut_after: bytes of the body after which the connection is closed.
    :param drip: seconds between two parts of a stream, or between bytes.
    :param usage: tokens read and written; None leaves them out.
    """

    content: str = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    finish_reason: str = "stop"
    delay: float = 0.0
    cut_after: int | None = None
    drip: float = 0.0
    usage: tuple[int, int] | None = (100, 20)


Player = Callable[[Asked], Said | str]


@dataclass
class ChatServer:
    """The running server.

    :param player: says what to reply; may be replaced between requests.
    :param asked: every request so far.
    """

    player: Player
    asked: list[Asked] = field(default_factory=list)
    url: str = ""


def says(*replies: Said | str) -> Player:
    """Return a player that says these in turn, the last one for ever."""
    left = list(replies)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


def as_json(*statements: tuple[str, Sequence[tuple[str, str]]]) -> str:
    """Return a draft as JSON: statements with (key, quote) pairs."""
    return json.dumps(
        {
            "answerable": bool(statements),
            "statements": [
                {"text": text, "quotes": [{"key": key, "quote": quote} for key, quote in quotes]}
                for text, quotes in statements
            ],
        },
        ensure_ascii=False,
    )


@contextmanager
def chat_server(player: Player) -> Iterator[ChatServer]:
    """Run a server on a free port of this machine."""
    state = ChatServer(player)

    class Handler(_Handler):
        server_state = state

    server = _Server(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are no errors here."""


class _Handler(BaseHTTPRequestHandler):
    server_state: ChatServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        asked = Asked(json.loads(raw))
        self.server_state.asked.append(asked)
        said = self.server_state.player(asked)
        said = Said(said) if isinstance(said, str) else said
        time.sleep(said.delay)
        try:
            if said.status >= 400:
                error = {"error": {"message": said.content, "type": "error", "code": said.content}}
                self._send(said.status, json.dumps(error).encode(), said)
            elif asked.body.get("stream"):
                self._stream(asked, said)
            else:
                self._send(200, json.dumps(_completion(asked, said)).encode(), said)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, status: int, body: bytes, said: Said) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in said.headers:
            self.send_header(name, value)
        self.end_headers()
        if said.cut_after is not None:
            self.wfile.write(body[: said.cut_after])
            self._hang_up()
        elif said.drip:
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
                time.sleep(said.drip)
        else:
            self.wfile.write(body)

    def _stream(self, asked: Asked, said: Said) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        sent = 0
        step = max(7, len(said.content) // 1000)
        for at in range(0, max(1, len(said.content)), step):
            if said.cut_after is not None and sent >= said.cut_after:
                return self._hang_up()
            piece = said.content[at : at + step]
            self._event({"role": "assistant", "content": piece}, None)
            sent += len(piece)
            if said.drip:
                time.sleep(said.drip)
        self._event({}, said.finish_reason)
        self.wfile.write(b"data: [DONE]\n\n")
        return None

    def _event(self, delta: dict[str, Any], finish_reason: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "played",
                 "choices": [choice]}  # fmt: skip
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()


def _completion(asked: Asked, said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.content}
    if asked.form == "function_calling":
        name = asked.body["tools"][0]["function"]["name"]
        call = {"id": "1", "type": "function",
                "function": {"name": name, "arguments": said.content}}  # fmt: skip
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    reply: dict[str, Any] = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "played",
        "choices": [{"index": 0, "message": message, "finish_reason": said.finish_reason}],
    }
    if said.usage is not None:
        read, written = said.usage
        reply["usage"] = {
            "prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written,
        }  # fmt: skip
    return reply
