"""One item of the Segment protocol."""

import datetime as dt
import uuid
from random import Random

Item = dict[str, object]


def item(kind: str, at: dt.datetime, rng: Random, **fields: object) -> Item:
    """A call of this kind at `at`; the dice decide its message id, so that the same call has the same one."""
    message = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return {"type": kind, "messageId": message, "timestamp": at.isoformat(timespec="seconds"), **fields}
