"""Timestamps as clients write them."""

import datetime as dt
import re

from dateutil.parser import parse

_UNPADDED = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{1,2}(:\d{1,2}([.,]\d+)?)? ?(Z|[+-]\d\d(:?\d\d)?)?", re.I)


def instant(text: str) -> dt.datetime:
    """The instant that `text` names, UTC where it says nothing else. Raises ValueError or OverflowError.

    One documented example is not zero-padded. Nothing else is guessed at: "10" or "Monday" is no instant.
    """
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        if not _UNPADDED.fullmatch(text):
            raise ValueError("it is no ISO 8601 instant such as 2026-03-01T12:30:00Z") from None
        found = parse(text)
    if found.tzinfo is dt.UTC:  # as nearly every client writes it
        return found
    return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
