"""Log lines without secrets: whatever is written goes through here last, tracebacks included."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence

# Bot tokens, and the keys of the usual chat model services.
_ANY_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{30,}|\bsk-[A-Za-z0-9_-]{16,}")
_STARS = "********"


def redact(text: str, secrets: Sequence[str] = ()) -> str:
    """Return ``text`` with every secret, and everything shaped like a bot token, as stars."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, _STARS)
    return _ANY_TOKEN.sub(_STARS, text)


class RedactingFormatter(logging.Formatter):
    """One record, one line of ``key=value`` pairs; tracebacks follow on their own lines.

    :param secrets: strings that may never be written.
    """

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(
            "time=%(asctime)s level=%(levelname)s logger=%(name)s %(message)s",
            datefmt="%Y-%m-%dT%H:%M:%SZ",
        )
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished line, redacted last so that nothing slips in behind."""
        return redact(super().format(record), self._secrets)


def configure_logging(level: str, secrets: Sequence[str]) -> None:
    """Send all logs to stderr through one redacting handler.

    :param level: name of the least level that is written.
    :param secrets: strings that may never be written.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # httpx writes every request's address at INFO, and the address holds the token.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
