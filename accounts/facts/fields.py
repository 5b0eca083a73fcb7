"""JSON that anybody may have written into the database, and that must not stop those who read a thousand rows."""

import json
from typing import Any

from django.db import models


class Unreadable(dict[str, Any]):
    """JSON that could not be read whole: it holds what could, and nothing may be written over what is stored."""


class LenientJSONField(models.JSONField):
    """Reads what it can: a number with thousands of digits as null, what is nested far too deep as nothing."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        try:
            return super().from_db_value(value, expression, connection)
        except (ValueError, RecursionError):
            return _read(value)


def _read(text: str) -> Any:
    try:
        found = json.loads(text, parse_int=_whole)
    except (ValueError, RecursionError):
        return Unreadable()
    return Unreadable(found) if isinstance(found, dict) else found


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:  # Python refuses to read integers of many thousand digits
        return None
