"""Receiving updates as requests from Telegram: only with the secret, and written down first."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from bot.telegram_inbox import Inbox, JSONObject
from bot.telegram_settings import Webhook

_LOGGER = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name, no secret
MAX_BODY_BYTES = 2_000_000

Receive = Callable[[JSONObject], Awaitable[None]]


class UpdateHandler(RequestHandler):
    """Takes one update a request."""

    SUPPORTED_METHODS = ("POST",)

    def initialize(self, secret: str, inbox: Inbox, receive: Receive) -> None:
        """Set what every request needs; tornado's own way to do it."""
        self._secret = secret
        self._inbox = inbox
        self._receive = receive

    async def post(self) -> None:
        """Check the secret, write the update down, and only then say that it has arrived."""
        given = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            _LOGGER.warning("event=webhook_without_secret")
            self.send_error(403)
            return
        try:
            raw: Any = json.loads(self.request.body)
        except ValueError:
            self.send_error(400)
            return
        for update in self._inbox.receive([raw]):
            await self._receive(update)
        self.set_status(200)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the status alone."""
        self.finish()

    def log_exception(self, *args: Any) -> None:
        """Log failures as everything else is logged, without the request's content."""
        _LOGGER.error("event=webhook_failed", exc_info=args)


def listen_for_updates(webhook: Webhook, inbox: Inbox, receive: Receive) -> HTTPServer:
    """Open the port and hand over each update that arrives.

    :raises OSError: if the port is taken.
    """
    options = {"secret": webhook.secret.reveal(), "inbox": inbox, "receive": receive}
    path = urlsplit(webhook.url).path or "/"
    application = Application([(path, UpdateHandler, options)], log_function=lambda _: None)
    server = HTTPServer(application, max_body_size=MAX_BODY_BYTES)
    server.listen(webhook.port, address=webhook.listen)
    return server
