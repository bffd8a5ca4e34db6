"""Requests as they come over the wire, and what goes wrong with them there."""

from __future__ import annotations

import email
import email.policy
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol
from urllib.parse import parse_qsl

from tests.bot.double.rules import ApiError, JSONObject


@dataclass(slots=True)
class Fault:
    """Something that goes wrong with the next requests of a method.

    ``how``: an HTTP status; ``drop`` (not handled, no reply), ``lost receipt`` (handled, no reply),
    ``slow`` (handled after ``seconds``), ``garbage`` (a reply that is no JSON), ``call`` (runs
    ``action`` once the request is handled, before the reply).
    """

    method: str
    how: int | str
    times: int = 1
    seconds: float = 1.0
    before: int = 0
    action: Callable[[], None] | None = None


class Telegram(Protocol):
    """Who handles the requests."""

    token: str
    files: dict[str, bytes]

    def take_fault(self, method: str) -> Fault | None:
        """Return what goes wrong with the next request of a method."""

    def call(self, method: str, raw: dict[str, str]) -> Any:
        """Handle one request; see :meth:`tests.bot.double.server.BotApiDouble.call`."""


class Connection(BaseHTTPRequestHandler):
    """One connection."""

    telegram: Telegram
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write a reply: two would wait for each other's receipts
    disable_nagle_algorithm = True

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        prefix = f"/file/bot{self.telegram.token}/documents/"
        content = self.telegram.files.get(self.path.removeprefix(prefix))
        if not self.path.startswith(prefix) or content is None:
            self._reply(404, b"{}")
        else:
            self._reply(200, content)

    def do_POST(self) -> None:
        raw = self._read()
        if raw is None:  # the bot hung up half-way
            self.close_connection = True
            return
        token, _, method = self.path.removeprefix("/bot").partition("/")
        if token != self.telegram.token:
            self._refuse(ApiError(401, "Unauthorized"))
            return
        fault = self.telegram.take_fault(method)
        if fault is not None and self._fail_first(fault):
            return
        try:
            result = self.telegram.call(method, raw)
        except ApiError as error:
            self._refuse(error)
            return
        if fault is not None and fault.action is not None:
            fault.action()
        if fault is not None and fault.how == "lost receipt":
            self.close_connection = True
            return
        self._reply(200, json.dumps({"ok": True, "result": result}).encode())

    def _fail_first(self, fault: Fault) -> bool:
        """Do what goes wrong before the request is handled; return whether that was all."""
        if fault.how == "slow":
            time.sleep(fault.seconds)
        elif fault.how == "drop":
            self.close_connection = True
            return True
        elif fault.how == "garbage":
            self._reply(200, b"<html>not json</html>")
            return True
        elif fault.how == 429:
            after = max(1, int(fault.seconds))
            self._refuse(
                ApiError(429, f"Too Many Requests: retry after {after}", retry_after=after)
            )
            return True
        elif isinstance(fault.how, int):
            self._refuse(ApiError(fault.how, "Internal Server Error"))
            return True
        return False

    def _read(self) -> dict[str, str] | None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            return None
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/"):
            head = f"Content-Type: {kind}\r\n\r\n".encode()
            form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
            return {
                str(part.get_param("name", header="content-disposition")): str(part.get_content())
                for part in form.iter_parts()
            }
        if kind.startswith("application/json"):
            values = json.loads(body or b"{}")
            return {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def _refuse(self, error: ApiError) -> None:
        reply: JSONObject = {
            "ok": False,
            "error_code": error.code,
            "description": error.description,
        }
        if error.parameters:
            reply["parameters"] = error.parameters
        self._reply(error.code, json.dumps(reply).encode())

    def _reply(self, code: int, body: bytes) -> None:
        try:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # the bot has hung up
