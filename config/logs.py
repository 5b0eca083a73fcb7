"""Lines of the log. What opens a door is left out of them, wherever a library puts it."""

import logging
import re

SECRETS = re.compile(
    r"(?P<before>/admin/link/[^/\s]+/)[^/\s?]+"  # a link that sets a password: its address is the secret
    r"|(?P<shared>/s/)[^/\s?]{20,}"  # a page for somebody at the customer
    r"|(?P<feed>/calendar/)[^/\s?]+"  # a calendar of one of us
    r"|(?P<key>\bhf_[0-9a-f]+_)\w{16,}"  # an API key
)


def without_secrets(text: str) -> str:
    """`text` with an ellipsis in place of each secret that it quotes."""
    return SECRETS.sub(lambda found: f"{found['before'] or found['shared'] or found['feed'] or found['key']}…", text)


class Line(logging.Formatter):
    """A line as the standard library writes it, traceback included, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))
